package lookup

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/value"
)

func subelements(c *call) ([]Value, error) {
	const usage = "subelements lookup expects a list of two or three items, "
	terms := c.terms
	if len(terms) < 2 || len(terms) > 3 {
		return nil, errors.New(usage)
	}
	first := terms[0]
	switch first.(type) {
	case *value.List, *value.Dict:
	default:
		first = value.NewList(first)
	}
	if _, ok := value.Text(terms[1]); !ok {
		return nil, fmt.Errorf("%sthe first a dict or a list, the second a string pointing to the subkey", usage)
	}
	skip := false
	if len(terms) == 3 {
		d, ok := terms[2].(*value.Dict)
		if !ok {
			return nil, fmt.Errorf("%sthe optional third item must be a dict with flags skip_missing", usage)
		}
		skip = value.Truth(d.At("skip_missing"))
	}
	var elems []Value
	switch x := first.(type) {
	case *value.List:
		elems = x.Items
	case *value.Dict:
		if value.Truth(x.At("skipped")) {
			return []Value{}, nil // the register of a loop that was skipped
		}
		for _, v := range x.All() {
			elems = append(elems, v)
		}
	default:
		return nil, fmt.Errorf("%sthe first a dict or a list, not %s", usage, value.TypeName(x))
	}
	kept := value.NewList()
	for _, e := range elems {
		d, ok := e.(*value.Dict)
		if !ok {
			return nil, fmt.Errorf("subelements lookup expects a dictionary, got '%s'", value.Str(e))
		}
		if !d.Has("skipped") || !value.Truth(d.At("skipped")) {
			kept.Append(e)
		}
	}
	pairs, err := builtin.Subelements(kept, terms[1], skip)
	var wrong *builtin.PathError
	switch {
	case errors.As(err, &wrong) && wrong.Want == "":
		return nil, fmt.Errorf("could not find %s key in iterated item '%s'", value.Repr(wrong.Key), value.Str(wrong.Got))
	case wrong != nil:
		return nil, fmt.Errorf("the key %s %s, got '%s'", value.Str(wrong.Prev), wrong.Want, value.Str(wrong.Got))
	case err != nil:
		return nil, err
	}
	// The first of each pair comes without the list the second was taken from.
	path := strings.Split(value.Str(terms[1]), ".")
	cut := map[*value.Dict]*value.Dict{}
	for i, p := range pairs {
		t, ok := p.(value.Tuple)
		if !ok {
			continue
		}
		d, ok := t[0].(*value.Dict)
		if !ok {
			continue
		}
		if cut[d] == nil {
			cut[d] = withoutPath(d, path)
		}
		pairs[i] = value.Tuple{cut[d], t[1]}
	}
	return pairs, nil
}

// withoutPath returns a copy without what the path leads to.
func withoutPath(d *value.Dict, path []string) *value.Dict {
	out := d.Clone()
	if len(path) == 1 {
		out.Delete(path[0])
	} else if inner, ok := d.At(path[0]).(*value.Dict); ok {
		out.Set(path[0], withoutPath(inner, path[1:]))
	}
	return out
}
