package tool

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/load"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// ExtraVars reads -e arguments: @file, YAML or JSON text, or key=value words.
func ExtraVars(args []string, files *load.Loader) (*value.Dict, error) {
	out := value.NewDict()
	for _, a := range args {
		if a = strings.TrimSpace(a); a == "" {
			continue
		}
		var v value.Value
		var err error
		switch a[0] {
		case '@':
			v, err = files.Value(a[1:])
		case '/', '.':
			return nil, fmt.Errorf("Please prepend extra_vars filename '%s' with '@'", a)
		case '[', '{':
			v, err = yaml.Load("<extra vars>", []byte(a), files.Options("<extra vars>", false))
		default:
			v, err = keyValues(a)
		}
		if err != nil {
			return nil, err
		}
		d, ok := v.(*value.Dict)
		if !ok {
			return nil, fmt.Errorf("Invalid extra vars data supplied. '%s' could not be made into a dictionary", a)
		}
		out.Update(d)
	}
	return out, nil
}

// keyValues splits k=v words with shell quotes.
func keyValues(s string) (*value.Dict, error) {
	d := value.NewDict()
	var word strings.Builder
	var quote byte
	flush := func() error {
		if word.Len() == 0 {
			return nil
		}
		k, v, ok := strings.Cut(word.String(), "=")
		word.Reset()
		if !ok {
			return fmt.Errorf("Invalid extra vars data supplied. '%s' could not be made into a dictionary", s)
		}
		d.Set(k, v)
		return nil
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\'' || s[i+1] == '\\' || s[i+1] == ' '):
			i++
			word.WriteByte(s[i])
		case quote == 0 && (c == ' ' || c == '\n' || c == '\t'):
			if err := flush(); err != nil {
				return nil, err
			}
		default:
			word.WriteByte(c)
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("failed at splitting arguments, either an unbalanced jinja2 block or quotes: %s", s)
	}
	return d, flush()
}
