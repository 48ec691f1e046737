// Package tool has what the commands that show and change files share
// (inventory, config, vault, doc): their flags, in argparse's habits, and how
// they report.
//
// It imports engine, config, report and vault; it runs no plays.
package tool

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/goplay-engine/goplay/engine"
	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/load"
	"github.com/goplay-engine/goplay/engine/report"
	"github.com/goplay-engine/goplay/engine/vault"
)

// Version is the release of ansible-core whose behaviour is followed.
const Version = engine.AnsibleVersion

// Tool is one command that is running.
type Tool struct {
	Prog   string // as called: "ansible-vault" or "goplay vault"
	Usage  string // what follows the flags in the usage line
	About  string // one sentence for --help
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Flags  *pflag.FlagSet
	Config *config.Config
	Screen *report.Screen

	VaultIDs, VaultFiles []string
	AskVault             bool
	verbosity            int
}

// New returns a tool with the flags every command has.
func New(prog, usage, about string, stdin io.Reader, stdout, stderr io.Writer) *Tool {
	t := &Tool{Prog: prog, Usage: usage, About: about, Stdin: stdin, Stdout: stdout, Stderr: stderr, Flags: pflag.NewFlagSet(prog, pflag.ContinueOnError)}
	t.Flags.SetOutput(io.Discard)
	t.Flags.Usage = func() {}
	t.Flags.CountVarP(&t.verbosity, "verbose", "v", "print more about what is done; may be repeated")
	t.Flags.Bool("version", false, "show the version and where configuration is read from, then exit")
	t.Flags.BoolP("help", "h", false, "show this text and exit")
	return t
}

// VaultFlags adds the flags that name vault passwords.
func (t *Tool) VaultFlags() {
	f := t.Flags
	f.StringArrayVar(&t.VaultIDs, "vault-id", nil, "a vault identity: ID@SOURCE or SOURCE, where a source is a file, a script or 'prompt'")
	f.StringArrayVar(&t.VaultFiles, "vault-password-file", nil, "a file (or script) with a vault password")
	f.StringArrayVar(&t.VaultFiles, "vault-pass-file", nil, "")
	f.BoolVarP(&t.AskVault, "ask-vault-password", "J", false, "ask for the vault password")
	f.BoolVar(&t.AskVault, "ask-vault-pass", false, "")
	t.Hide("vault-pass-file", "ask-vault-pass")
}

// Hide keeps flags out of --help: other spellings.
func (t *Tool) Hide(names ...string) {
	for _, n := range names {
		_ = t.Flags.MarkHidden(n)
	}
}

// Parse reads the arguments and the configuration. done says that the command
// ends here, with code.
func (t *Tool) Parse(args []string) (done bool, code int) {
	if msg := ParseFlags(t.Flags, args); msg != "" {
		return true, t.BadUsage(msg)
	}
	if h, _ := t.Flags.GetBool("help"); h {
		fmt.Fprintf(t.Stdout, "usage: %s %s\n\n%s\n\noptions:\n%s", t.Prog, t.Usage, t.About, t.Flags.FlagUsages())
		return true, 0
	}
	return t.Start()
}

// Start reads the configuration and opens the screen.
func (t *Tool) Start() (done bool, code int) {
	cfg, err := config.Load(config.Source{})
	if err != nil {
		t.Screen = report.NewScreen(t.Stdout, t.Stderr, "auto", 0)
		return true, t.Fail(err, 5)
	}
	t.Config = cfg
	t.Screen = engine.NewScreen(cfg, t.Stdout, t.Stderr, max(t.verbosity, cfg.Verbosity()))
	for _, w := range cfg.Warnings {
		t.Warn(w)
	}
	if cfg.File != "" {
		t.Screen.Verbose(1, "", "Using "+cfg.File+" as config file")
	} else {
		t.Screen.Verbose(1, "", "No config file found; using defaults")
	}
	if v, _ := t.Flags.GetBool("version"); v {
		fmt.Fprint(t.Stdout, t.version())
		return true, 0
	}
	return false, 0
}

func (t *Tool) version() string {
	exe, _ := os.Executable()
	file := t.Config.File
	if file == "" {
		file = "None"
	}
	return fmt.Sprintf("%s [core %s]\n  config file = %s\n  ansible collection location = %s\n  executable location = %s\n  built with %s for %s/%s\n",
		t.Prog, Version, file, strings.Join(t.Config.CollectionsPath(), ":"), exe, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// BadUsage reports wrong arguments; the code is argparse's.
func (t *Tool) BadUsage(msg string) int {
	fmt.Fprintf(t.Stderr, "usage: %s %s\n%s: error: %s\n", t.Prog, t.Usage, t.Prog, msg)
	return 2
}

// Misused reports arguments that do not fit together: the usage line goes to
// standard output, as Ansible has it.
func (t *Tool) Misused(msg string) int {
	fmt.Fprintf(t.Stdout, "usage: %s %s\n", t.Prog, t.Usage)
	return t.Fail(errors.New(msg), 5)
}

// Fail prints an error and returns code.
func (t *Tool) Fail(err error, code int) int {
	t.Screen.Fail(err.Error(), false)
	return code
}

// Warn prints a warning, once.
func (t *Tool) Warn(msg string) { t.Screen.Warn(msg, false) }

// Secrets finds the vault passwords that flags and configuration name.
func (t *Tool) Secrets() (*vault.Secrets, error) { return t.Request().Load(t.Warn) }

// Request says which vault passwords flags and configuration name.
func (t *Tool) Request() vault.Request {
	r := vault.Request{IDs: append(append([]string{}, t.Config.VaultIdentityList()...), t.VaultIDs...), PasswordFiles: t.VaultFiles,
		Ask: t.AskVault || t.Config.AskVaultPass(), DefaultID: t.Config.VaultIdentity(), Prompt: t.AskHidden}
	if home, err := os.UserHomeDir(); err == nil {
		r.Home = home
	}
	if len(t.VaultFiles) == 0 && t.Config.VaultPasswordFile() != "" {
		r.PasswordFiles = []string{t.Config.VaultPasswordFile()}
	}
	return r
}

// Loader reads project files with the secrets given.
func (t *Tool) Loader(s *vault.Secrets) *load.Loader {
	return &load.Loader{Vault: s, Warn: t.Warn, DuplicateKeys: t.Config.Str("DUPLICATE_YAML_DICT_KEY")}
}

// AskHidden asks at the terminal without echo, also while standard input is a
// pipe; where there is no terminal, a line of standard input is read.
func (t *Tool) AskHidden(text string) (string, error) {
	if t.Stdin == os.Stdin {
		if tty, err := openTTY(); err == nil {
			defer tty.Close()
			fmt.Fprint(tty, text)
			b, err := term.ReadPassword(int(tty.Fd()))
			fmt.Fprintln(tty)
			return string(b), err
		}
	}
	fmt.Fprint(t.Stderr, text)
	if f, ok := t.Stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(t.Stderr)
		return string(b), err
	}
	var line []byte
	b := make([]byte, 1)
	for {
		n, err := t.Stdin.Read(b)
		if n == 1 && b[0] == '\n' {
			return strings.TrimRight(string(line), "\r"), nil
		}
		line = append(line, b[:n]...)
		if err != nil {
			if len(line) > 0 {
				return string(line), nil
			}
			return "", err
		}
	}
}

// Page shows long text with the PAGER where standard output is a terminal.
func (t *Tool) Page(text string) error {
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	words := strings.Fields(t.Config.Str("PAGER"))
	f, ok := t.Stdout.(*os.File)
	if ok && term.IsTerminal(int(f.Fd())) && len(words) > 0 {
		if path, err := exec.LookPath(words[0]); err == nil {
			cmd := exec.Command(path, words[1:]...)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), t.Stdout, t.Stderr
			cmd.Env = append(os.Environ(), "LESS="+cmp.Or(os.Getenv("LESS"), "FRSX"))
			return cmd.Run()
		}
	}
	_, err := io.WriteString(t.Stdout, text)
	return err
}
