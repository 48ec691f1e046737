package builtin

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// raw are the filters and tests that look at a secret itself or pass it on;
// all others get its text.
var raw = map[string]bool{
	"type_debug": true, "unvault": true, "default": true, "d": true, "mandatory": true, "ternary": true,
	"to_json": true, "to_nice_json": true, "to_yaml": true, "to_nice_yaml": true, "reveal_ansible_type": true, "bool": true,
	"vault_encrypted": true, "string": true, "sameas": true, "ansible_type": true,
}

// Open replaces the secrets among the arguments by their text, for filters and
// tests that want text. test tells which of the two it is.
func (c *Call) Open(test bool) error {
	for i, v := range c.Args {
		s, ok := v.(*value.Secret)
		if !ok {
			continue
		}
		name := c.Name[strings.LastIndexByte(c.Name, '.')+1:]
		if raw[name] && (test || name != "string") {
			return nil
		}
		t, err := s.Reveal()
		if err != nil {
			return err
		}
		c.Args[i] = t
	}
	for i := range c.Kwargs.Len() {
		k, v := c.Kwargs.Entry(i)
		if s, ok := v.(*value.Secret); ok {
			t, err := s.Reveal()
			if err != nil {
				return err
			}
			c.Kwargs.Set(k, t)
		}
	}
	return nil
}
