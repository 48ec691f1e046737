package builtin

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Subelements pairs each dictionary with each item of a list inside it; path is
// a dotted path or a list of keys.
func Subelements(obj, path Value, skipMissing bool) ([]Value, error) {
	if err := Defined(obj, path); err != nil {
		return nil, err
	}
	var elems []Value
	switch x := obj.(type) {
	case *value.Dict:
		elems = (&py.View{Kind: "dict_values", Dict: x}).List().Items
	case *value.List:
		elems = x.Items
	default:
		return nil, fail("obj must be a list of dicts or a nested dict")
	}
	var keys []Value
	if t, ok := value.Text(path); ok {
		for _, p := range strings.Split(t, ".") {
			keys = append(keys, p)
		}
	} else if l, ok := path.(*value.List); ok {
		keys = l.Items
	} else {
		return nil, fail("subelements must be a list or a string")
	}
	out := []Value{}
	for _, e := range elems {
		var values Value = e
		skipped := false
		var prev Value
		for _, k := range keys {
			d, ok := asDict(values)
			if !ok && skipMissing {
				skipped = true
				break
			}
			if !ok {
				return nil, &PathError{k, prev, values, "should point to a dictionary"}
			}
			v, ok := d.Get(k)
			if !ok {
				if skipMissing {
					skipped = true
					break
				}
				return nil, &PathError{k, prev, values, ""}
			}
			values, prev = v, k
		}
		if skipped {
			continue
		}
		if !isSequence(values) {
			last := Value(nil)
			if len(keys) > 0 {
				last = keys[len(keys)-1]
			}
			return nil, &PathError{last, last, values, "should point to a list"}
		}
		for _, v := range itemsOf(values) {
			out = append(out, value.Tuple{e, v})
		}
	}
	return out, nil
}

// PathError is the error of a path that does not lead to a list.
type PathError struct {
	Key, Prev, Got Value  // Prev is the key before
	Want           string // empty: there is no such key
}

// Error is in the words of the filter; the lookup has its own.
func (e *PathError) Error() string {
	switch e.Want {
	case "":
		return fmt.Sprintf("could not find %s key in iterated item %s", value.Repr(e.Key), value.Repr(e.Got))
	case "should point to a list":
		return fmt.Sprintf("the key %s %s, got %s", value.Repr(e.Key), e.Want, value.Repr(e.Got))
	}
	return fmt.Sprintf("the key %s %s, got '%s'", value.Str(e.Key), e.Want, value.Str(e.Got))
}

func subelementsFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "subelements", "skip_missing")
	if err != nil {
		return nil, err
	}
	items, err := Subelements(c.in(), a.v[0], value.Truth(a.v[1]))
	return listValue(items), err
}

func rekeyFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "key", "duplicates")
	if err != nil {
		return nil, err
	}
	dup := value.Str(a.Value(1, "error"))
	if dup != "error" && dup != "overwrite" {
		return nil, fail("duplicates parameter to rekey_on_member has unknown value: %s", dup)
	}
	var elems []Value
	switch x := c.in().(type) {
	case *value.Dict:
		elems = (&py.View{Kind: "dict_values", Dict: x}).List().Items
	case *value.List, value.Tuple:
		elems = itemsOf(x)
	default:
		return nil, fail("Type is not a valid list, set, or dict")
	}
	out := value.NewDict()
	for _, e := range elems {
		d, ok := asDict(e)
		if !ok {
			return nil, fail("List item is not a valid dict")
		}
		k, ok := d.Get(a.v[0])
		if !ok {
			return nil, fail("Key %s was not found", value.Str(a.v[0]))
		}
		if err := py.Hashable(k); err != nil {
			return nil, err
		}
		if _, there := out.Get(k); there && dup == "error" {
			return nil, fail("Key %s is not unique, cannot correctly turn into dict", value.Str(k))
		}
		out.Set(k, e)
	}
	return out, nil
}

func extractFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "container", "morekeys")
	if err != nil {
		return nil, err
	}
	keys := []Value{c.in()}
	if l, ok := a.v[1].(*value.List); ok {
		keys = append(keys, l.Items...)
	} else if a.Has(1) {
		keys = append(keys, a.v[1])
	}
	v := a.v[0]
	for _, k := range keys {
		v = c.Env.Item(v, k)
	}
	return v, nil
}
