// Package load reads the YAML and JSON files of a playbook project: it decrypts
// what is encrypted as a whole and passes inline secrets on to be opened when
// used. Inventory, variables and playbooks read their files through it.
//
// It imports value, yaml and vault, and knows nothing of plays.
package load

import (
	"fmt"
	"os"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vault"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// Loader reads files. The zero value knows no password and tells nobody of
// duplicate keys. It may be used by several goroutines once set up.
type Loader struct {
	Vault         *vault.Secrets
	Warn          func(msg string)
	DuplicateKeys string // warn, error or ignore
}

// Bytes returns the content of a file, decrypted where it is encrypted; secret
// tells that it was, so that excerpts of it are not shown.
func (l *Loader) Bytes(file string) (data []byte, secret bool, err error) {
	data, err = os.ReadFile(file)
	if err != nil {
		return nil, false, fmt.Errorf("an error occurred while trying to read the file '%s': %w", file, err)
	}
	if !vault.IsEncrypted(data) {
		return data, false, nil
	}
	data, err = l.Vault.Open(data, file)
	return data, true, err
}

// Options returns how to read the text of a file.
func (l *Loader) Options(file string, secret bool) yaml.Options {
	return yaml.Options{VaultOpen: l.Vault.OpenText(file), Warn: l.Warn, DuplicateKeys: l.DuplicateKeys, HideContent: secret}
}

// Value reads a file as a value; an empty file is nil.
func (l *Loader) Value(file string) (value.Value, error) {
	data, secret, err := l.Bytes(file)
	if err != nil {
		return nil, err
	}
	return yaml.Load(file, data, l.Options(file, secret))
}

// Node reads a file as a tree of nodes; an empty file is nil.
func (l *Loader) Node(file string) (*yaml.Node, yaml.Options, error) {
	data, secret, err := l.Bytes(file)
	if err != nil {
		return nil, yaml.Options{}, err
	}
	o := l.Options(file, secret)
	n, err := yaml.Parse(file, data, o)
	return n, o, err
}

// Dict reads a file that has to hold a mapping (or nothing).
func (l *Loader) Dict(file string) (*value.Dict, error) {
	v, err := l.Value(file)
	if err != nil || v == nil {
		return nil, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, fmt.Errorf("%s: expected a dictionary of variables, but got a %s", file, value.TypeName(v))
	}
	return d, nil
}
