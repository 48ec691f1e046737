package lookup

import (
	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// dependent is community.general.dependent: nested loops, in which an inner
// list may be an expression over what the outer ones stand at.
func dependent(c *call) ([]Value, error) {
	type level struct {
		name string
		of   Value
	}
	var levels []level
	for i, t := range c.terms {
		d, ok := t.(*value.Dict)
		if !ok || d.Len() != 1 {
			return nil, c.fail("Parameter %d must be a one-element dictionary, got %s", i, value.Str(t))
		}
		k, v := d.Entry(0)
		levels = append(levels, level{value.Str(k), v})
	}
	out := []Value{}
	var walk func(i int, at *value.Dict) error
	walk = func(i int, at *value.Dict) error {
		if i == len(levels) {
			if len(out) >= 5_000_000 {
				return c.fail("more than %d combinations are too many", len(out))
			}
			out = append(out, at.Clone())
			return nil
		}
		v := levels[i].of
		if expr, ok := value.Text(v); ok {
			var err error
			if v, err = c.t.With(templar.DictVars{Dict: value.DictOf("item", at)}).EvalNative(expr, value.Pos{}); err != nil {
				return c.fail("Caught %q while evaluating %s with item == %s", err, levels[i].name, value.Str(at))
			}
		}
		items, ok := asList(v)
		if d, isDict := v.(*value.Dict); isDict {
			ok = true
			for k, e := range d.All() {
				items = append(items, value.DictOf("key", k, "value", e))
			}
		}
		if !ok {
			if err := builtin.Defined(v); err != nil {
				return err
			}
			return c.fail("Did not obtain dictionary or list while evaluating %s with item == %s, but instead %s", levels[i].name, value.Str(at), value.TypeName(v))
		}
		for _, e := range items {
			next := at.Clone()
			next.Set(levels[i].name, e)
			if err := walk(i+1, next); err != nil {
				return err
			}
		}
		return nil
	}
	if len(levels) == 0 {
		return out, nil
	}
	return out, walk(0, value.NewDict())
}
