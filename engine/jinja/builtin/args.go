package builtin

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Value is short for value.Value.
type Value = value.Value

// Args are the arguments of one call, bound to the names of its parameters.
type Args struct {
	c     *Call
	names []string
	v     []Value
	given []bool
}

// Bind gives the arguments behind the first one by the names of the
// parameters; the first need of them must be given. For globals, which have no
// first one, use BindAll.
func (c *Call) Bind(need int, names ...string) (*Args, error) {
	if len(c.Args) == 0 {
		return nil, py.Raise("TypeError", "%s() missing the value to work on", c.Name)
	}
	return c.bind(c.Args[1:], need, names)
}

// BindAll is Bind for all arguments.
func (c *Call) BindAll(need int, names ...string) (*Args, error) { return c.bind(c.Args, need, names) }

func (c *Call) bind(pos []Value, need int, names []string) (*Args, error) {
	a := &Args{c: c, names: names, v: make([]Value, len(names)), given: make([]bool, len(names))}
	if len(pos) > len(names) {
		return nil, py.Raise("TypeError", "%s() takes at most %d argument%s (%d given)", c.Name, len(names), s(len(names)), len(pos))
	}
	for i, v := range pos {
		a.v[i], a.given[i] = v, true
	}
	if c.Kwargs.Len() > 0 {
		for k, v := range c.Kwargs.All() {
			name := value.Str(k)
			i := indexOf(names, name)
			switch {
			case i < 0:
				return nil, py.Raise("TypeError", "%s() got an unexpected keyword argument '%s'%s", c.Name, name, hint(name, names))
			case a.given[i]:
				return nil, py.Raise("TypeError", "%s() got multiple values for argument '%s'", c.Name, name)
			}
			a.v[i], a.given[i] = v, true
		}
	}
	for i := range need {
		if !a.given[i] {
			return nil, py.Raise("TypeError", "%s() missing 1 required positional argument: '%s'", c.Name, names[i])
		}
	}
	return a, nil
}

func s(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func hint(name string, names []string) string {
	for _, n := range names {
		if strings.HasPrefix(n, name) || strings.HasPrefix(name, n) || strings.EqualFold(n, name) {
			return fmt.Sprintf(" (did you mean '%s'?)", n)
		}
	}
	return ""
}

func indexOf(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}

// Has tells whether parameter i was given and is not none.
func (a *Args) Has(i int) bool { return a.given[i] && a.v[i] != nil }

// Value returns parameter i, or def where it was not given.
func (a *Args) Value(i int, def Value) Value {
	if a.given[i] {
		return a.v[i]
	}
	return def
}

// Text returns parameter i as text; other kinds are printed.
func (a *Args) Text(i int, def string) (string, error) {
	if !a.given[i] {
		return def, nil
	}
	return Str(a.v[i])
}

// Int returns parameter i as a whole number.
func (a *Args) Int(i int, def int64) (int64, error) {
	if !a.given[i] {
		return def, nil
	}
	if t, ok := value.Text(a.v[i]); ok {
		v, err := py.ParseInt(t, 10)
		if err != nil {
			return 0, err
		}
		return py.Index(v)
	}
	if f, ok := a.v[i].(float64); ok && f == float64(int64(f)) {
		return int64(f), nil
	}
	return py.Index(a.v[i])
}

// Bool returns the truth of parameter i.
func (a *Args) Bool(i int, def bool) (bool, error) {
	if !a.given[i] {
		return def, nil
	}
	if err := Defined(a.v[i]); err != nil {
		return false, err
	}
	return value.Truth(a.v[i]), nil
}

// Defined returns the first undefined value among vs as an error.
func Defined(vs ...Value) error {
	for _, v := range vs {
		if u, ok := v.(*value.Undefined); ok {
			return u
		}
	}
	return nil
}

// Str prints v as str() does; undefined is an error.
func Str(v Value) (string, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case *value.Undefined:
		return "", x
	case *value.Secret:
		return x.Reveal()
	}
	if err := value.Opens(v); err != nil {
		return "", err
	}
	return value.Str(v), nil
}

// in returns the value a filter works on.
func (c *Call) in() Value { return c.Args[0] }

// text returns the value a filter works on as text; other kinds are printed.
func (c *Call) text() (string, error) { return Str(c.Args[0]) }

// like gives text the kind of the value it was made from: unsafe text stays
// unsafe, markup stays markup.
func (c *Call) like(t string) Value {
	switch c.Args[0].(type) {
	case value.Unsafe:
		return value.Unsafe(t)
	case py.Markup:
		return py.Markup(t)
	}
	return t
}

// part gives a piece of the text a filter works on: plain text, but unsafe
// where that was.
func (c *Call) part(t string) Value {
	if _, ok := c.Args[0].(value.Unsafe); ok {
		return value.Unsafe(t)
	}
	return t
}

// list returns the items of the value a filter works on, in a new slice.
func (c *Call) list() ([]Value, error) { return c.listOf(c.Args[0]) }

func (c *Call) listOf(v Value) ([]Value, error) {
	if l, ok := v.(*value.List); ok {
		return append(make([]Value, 0, len(l.Items)), l.Items...), nil
	}
	items := []Value{}
	over := false
	err := c.Env.Iterate(v, func(e Value) bool {
		if over = len(items) >= py.MaxItems; over {
			return false
		}
		items = append(items, e)
		return true
	})
	if err == nil && over {
		err = py.Raise("MemoryError", "%s: more than %d items are too many", c.Name, py.MaxItems)
	}
	return items, err
}

// fail is an error about what a filter was given, in Ansible's words.
func fail(format string, a ...any) error { return py.Raise("AnsibleFilterError", format, a...) }

func listValue(items []Value) *value.List {
	if items == nil {
		items = []Value{}
	}
	return &value.List{Items: items}
}

func texts(ss []string) *value.List {
	l := &value.List{Items: make([]Value, len(ss))}
	for i, t := range ss {
		l.Items[i] = t
	}
	return l
}

// isSequence is what Ansible takes for a list: not text, not a mapping.
func isSequence(v Value) bool {
	switch v.(type) {
	case *value.List, value.Tuple:
		return true
	}
	return false
}

// group is the tuple of grouper and list that groupby makes.
type group struct {
	grouper Value
	items   *value.List
}

func (g *group) tuple() value.Tuple { return value.Tuple{g.grouper, g.items} }

// TypeName is Jinja2's name of the type.
func (*group) TypeName() string { return "_GroupTuple" }

// Str prints as a tuple.
func (g *group) Str() string { return value.Repr(g.tuple()) }

// Repr prints as a tuple.
func (g *group) Repr() string { return value.Repr(g.tuple()) }

// Truth is always true.
func (*group) Truth() bool { return true }

// Len is always 2.
func (*group) Len() int { return 2 }

// Iterate walks grouper and list.
func (g *group) Iterate(yield func(Value) bool) error {
	if yield(g.grouper) {
		yield(g.items)
	}
	return nil
}

// Index gives [0] and [1].
func (g *group) Index(i int) (Value, bool) {
	switch i {
	case 0, -2:
		return g.grouper, true
	case 1, -1:
		return g.items, true
	}
	return nil, false
}

// Attr gives grouper and list by name.
func (g *group) Attr(name string) (Value, bool) {
	switch name {
	case "grouper":
		return g.grouper, true
	case "list":
		return g.items, true
	}
	return nil, false
}

// EqualTo compares as tuples do.
func (g *group) EqualTo(o Value) bool {
	if x, ok := o.(*group); ok {
		o = x.tuple()
	}
	return value.Equal(g.tuple(), o)
}

// plain is a filter or test that takes no arguments.
func plain(f Func) Func {
	return func(c *Call) (Value, error) {
		if _, err := c.Bind(0); err != nil {
			return nil, err
		}
		return f(c)
	}
}

// Pattern returns parameter i as a regular expression, which has to be text.
func (a *Args) Pattern(i int) (string, error) {
	if !a.given[i] {
		return "", nil
	}
	if err := Defined(a.v[i]); err != nil {
		return "", err
	}
	t, ok := textOf(a.v[i])
	if !ok {
		return "", py.Raise("TypeError", "the pattern must be text, not %s", value.TypeName(a.v[i]))
	}
	return t, nil
}
