// Package yaml reads YAML as Ansible does: PyYAML's YAML 1.1 scalars (yes/no,
// 0644, 1:30, dates), !vault and !unsafe, merge keys and anchors, and a position
// for everything that was written. JSON files are read by the same calls.
//
// The syntax is read by go.yaml.in/yaml; what a scalar means is decided here.
// It imports engine/value only. Nothing here knows plays, templates or files:
// the caller hands over the bytes.
package yaml

import (
	"bytes"
	"encoding/json"

	"github.com/goplay-engine/goplay/engine/value"
)

// Options say how a file is read. The zero value is right for files without
// secrets whose duplicate keys nobody is told of.
type Options struct {
	// VaultOpen decrypts the armoured text of a !vault value. It is called when
	// the value is used, not when it is read. Nil makes use an error.
	VaultOpen func(cipher string) (string, error)
	// UnsafeAll marks all text unsafe, so that it is never rendered.
	UnsafeAll bool
	// Warn gets one message per duplicate key.
	Warn func(msg string)
	// DuplicateKeys is "warn" (also when empty), "error" or "ignore".
	DuplicateKeys string
	// HideContent keeps excerpts of the file out of errors: it was encrypted.
	HideContent bool
}

// Load reads one document and returns its value; an empty document is nil.
// Positions of values are recorded in the dictionaries and lists. Errors are
// *Error.
func Load(file string, src []byte, o Options) (value.Value, error) {
	n, err := Parse(file, src, o)
	if err != nil || n == nil {
		return nil, err
	}
	v, err := n.Decode(o)
	if e, ok := err.(*Error); ok {
		return nil, (&builder{file: file, src: src, opts: o}).fail(e.Pos, e.Problem)
	}
	return v, err
}

// Parse reads one document as a tree of nodes with merge keys and anchors
// already resolved. It returns nil for an empty document and an error for a
// second one.
func Parse(file string, src []byte, o Options) (*Node, error) {
	docs, err := parse(file, src, o, true)
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	return docs[0], nil
}

// LoadAll reads every document of a stream.
func LoadAll(file string, src []byte, o Options) ([]value.Value, error) {
	docs, err := parse(file, src, o, false)
	if err != nil {
		return nil, err
	}
	vals := make([]value.Value, len(docs))
	for i, n := range docs {
		if n == nil {
			continue
		}
		if vals[i], err = n.Decode(o); err != nil {
			return nil, err
		}
	}
	return vals, nil
}

func parse(file string, src []byte, o Options, single bool) ([]*Node, error) {
	b := &builder{file: file, src: acceptVersion(src), opts: o}
	if looksLikeJSON(src) && json.Valid(src) {
		n, err := b.json()
		if err == nil {
			return []*Node{n}, nil
		}
	}
	return b.documents(single)
}

func looksLikeJSON(src []byte) bool {
	t := bytes.TrimLeft(src, " \t\r\n")
	return len(t) > 0 && (t[0] == '{' || t[0] == '[')
}

// acceptVersion turns a leading "%YAML 1.x" line into a comment: the parser takes
// 1.1 only, while files say 1.2 and mean the same.
func acceptVersion(src []byte) []byte {
	if !bytes.HasPrefix(src, []byte("%YAML 1.")) {
		return src
	}
	c := bytes.Clone(src)
	c[0] = '#'
	return c
}
