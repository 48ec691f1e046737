package vault

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Request says where passwords come from, in the words of the command line.
type Request struct {
	IDs           []string // id@source or source, from --vault-id and vault_identity_list
	PasswordFiles []string // from --vault-password-file and vault_password_file
	Ask           bool     // --ask-vault-pass
	DefaultID     string   // id of secrets given without one; "" is "default"
	New           bool     // prompt for a new password, twice
	Home          string   // for "~"
	// Prompt asks the user without echo. Nil makes prompts an error.
	Prompt func(text string) (string, error)
}

// SplitID takes "id@source" apart; without an id, def.
func SplitID(s, def string) (id, source string) {
	if i := strings.Index(s, "@"); i >= 0 {
		return s[:i], s[i+1:]
	}
	return def, s
}

// Load finds all passwords. A source that fails is an error unless another one
// gave a password, in which case warn is told.
func (r Request) Load(warn func(string)) (*Secrets, error) {
	def := r.DefaultID
	if def == "" {
		def = "default"
	}
	ids := append([]string{}, r.IDs...)
	for _, f := range r.PasswordFiles {
		ids = append(ids, def+"@"+f)
	}
	if r.Ask && !hasPrompt(ids) {
		ids = append(ids, def+"@prompt_ask_vault_pass")
	}
	s := New()
	var failed error
	for _, spec := range ids {
		id, source := SplitID(spec, def)
		sec, err := r.one(id, source)
		if err != nil {
			if errors.Is(err, errAbort) {
				return nil, errors.New(strings.TrimPrefix(err.Error(), errAbort.Error()+": "))
			}
			if warn != nil {
				warn(fmt.Sprintf("Error getting vault password file (%s): %s", id, err))
			}
			failed = err
			continue
		}
		s.Add(sec)
	}
	if s.Empty() && failed != nil {
		return nil, failed
	}
	return s, nil
}

var errAbort = errors.New("prompt ended")

func hasPrompt(ids []string) bool {
	for _, s := range ids {
		if _, src := SplitID(s, ""); src == "prompt" || src == "prompt_ask_vault_pass" {
			return true
		}
	}
	return false
}

func (r Request) one(id, source string) (Secret, error) {
	if id == "" {
		id = "default"
	}
	if source == "prompt" || source == "prompt_ask_vault_pass" {
		p, err := r.ask(id, source)
		return Secret{id, "prompt", p}, err
	}
	p, err := FromFile(r.expand(source), id)
	return Secret{id, source, p}, err
}

func (r Request) expand(p string) string {
	if r.Home != "" && strings.HasPrefix(p, "~/") {
		return filepath.Join(r.Home, p[2:])
	}
	return p
}

func (r Request) ask(id, source string) ([]byte, error) {
	if r.Prompt == nil {
		return nil, fmt.Errorf("vault id %s wants a password from a prompt, but there is no terminal", id)
	}
	texts := []string{"Vault password (" + id + "): "}
	switch {
	case r.New && source == "prompt":
		texts = []string{"New vault password (" + id + "): ", "Confirm new vault password (" + id + "): "}
	case r.New:
		texts = []string{"New Vault password: ", "Confirm New Vault password: "}
	case source != "prompt":
		texts[0] = "Vault password: "
	}
	first := ""
	for i, t := range texts {
		s, err := r.Prompt(t)
		if err != nil {
			return nil, fmt.Errorf("%w: EOFError (ctrl-d) on prompt for (%s)", errAbort, id)
		}
		if i > 0 && s != first {
			return nil, fmt.Errorf("%w: Passwords do not match", errAbort)
		}
		first = s
	}
	p := bytes.TrimSpace([]byte(first))
	if len(p) == 0 {
		return nil, fmt.Errorf("%w: Invalid vault password was provided from prompt for vault id %s", errAbort, id)
	}
	return p, nil
}

// FromFile reads a password from a file, or runs the file where it is
// executable. A script called NAME-client is given --vault-id ID.
func FromFile(path, id string) ([]byte, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	st, err := os.Stat(abs)
	if err != nil {
		return nil, fmt.Errorf("The vault password file %s was not found", abs)
	}
	if st.IsDir() {
		return nil, fmt.Errorf("The vault password file provided '%s' can not be a directory", abs)
	}
	if !executable(abs, st) {
		b, err := os.ReadFile(abs)
		if err != nil {
			return nil, fmt.Errorf("Could not read vault password file (%s): %w", abs, err)
		}
		if b, err = passwordLine(b, "file ("+abs+")"); err != nil {
			return nil, err
		}
		return b, nil
	}
	return fromScript(abs, id)
}

func passwordLine(b []byte, from string) ([]byte, error) {
	if IsEncrypted(b) {
		return nil, fmt.Errorf("the vault password %s is itself encrypted", from)
	}
	if b = bytes.TrimSpace(b); len(b) == 0 {
		return nil, fmt.Errorf("Invalid vault password was provided from %s: it is empty", from)
	}
	return b, nil
}

func fromScript(path, id string) ([]byte, error) {
	var args []string
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	client := strings.HasSuffix(base, "-client")
	if client && id != "" {
		args = []string{"--vault-id", id}
	}
	var out, errOut bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, &out, &errOut
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			if client && exit.ExitCode() == 2 {
				return nil, fmt.Errorf("Vault password client script %s did not find a secret for vault-id=%s: %s", path, id, errOut.Bytes())
			}
			return nil, fmt.Errorf("Vault password script %s returned non-zero (%d) when getting secret for vault-id=%s: %s", path, exit.ExitCode(), id, errOut.Bytes())
		}
		return nil, fmt.Errorf("Problem running vault password script %s (%w). If this is not a script, remove the executable bit from the file.", path, err)
	}
	return passwordLine(out.Bytes(), "script ("+path+")")
}
