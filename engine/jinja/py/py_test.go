package py

import (
	"os"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// detag turns {"t": [...]} into a tuple and {"f": "nan"} into a float.
func detag(v Value) Value {
	switch x := v.(type) {
	case *value.Dict:
		if l, ok := x.At("__t").(*value.List); ok {
			t := value.Tuple{}
			for _, e := range l.Items {
				t = append(t, detag(e))
			}
			return t
		}
		d := value.NewDict()
		for k, e := range x.All() {
			d.Set(k, detag(e))
		}
		return d
	case *value.List:
		l := value.NewList()
		for _, e := range x.Items {
			l.Append(detag(e))
		}
		return l
	}
	return v
}

var operators = map[string]func(a, b Value) (Value, error){"+": Add, "-": Sub, "*": Mul, "/": Div, "//": FloorDiv, "%": Mod, "**": Pow,
	"<":  func(a, b Value) (Value, error) { return Less(a, b) },
	"in": func(a, b Value) (Value, error) { return Contains(b, a) },
	"==": func(a, b Value) (Value, error) { return value.Equal(a, b), nil },
}

// one computes a recorded case: an operator, a method or a function.
func one(op string, obj Value, args []Value) (Value, error) {
	if f, ok := operators[op]; ok {
		return f(obj, args[0])
	}
	switch op {
	case "int()":
		if len(args) > 0 {
			return ParseInt(obj.(string), int(args[0].(int64)))
		}
		return ToInt(obj)
	case "float()":
		return ToFloat(obj)
	case "round()":
		n := int(args[0].(int64))
		return Round(obj, &n)
	case "format()":
		return Format(obj, args[0].(string))
	case "strptime":
		return Strptime(obj.(string), args[0].(string))
	case "sorted":
		l, err := ListOf(obj)
		if err == nil {
			err = Sort(l.Items, nil, args[0].(bool))
		}
		return l, err
	}
	return Call(obj, op, args, nil)
}

func TestRecorded(t *testing.T) {
	files := []string{"testdata/cases.jsonl"}
	if name := os.Getenv("GOPLAY_PY_CASES"); name != "" {
		files = append(files, name)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bad, n := 0, 0
		for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
			v, err := value.ParseJSONText(line)
			if err != nil {
				t.Fatal(err)
			}
			n++
			c := detag(v).(*value.Dict)
			args := c.At("args").(*value.List).Items
			got, err := one(c.At("op").(string), c.At("obj"), args)
			g := ""
			if err != nil {
				g = "!" + err.Error()
			} else {
				g = value.Repr(got)
			}
			if want := c.At("want").(string); g != want {
				if bad++; bad < 60 {
					t.Errorf("%s: %s.%s(%s) = %s, want %s", name, value.Repr(c.At("obj")), c.At("op"), value.Repr(c.At("args")), g, want)
				}
			}
		}
		t.Logf("%s: %d of %d differ", name, bad, n)
	}
}

func FuzzFormat(f *testing.F) {
	f.Add("{:>{w}.2f}", "%-5.2d%(a)s")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 60 || strings.ContainsAny(a+b, "56789") {
			return // keep widths small
		}
		_, _ = StrFormat(a, []Value{int64(1), 2.5, "x"}, value.DictOf("w", int64(3)))
		_, _ = Percent(b, value.Tuple{int64(1), 2.5, "x"})
		_, _ = Format(3.25, a)
		_, _ = Format(int64(7), a)
		_, _ = Strptime(a, b)
		_, _ = ParseInt(a, 0)
		_, _ = ParseFloat(b)
	})
}
