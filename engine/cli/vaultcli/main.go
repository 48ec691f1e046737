// Package vaultcli is the command ansible-vault: it encrypts, decrypts, shows,
// edits and rekeys files, and encrypts single values.
//
// It imports vault and tool. A file is replaced in one step, so an interrupted
// command leaves the old or the new one; clear text is kept in private
// temporary files that are overwritten before they go.
package vaultcli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/goplay-engine/goplay/engine/cli/tool"
	"github.com/goplay-engine/goplay/engine/vault"
)

const actions = "create,decrypt,edit,view,encrypt,encrypt_string,rekey"

type command struct {
	*tool.Tool
	action                  string
	output, encryptID       string
	newID, newFile          string
	prompt, show, skipTTY   bool
	stdinName               string
	names                   []string
	secrets                 *vault.Secrets
	key                     vault.Secret // to encrypt with
	stdinDone               bool
	stdoutIsTTY, stdinIsTTY bool
	emptyText               string // why there is nothing to encrypt
	in                      *bufio.Reader
}

// Main runs the command and returns the exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, prog string) int {
	usage := "[-h] [--version] [-v] {" + actions + "} ..."
	c := &command{Tool: tool.New(prog, usage, "Encrypt and decrypt files and values: "+strings.ReplaceAll(actions, ",", ", ")+".", stdin, stdout, stderr)}
	c.stdoutIsTTY, c.stdinIsTTY = isTTY(stdout), isTTY(stdin)
	rest := args
	for i, a := range args {
		if !strings.HasPrefix(a, "-") {
			c.action = a
			rest = append(append([]string{}, args[:i]...), args[i+1:]...)
			break
		}
	}
	c.VaultFlags()
	c.Flags.StringVar(&c.output, "output", "", "write the result to this file; - is standard output")
	c.Flags.StringVar(&c.encryptID, "encrypt-vault-id", "", "the vault id to encrypt with, where several are given")
	switch c.action {
	case "rekey":
		c.Flags.StringVar(&c.newID, "new-vault-id", "", "the vault identity to encrypt with from now on")
		c.Flags.StringVar(&c.newFile, "new-vault-password-file", "", "the file with the new password")
	case "encrypt_string":
		c.Flags.BoolVarP(&c.prompt, "prompt", "p", false, "ask for the text to encrypt")
		c.Flags.BoolVar(&c.show, "show-input", false, "echo what is typed at the prompt")
		c.Flags.StringArrayVarP(&c.names, "name", "n", nil, "the variable's name; one for each text")
		c.Flags.StringVar(&c.stdinName, "stdin-name", "", "the name of the variable whose text is read from standard input")
	case "create":
		c.Flags.BoolVar(&c.skipTTY, "skip-tty-check", false, "open the editor where there is no terminal, too")
	}
	if done, code := c.Parse(rest); done {
		return code
	}
	return c.run()
}

func isTTY(f any) bool {
	file, ok := f.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func (c *command) run() int {
	files := c.Flags.Args()
	switch {
	case c.action == "":
		return c.BadUsage("the following arguments are required: action")
	case !strings.Contains(","+actions+",", ","+c.action+","):
		return c.BadUsage(fmt.Sprintf("argument action: invalid choice: '%s' (choose from '%s')", c.action, strings.ReplaceAll(actions, ",", "', '")))
	case c.output != "" && (c.action == "create" || c.action == "edit" || c.action == "view" || c.action == "rekey"):
		return c.BadUsage("unrecognized arguments: --output")
	case c.output != "" && len(files) > 1:
		return c.Misused("At most one input file may be used with the --output option")
	}
	if len(files) == 0 {
		files = []string{"-"}
	}
	code, err := c.prepare()
	if err != nil {
		if code == 5 {
			return c.Misused(err.Error())
		}
		return c.Fail(err, code)
	}
	defer wipe(c.key.Password)
	switch c.action {
	case "create":
		err = c.create(c.Flags.Args())
	case "encrypt_string":
		return c.encryptString(c.Flags.Args())
	default:
		if c.action == "rekey" && c.Flags.NArg() == 0 {
			return c.BadUsage("the following arguments are required: file_name")
		}
		do := map[string]func(string) error{"encrypt": c.encrypt, "decrypt": c.decrypt, "view": c.view, "edit": c.edit, "rekey": c.rekey}[c.action]
		for _, f := range files {
			if err = do(f); err != nil {
				break
			}
		}
	}
	if err != nil {
		return c.Fail(err, 1)
	}
	c.done()
	return 0
}

// done says that the work succeeded, where a person is looking.
func (c *command) done() {
	switch {
	case c.action == "rekey":
		c.Screen.PrintErr("Rekey successful", "")
	case c.action == "encrypt" && c.stdoutIsTTY:
		c.Screen.PrintErr("Encryption successful", "")
	case c.action == "decrypt" && c.stdoutIsTTY:
		c.Screen.PrintErr("Decryption successful", "")
	}
}

// prepare finds the passwords, and the one to encrypt with.
func (c *command) prepare() (code int, err error) {
	req := c.Request()
	writes := c.action == "encrypt" || c.action == "encrypt_string" || c.action == "create"
	req.New = writes
	if len(req.IDs) == 0 && len(req.PasswordFiles) == 0 {
		req.Ask = true
	}
	ids := knownIDs(req)
	want := c.encryptID
	if want == "" {
		want = c.Config.VaultEncryptIdentity()
	}
	if writes && len(ids) > 1 && want == "" {
		return 5, fmt.Errorf("The vault-ids %s are available to encrypt. Specify the vault-id to encrypt with --encrypt-vault-id", strings.Join(ids, ","))
	}
	if c.secrets, err = req.Load(c.Warn); err != nil {
		return 1, err
	}
	if c.secrets.Empty() {
		return 1, fmt.Errorf("A vault password is required to use Ansible's Vault")
	}
	c.secrets.IDMatch = c.Config.VaultIDMatch()
	if writes {
		if c.key, err = pick(c.secrets, want); err != nil {
			return 1, err
		}
	}
	if c.action == "rekey" {
		err = c.newKey(want)
	}
	return 1, err
}

// knownIDs are the vault ids that the request names, each once.
func knownIDs(r vault.Request) []string {
	var out []string
	add := func(id string) {
		for _, e := range out {
			if e == id {
				return
			}
		}
		out = append(out, id)
	}
	for _, s := range r.IDs {
		id, _ := vault.SplitID(s, r.DefaultID)
		add(id)
	}
	for range r.PasswordFiles {
		add(r.DefaultID)
	}
	return out
}

func pick(s *vault.Secrets, id string) (vault.Secret, error) {
	if id == "" {
		return s.List()[0], nil
	}
	if sec, ok := s.ByID(id); ok {
		return sec, nil
	}
	var known []string
	for _, sec := range s.List() {
		known = append(known, "'"+sec.ID+"'")
	}
	return vault.Secret{}, fmt.Errorf("Did not find a match for --encrypt-vault-id=%s in the known vault-ids [%s]", id, strings.Join(known, ", "))
}

// newKey finds the password a rekeyed file gets.
func (c *command) newKey(want string) error {
	req := c.Request()
	req.IDs, req.PasswordFiles, req.Ask, req.New = nil, nil, false, true
	switch {
	case c.newID != "":
		req.IDs = []string{c.newID}
	case c.newFile != "":
		req.PasswordFiles = []string{c.newFile}
	default:
		req.Ask = true
	}
	s, err := req.Load(c.Warn)
	if err != nil {
		return err
	}
	if s.Empty() {
		return fmt.Errorf("A new vault password is required to use Ansible's Vault rekey")
	}
	if _, ok := s.ByID(want); !ok {
		want = ""
	}
	c.key, err = pick(s, want)
	return err
}
