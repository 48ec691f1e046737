package lookup

import (
	"fmt"
	"os"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/value"
)

func list(c *call) ([]Value, error) { return c.terms, nil }

func items(c *call) ([]Value, error) { return spread(c.terms), nil }

func indexedItems(c *call) ([]Value, error) {
	out := []Value{}
	for i, v := range spread(c.terms) {
		out = append(out, value.Tuple{int64(i), v})
	}
	return out, nil
}

func dict(c *call) ([]Value, error) {
	out := []Value{}
	for _, t := range c.terms {
		var keys []Value
		var get func(k Value) (Value, error)
		switch d := t.(type) {
		case *value.Dict:
			keys = d.Keys()
			get = func(k Value) (Value, error) { v, _ := d.Get(k); return v, nil }
		case value.Mapping:
			keys = d.Keys()
			get = func(k Value) (Value, error) { v, _, err := d.GetItem(k); return v, err }
		case *value.Undefined:
			return nil, d
		default:
			return nil, fmt.Errorf("with_dict expects a dict, got %s", value.TypeName(t))
		}
		for _, k := range keys {
			v, err := get(k)
			if err != nil {
				return nil, err
			}
			out = append(out, value.DictOf("key", k, "value", v))
		}
	}
	return out, nil
}

func env(c *call) ([]Value, error) {
	return c.each(one(func(n string) (Value, error) {
		if v, ok := os.LookupEnv(n); ok {
			return v, nil
		}
		def := c.opt("default", "")
		if _, ok := def.(*value.Undefined); ok {
			return nil, &value.Undefined{Hint: fmt.Sprintf("The \"env\" lookup, found an undefined variable: %s", n)}
		}
		return def, nil
	}))
}

// lists gives each term as a list.
func (c *call) lists() ([][]Value, error) {
	var out [][]Value
	for _, t := range c.terms {
		if err := builtin.Defined(t); err != nil {
			return nil, err
		}
		l, ok := asList(t)
		if !ok {
			l = []Value{t}
		}
		out = append(out, l)
	}
	return out, nil
}

func nested(c *call) ([]Value, error) {
	if len(c.terms) == 0 {
		return nil, fmt.Errorf("with_nested requires at least one element in the nested list")
	}
	return c.cross()
}

func cartesian(c *call) ([]Value, error) {
	if len(c.terms) == 0 {
		return nil, fmt.Errorf("with_cartesian requires at least one element in each list")
	}
	return c.cross()
}

// cross gives every choice of one item of each list, the last varying fastest.
func (c *call) cross() ([]Value, error) {
	lists, err := c.lists()
	if err != nil {
		return nil, err
	}
	out := []*value.List{value.NewList()}
	for _, l := range lists {
		if len(out)*len(l) > 10<<20 {
			return nil, c.fail("more than %d combinations are too many", 10<<20)
		}
		next := make([]*value.List, 0, len(out)*len(l))
		for _, head := range out {
			for _, v := range l {
				row := value.NewList(head.Items[:len(head.Items):len(head.Items)]...)
				if inner, ok := asList(v); ok {
					row.Append(inner...)
				} else {
					row.Append(v)
				}
				next = append(next, row)
			}
		}
		out = next
	}
	res := make([]Value, len(out))
	for i, l := range out {
		res[i] = l
	}
	return res, nil
}

func together(c *call) ([]Value, error) {
	lists, err := c.lists()
	if err != nil {
		return nil, err
	}
	if len(lists) == 0 {
		return nil, fmt.Errorf("with_together requires at least one element in each list")
	}
	n := 0
	for _, l := range lists {
		n = max(n, len(l))
	}
	out := []Value{}
	for i := range n {
		row := value.NewList()
		for _, l := range lists {
			if i < len(l) {
				row.Append(l[i])
			} else {
				row.Append(nil)
			}
		}
		out = append(out, row)
	}
	return out, nil
}

func flattened(c *call) ([]Value, error) {
	var out []Value
	var add func(v Value, depth int) error
	add = func(v Value, depth int) error {
		if depth > 500 {
			return c.fail("the list is nested too deeply")
		}
		l, ok := asList(v)
		if !ok {
			if t, isText := value.Text(v); v == nil || isText && (t == "None" || t == "null") {
				return nil
			}
			out = append(out, v)
			return nil
		}
		for _, e := range l {
			if err := add(e, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	for _, t := range c.terms {
		if err := add(t, 0); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func randomChoice(c *call) ([]Value, error) {
	terms := c.terms
	if len(terms) == 0 {
		return []Value{}, nil
	}
	r, err := builtin.NewRandom(nil)
	if err != nil {
		return nil, err
	}
	return []Value{terms[r.Below(int64(len(terms)))]}, nil
}
