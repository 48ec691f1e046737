package builtin

import (
	"math/rand/v2"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func rangeGlobal(c *Call) (Value, error) {
	a, err := c.BindAll(1, "start", "stop", "step")
	if err != nil {
		return nil, err
	}
	v := [3]int64{0, 0, 1}
	for i := range v {
		if a.given[i] {
			if v[i], err = py.Index(a.v[i]); err != nil {
				return nil, err
			}
		}
	}
	if !a.given[1] {
		v[0], v[1] = 0, v[0]
	}
	if v[2] == 0 {
		return nil, py.Raise("ValueError", "range() arg 3 must not be zero")
	}
	return &py.Range{Start: v[0], Stop: v[1], Step: v[2]}, nil
}

func dictGlobal(c *Call) (Value, error) { return py.DictOf(c.Args, c.Kwargs) }

// cycler is Jinja2's cycler object.
type cycler struct {
	items []Value
	pos   int
}

func cyclerGlobal(c *Call) (Value, error) {
	if len(c.Args) == 0 {
		return nil, py.Raise("RuntimeError", "at least one item has to be provided")
	}
	return &cycler{items: append([]Value{}, c.Args...)}, nil
}

// TypeName is Jinja2's name of the type.
func (*cycler) TypeName() string { return "Cycler" }

// Str prints as str() does.
func (*cycler) Str() string { return "<jinja2.utils.Cycler object>" }

// Repr prints as repr() does.
func (c *cycler) Repr() string { return c.Str() }

// Truth is always true.
func (*cycler) Truth() bool { return true }

// Attr gives next, reset, current, items and pos.
func (c *cycler) Attr(name string) (Value, bool) {
	switch name {
	case "next", "__next__":
		return &function{name, func(*Call) (Value, error) {
			v := c.items[c.pos]
			c.pos = (c.pos + 1) % len(c.items)
			return v, nil
		}}, true
	case "reset":
		return &function{name, func(*Call) (Value, error) { c.pos = 0; return nil, nil }}, true
	case "current":
		return c.items[c.pos], true
	case "items":
		return value.Tuple(c.items), true
	case "pos":
		return int64(c.pos), true
	}
	return nil, false
}

// function is a method of one of this package's objects.
type function struct {
	name string
	f    Func
}

// TypeName is Python's name of the type.
func (*function) TypeName() string { return "method" }

// Str prints as str() does.
func (f *function) Str() string { return "<bound method " + f.name + ">" }

// Repr prints as repr() does.
func (f *function) Repr() string { return f.Str() }

// Truth is always true.
func (*function) Truth() bool { return true }

// Call calls it.
func (f *function) Call(c *Call) (Value, error) { return f.f(c) }

// joiner gives nothing at its first call and its separator from then on.
type joiner struct {
	sep  Value
	used bool
}

func joinerGlobal(c *Call) (Value, error) {
	a, err := c.BindAll(0, "sep")
	if err != nil {
		return nil, err
	}
	return &joiner{sep: a.Value(0, ", ")}, nil
}

// TypeName is Jinja2's name of the type.
func (*joiner) TypeName() string { return "Joiner" }

// Str prints as str() does.
func (*joiner) Str() string { return "<jinja2.utils.Joiner object>" }

// Repr prints as repr() does.
func (j *joiner) Repr() string { return j.Str() }

// Truth is always true.
func (*joiner) Truth() bool { return true }

// Call gives the separator, except the first time.
func (j *joiner) Call(*Call) (Value, error) {
	if !j.used {
		j.used = true
		return "", nil
	}
	return j.sep, nil
}

const loremWords = "a ac accumsan ad adipiscing aenean aliquam aliquet amet ante aptent arcu at auctor augue bibendum blandit " +
	"class commodo condimentum congue consectetuer consequat conubia convallis cras cubilia cum curabitur curae cursus dapibus " +
	"diam dictum dignissim dis dolor donec dui duis egestas eget eleifend elementum elit enim erat eros est et etiam eu euismod " +
	"facilisi facilisis fames faucibus felis fermentum feugiat fringilla fusce gravida habitant hac hendrerit hymenaeos iaculis id " +
	"imperdiet in inceptos integer interdum ipsum justo lacinia lacus laoreet lectus leo libero ligula litora lobortis lorem luctus " +
	"maecenas magna magnis malesuada massa mattis mauris metus mi molestie mollis montes morbi mus nam nascetur natoque nec neque " +
	"netus nibh nisi nisl non nonummy nostra nulla nullam nunc odio orci ornare parturient pede pellentesque penatibus per pharetra " +
	"phasellus placerat platea porta porttitor posuere potenti praesent pretium primis proin pulvinar purus quam quis quisque rhoncus " +
	"ridiculus risus rutrum sagittis sapien scelerisque sed sem semper senectus sit sociis sociosqu sodales sollicitudin suscipit " +
	"suspendisse taciti tellus tempor tempus tincidunt torquent tortor tristique turpis ullamcorper ultrices ultricies urna ut varius " +
	"vehicula vel velit venenatis vestibulum vitae vivamus viverra volutpat vulputate"

// lipsumGlobal writes random filler text: paragraphs of capitalised sentences.
func lipsumGlobal(c *Call) (Value, error) {
	a, err := c.BindAll(0, "n", "html", "min", "max")
	if err != nil {
		return nil, err
	}
	n, err := a.Int(0, 5)
	if err != nil {
		return nil, err
	}
	lo, err := a.Int(2, 20)
	if err != nil {
		return nil, err
	}
	hi, err := a.Int(3, 100)
	if err != nil {
		return nil, err
	}
	if hi <= lo || n > 10000 || hi > 100000 {
		return nil, py.Raise("ValueError", "lipsum() wants min < max and sizes within reason")
	}
	words := strings.Fields(loremWords)
	html := value.Truth(a.Value(1, true))
	var paras []string
	for range max(n, 0) {
		var out []string
		capital, comma, stop := true, 0, 0
		count := int(lo + rand.Int64N(hi-lo))
		for i := range count {
			w := words[rand.IntN(len(words))]
			if capital {
				w = py.Capitalize(w)
				capital = false
			}
			if i-comma > 3+rand.IntN(5) {
				comma, stop = i, stop+2
				w += ","
			}
			if i-stop > 10+rand.IntN(10) {
				comma, stop, capital = i, i, true
				w = strings.TrimSuffix(w, ",") + "."
			}
			out = append(out, w)
		}
		p := strings.TrimRight(strings.Join(out, " "), ",.") + "."
		if html {
			p = "<p>" + p + "</p>"
		}
		paras = append(paras, p)
	}
	if html {
		return py.Markup(strings.Join(paras, "\n")), nil
	}
	return strings.Join(paras, "\n\n"), nil
}
