package vaultcli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/vault"
)

func wipe(b []byte) {
	for i := range b {
		b[i] = 0
	}
}

// real resolves links, so that the file itself is replaced.
func real(name string) string {
	if name == "-" {
		return name
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	if r, err := filepath.EvalSymlinks(abs); err == nil {
		return r
	}
	return abs
}

func (c *command) read(name string) ([]byte, error) {
	if name == "-" {
		if c.stdinDone {
			return nil, fmt.Errorf("standard input can be read only once")
		}
		c.stdinDone = true
		if c.stdinIsTTY {
			c.Screen.PrintErr("Reading "+map[bool]string{true: "plaintext", false: "ciphertext"}[c.action == "encrypt"]+" input from stdin", "")
		}
		return io.ReadAll(c.Stdin)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("Unable to read source file (%s): %w", name, reason(err))
	}
	return b, nil
}

func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// write replaces a file in one step; mode is that of a new file. "-" is
// standard output.
func (c *command) write(name string, data []byte, like os.FileInfo) error {
	if name == "-" {
		_, err := c.Stdout.Write(data)
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".vault-*")
	if err != nil {
		return fmt.Errorf("Unable to write (%s): %w", name, reason(err))
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err == nil && like != nil {
		err = keepOwner(tmp, like)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("Unable to write (%s): %w", name, reason(err))
	}
	return nil
}

// target is where the result for a file goes.
func (c *command) target(file string) string {
	if c.output == "" {
		return file
	}
	if c.output == "-" {
		return "-"
	}
	return real(c.output)
}

func (c *command) encrypt(name string) error {
	file := real(name)
	clear, err := c.read(file)
	if err != nil {
		return err
	}
	if vault.IsEncrypted(clear) {
		return fmt.Errorf("input is already encrypted")
	}
	data, err := vault.Seal(clear, c.key.Password, c.key.ID, c.salt())
	if err != nil {
		return err
	}
	to := c.target(file)
	if to != file || file == "-" {
		return c.write(to, data, nil)
	}
	// The clear text stays reachable under a second name until the encrypted
	// file is in place, and is then overwritten.
	old := fmt.Sprintf("%s.%d.old", file, os.Getpid())
	linked := os.Link(file, old)
	if err := c.write(file, data, nil); err != nil {
		if linked == nil {
			os.Remove(old)
		}
		return err
	}
	shred(old, linked)
	return nil
}

// salt is the fixed salt of VAULT_ENCRYPT_SALT, nil for a random one.
func (c *command) salt() []byte {
	if s := c.Config.Str("VAULT_ENCRYPT_SALT"); s != "" {
		return []byte(s)
	}
	return nil
}

// clearOf reads and decrypts a file; shown is how messages name it.
func (c *command) clearOf(file, shown string) ([]byte, vault.Secret, error) {
	data, err := c.read(file)
	if err != nil {
		return nil, vault.Secret{}, err
	}
	if !vault.IsEncrypted([]byte(strings.TrimLeft(string(data), " \r\n\t"))) {
		return nil, vault.Secret{}, fmt.Errorf("input is not vault encrypted data. %s is not a vault encrypted file for %s", shown, shown)
	}
	clear, sec, err := c.secrets.OpenWith(data, shown)
	return clear, sec, err
}

func (c *command) decrypt(name string) error {
	file := real(name)
	clear, _, err := c.clearOf(file, file)
	if err != nil {
		return err
	}
	defer wipe(clear)
	return c.write(c.target(file), clear, nil)
}

func (c *command) view(name string) error {
	clear, _, err := c.clearOf(real(name), name)
	if err != nil {
		return err
	}
	if c.stdoutIsTTY {
		return c.Page(string(clear))
	}
	if !strings.HasSuffix(string(clear), "\n") {
		clear = append(clear, '\n')
	}
	_, err = c.Stdout.Write(clear)
	return err
}

func (c *command) rekey(name string) error {
	file := real(name)
	st, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("Unable to read source file (%s): %w", file, reason(err))
	}
	clear, _, err := c.clearOf(file, file)
	if err != nil {
		return err
	}
	defer wipe(clear)
	data, err := vault.Seal(clear, c.key.Password, c.key.ID, c.salt())
	if err != nil {
		return err
	}
	return c.write(file, data, st)
}

// shred overwrites a file and removes it. err is that of the step before; then
// there is nothing to do.
func shred(file string, err error) {
	if err != nil {
		return
	}
	if f, err := os.OpenFile(file, os.O_WRONLY, 0); err == nil {
		if st, err := f.Stat(); err == nil {
			zero := make([]byte, 64<<10)
			for left := st.Size(); left > 0; left -= int64(len(zero)) {
				if _, err := f.Write(zero[:min(left, int64(len(zero)))]); err != nil {
					break
				}
			}
			_ = f.Sync()
		}
		f.Close()
	}
	os.Remove(file)
}
