package run

import (
	"errors"
	"fmt"
	"math"
	"slices"
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

// converted is get with the type the keyword has; false also where it is None.
func (k *keywords) converted(key playbook.Key) (value.Value, bool) {
	v, ok := k.get(key)
	if !ok || v == nil {
		return nil, false
	}
	c, err := playbook.Convert(key, v, playbook.Get(k.node, key).Val)
	if err != nil {
		k.fail(&convertError{err})
		return nil, false
	}
	return c, true
}

// convertError is a keyword with a value of the wrong type.
type convertError struct{ error }

func (k *keywords) boolean(key playbook.Key, def bool) bool {
	if b, ok := k.converted(key); ok {
		return b.(bool)
	}
	return def
}

func (k *keywords) number(key playbook.Key, def float64) float64 {
	v, ok := k.converted(key)
	if !ok {
		return def
	}
	switch x := v.(type) {
	case int64:
		return float64(x)
	case float64:
		if !math.IsNaN(x) {
			return x
		}
		return def
	}
	return math.MaxInt32 // beyond int64
}

// check renders keywords that this execution may not need: errors in them are
// errors of the task all the same.
func (k *keywords) check(r *Runner) {
	for _, key := range [...]playbook.Key{playbook.KeyAnyErrorsFatal, playbook.KeyIgnoreErrors, playbook.KeyIgnoreUnreachable, playbook.KeyRunOnce, playbook.KeyPort,
		playbook.KeyConnection, playbook.KeyRemoteUser, playbook.KeyBecomeMethod, playbook.KeyBecomeUser, playbook.KeyBecomeFlags, playbook.KeyBecomeExe} {
		k.converted(key)
	}
	if !k.boolean(playbook.KeyBecome, r.o.Become) {
		return
	}
	method, ok := k.text(playbook.KeyBecomeMethod)
	if !ok {
		method = r.o.BecomeDefaults.Method
	}
	if err := checkBecome(method); err != nil {
		k.fail(err)
	}
}

// becomeMethods are the methods of ansible-core and of the common collections;
// of the latter goplay has none, but they are no mistakes.
var becomeMethods = []string{"", "sudo", "su", "doas", "runas", "dzdo", "ksu", "machinectl", "pbrun", "pfexec", "pmrun", "run0", "sesu", "sudosu", "enable"}

// checkBecome refuses methods that nobody knows.
func checkBecome(method string) error {
	name := strings.TrimPrefix(method, "ansible.builtin.")
	if slices.Contains(becomeMethods, name) || strings.Contains(name, ".") {
		return nil
	}
	return fmt.Errorf("Invalid become method specified, could not find matching plugin: '%s'. Use `ansible-doc -t become -l` to list available plugins.", method)
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
