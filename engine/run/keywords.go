package run

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// keywords renders the keywords that reach a node. The first error is kept.
type keywords struct {
	t    *templar.Templar
	node playbook.Node
	err  error
}

func (k *keywords) fail(err error) {
	if k.err == nil {
		k.err = err
	}
}

func (k *keywords) invalid(key playbook.Key, got, want string) error {
	err := fmt.Errorf("The field '%s' has an invalid value (%s), and could not be converted to an %s.", key, got, want)
	k.fail(err)
	return err
}

// get renders a keyword; ok is false where it is not written, or omitted.
func (k *keywords) get(key playbook.Key) (value.Value, bool) {
	f := playbook.Get(k.node, key)
	if !f.Set {
		return nil, false
	}
	s, isText := f.Val.(string)
	if isText && !templar.IsTemplate(s) {
		return f.Val, true
	}
	if !isText {
		switch f.Val.(type) {
		case *value.Dict, *value.List:
		default:
			return f.Val, true
		}
	}
	v, err := k.t.Render(f.Val, f.Pos)
	if err != nil {
		var te *templar.Error
		if errors.As(err, &te) && te.IsUndefined {
			err = &fieldError{field: key.String(), err: err}
		}
		k.fail(err)
		return nil, false
	}
	if isOmit(k.t, v) {
		if up := above(k.node, key); up != nil { // omitted here: what is around counts
			return (&keywords{t: k.t, node: up}).get(key)
		}
		return nil, false
	}
	return v, true
}

// above is the level around the one whose keyword counts for n.
func above(n playbook.Node, key playbook.Key) playbook.Node {
	for n != nil {
		b := n.Keywords()
		if b.Own(key).Set {
			return b.Parent
		}
		n = b.Parent
	}
	return nil
}

// fieldError is an undefined variable in a keyword.
type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string {
	return fmt.Sprintf("The field '%s' has an invalid value, which includes an undefined variable. The error was: %s", e.field, twice(e.err.Error()))
}
func (e *fieldError) Unwrap() error { return e.err }

func isOmit(t *templar.Templar, v value.Value) bool {
	s, ok := value.Text(v)
	if !ok || !strings.HasPrefix(s, "__omit_place_holder__") {
		return false
	}
	o, _, _ := t.Vars().Lookup("omit")
	os, _ := value.Text(o)
	return s == os
}

func (k *keywords) text(key playbook.Key) (string, bool) {
	v, ok := k.get(key)
	if !ok || v == nil {
		return "", false
	}
	return value.Str(v), true
}

func (k *keywords) boolean(key playbook.Key, def bool) bool {
	v, ok := k.get(key)
	if !ok || v == nil {
		return def
	}
	b, ok := ToBool(v)
	if !ok {
		err := fmt.Errorf("The field '%s' has an invalid value (%s), and could not be converted to an bool. The error was: The value '%s' is not a valid boolean.  Valid booleans include: 0, 1, 'y', 'yes', 'on', '1', 'true', 't', 1, 'n', 'no', 'off', '0', 'false', 'f'", key, value.Str(v), value.Str(v))
		k.fail(err)
		return def
	}
	return b
}

func (k *keywords) number(key playbook.Key, def float64, want string) float64 {
	v, ok := k.get(key)
	if !ok || v == nil {
		return def
	}
	switch x := v.(type) {
	case int64:
		return float64(x)
	case float64:
		return x
	case bool:
		if x {
			return 1
		}
		return 0
	}
	s := strings.TrimSpace(value.Str(v))
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || want == "int" && f != math.Trunc(f) {
		why := "invalid literal for int() with base 10: "
		if want == "float" {
			why = "could not convert string to float: "
		}
		k.fail(fmt.Errorf("The field '%s' has an invalid value (%s), and could not be converted to an %s. The error was: %s%s", key, s, want, why, value.Quote(s)))
		return def
	}
	return f
}

// ToBool reads what Ansible takes for a boolean.
func ToBool(v value.Value) (b, ok bool) {
	switch x := v.(type) {
	case bool:
		return x, true
	case int64:
		return x == 1, x == 0 || x == 1
	case float64:
		return x == 1, x == 0 || x == 1
	}
	s, isText := value.Text(v)
	if !isText {
		return false, false
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "y", "yes", "on", "1", "true", "t", "1.0":
		return true, true
	case "n", "no", "off", "0", "false", "f", "0.0":
		return false, true
	}
	return false, false
}
