package vaultcli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/vault"
)

// create makes a new encrypted file with what the editor leaves.
func (c *command) create(args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("ansible-vault create can take only one filename argument")
	}
	if len(args) == 0 {
		return fmt.Errorf("ansible-vault create needs the name of a file")
	}
	name := args[0]
	if !c.stdoutIsTTY && !c.skipTTY {
		return fmt.Errorf("not a tty, editor cannot be opened")
	}
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s exists, please use 'edit' instead", name)
	}
	dir := filepath.Dir(name)
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		c.Warn(dir + " does not exist, creating...")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("Unable to create local directories(%s): %w", dir, reason(err))
		}
	}
	clear, err := c.editText(nil, filepath.Ext(name))
	if err != nil {
		return err
	}
	defer wipe(clear)
	data, err := vault.Seal(clear, c.key.Password, c.key.ID, c.salt())
	if err != nil {
		return err
	}
	return c.write(real(name), data, nil)
}

// edit opens the clear text in the editor and encrypts what changed with the
// password it was encrypted with, or that of --encrypt-vault-id.
func (c *command) edit(name string) error {
	file := real(name)
	st, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("Unable to read source file (%s): %w", file, reason(err))
	}
	clear, key, err := c.clearOf(file, file)
	if err != nil {
		return err
	}
	defer wipe(clear)
	edited, err := c.editText(clear, filepath.Ext(file))
	if err != nil {
		return err
	}
	defer wipe(edited)
	if bytes.Equal(clear, edited) && c.encryptID == "" {
		return nil
	}
	// The id of the header stays, whichever password fitted.
	if data, err := os.ReadFile(file); err == nil {
		if key.ID, err = vault.ID(data); err != nil {
			return err
		}
	}
	if c.encryptID != "" {
		if key, err = pick(c.secrets, c.encryptID); err != nil {
			return err
		}
	}
	data, err := vault.Seal(edited, key.Password, key.ID, c.salt())
	if err != nil {
		return err
	}
	return c.write(file, data, st)
}

// editText lets the editor work on text in a private file and returns the result.
func (c *command) editText(clear []byte, ext string) ([]byte, error) {
	dir, err := c.Config.TempDir()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	f, err := os.CreateTemp(dir, "*"+ext)
	if err != nil {
		return nil, err
	}
	tmp := f.Name()
	defer func() { shred(tmp, nil) }()
	_, err = f.Write(clear)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	if err := c.runEditor(tmp); err != nil {
		return nil, err
	}
	return os.ReadFile(tmp)
}

func (c *command) runEditor(file string) error {
	editor := c.Config.Str("EDITOR")
	words, err := splitWords(editor)
	if err != nil || len(words) == 0 {
		return fmt.Errorf("the editor %q cannot be read as a command: set EDITOR", editor)
	}
	cmd := exec.Command(words[0], append(words[1:], file)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		c.Warn(fmt.Sprintf("The editor %s ended with code %d", words[0], exit.ExitCode()))
		return nil
	}
	if err != nil {
		return fmt.Errorf("Unable to execute the command \"%s\": %w", editor, reason(err))
	}
	return nil
}

// splitWords splits a command at blanks, honouring quotes.
func splitWords(s string) ([]string, error) {
	var out []string
	var b strings.Builder
	word, quote := false, rune(0)
	for _, r := range s {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, word = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if word {
				out = append(out, b.String())
				b.Reset()
				word = false
			}
		default:
			b.WriteRune(r)
			word = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("no closing quotation")
	}
	if word {
		out = append(out, b.String())
	}
	return out, nil
}
