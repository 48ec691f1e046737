package playbook

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// text returns the text of a scalar that is one by its type.
func (l *Loader) text(n *yaml.Node) (string, bool) {
	if n == nil || n.Kind != yaml.Scalar {
		return "", false
	}
	v, err := l.decode(n)
	if err != nil {
		return "", false
	}
	return value.Text(v)
}

func (l *Loader) decode(n *yaml.Node) (value.Value, error) {
	return n.Decode(yaml.Options{VaultOpen: l.opts.Open})
}

func (l *Loader) field(n *yaml.Node) (Field, error) {
	v, err := l.decode(n)
	return Field{Val: v, Pos: n.Pos, Set: true}, err
}

// class names the type of a node as the reference's messages do.
func (l *Loader) class(n *yaml.Node) string {
	switch n.Kind {
	case yaml.Mapping:
		return "<class 'ansible.parsing.yaml.objects.AnsibleMapping'>"
	case yaml.Sequence:
		return "<class 'ansible.parsing.yaml.objects.AnsibleSequence'>"
	}
	v, _ := l.decode(n)
	return class(v)
}

func class(v value.Value) string {
	switch v.(type) {
	case nil:
		return "<class 'NoneType'>"
	case bool:
		return "<class 'bool'>"
	case float64:
		return "<class 'float'>"
	case string, value.Unsafe:
		return "<class 'ansible.parsing.yaml.objects.AnsibleUnicode'>"
	case *value.Dict:
		return "<class 'ansible.parsing.yaml.objects.AnsibleMapping'>"
	case *value.List:
		return "<class 'ansible.parsing.yaml.objects.AnsibleSequence'>"
	case *value.Secret:
		return "<class 'ansible.parsing.yaml.objects.AnsibleVaultEncryptedUnicode'>"
	}
	return "<class '" + value.TypeName(v) + "'>"
}

// isTemplate tells whether text holds template delimiters.
func isTemplate(s string) bool {
	return strings.Contains(s, "{{") || strings.Contains(s, "{%") || strings.Contains(s, "{#")
}

var pythonWords = map[string]bool{
	"False": true, "None": true, "True": true, "and": true, "as": true, "assert": true, "async": true,
	"await": true, "break": true, "class": true, "continue": true, "def": true, "del": true, "elif": true,
	"else": true, "except": true, "finally": true, "for": true, "from": true, "global": true, "if": true,
	"import": true, "in": true, "is": true, "lambda": true, "nonlocal": true, "not": true, "or": true,
	"pass": true, "raise": true, "return": true, "try": true, "while": true, "with": true, "yield": true,
}

// IsIdentifier tells whether s may name a variable.
func IsIdentifier(s string) bool {
	if s == "" || pythonWords[s] {
		return false
	}
	for i, c := range s {
		letter := c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// readNamed reads a dictionary of variables, or a list of them, checking the
// names. what is Play, Task ...
func (l *Loader) readNamed(n *yaml.Node, what string) (*value.Dict, error) {
	bad := func() error {
		return parseError(n.Pos, "Vars in a %s must be specified as a dictionary, or a list of dictionaries", what)
	}
	maps := []*yaml.Node{n}
	switch {
	case n.IsNull():
		return nil, nil
	case n.Kind == yaml.Sequence:
		maps = n.Items
	case n.Kind != yaml.Mapping:
		return nil, bad()
	}
	var out *value.Dict
	for _, m := range maps {
		if m.Kind != yaml.Mapping {
			return nil, bad()
		}
		for _, p := range m.Pairs {
			k, err := l.decode(p.Key)
			if err != nil {
				return nil, err
			}
			if s, ok := value.Text(k); !ok || !IsIdentifier(s) {
				return nil, parseError(p.Key.Pos, "Invalid variable name in vars specified for %s: '%s' is not a valid variable name", what, value.Str(k))
			}
		}
		v, err := l.decode(m)
		if err != nil {
			return nil, err
		}
		d, ok := v.(*value.Dict)
		if !ok {
			return nil, bad()
		}
		if out == nil {
			out = d
			continue
		}
		out = out.Clone()
		out.Update(d)
	}
	return out, nil
}
