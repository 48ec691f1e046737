package xpath

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/module/xmldoc"
)

// The cases are random documents and expressions with what lxml 4.9.2 answered: the document written as it is, with
// blank text dropped and pretty, as ASCII, and the value of each expression at the element of that number.
func TestReference(t *testing.T) {
	f, err := os.Open("testdata/reference.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c struct {
			Doc, Plain, Pretty, Asc string
			Q                       [][3]any
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		read := func(o xmldoc.Options) *xmldoc.Doc {
			d, err := xmldoc.Parse([]byte(c.Doc), o)
			if err != nil {
				t.Fatalf("%s\n%v", c.Doc, err)
			}
			return d
		}
		d := read(xmldoc.Options{})
		for _, w := range [][2]string{
			{d.Write(false), c.Plain}, {read(xmldoc.Options{Blanks: true}).Write(true), c.Pretty},
			{read(xmldoc.Options{Blanks: true, CData: true}).Element().ASCII(false), c.Asc},
		} {
			if w[0] != w[1] {
				t.Errorf("%q\n got  %q\n want %q", c.Doc, w[0], w[1])
			}
		}
		els := []*xmldoc.Node{d.Element()}
		for n := range d.Element().Descendants() {
			if n.Kind == xmldoc.Element || n.Kind == xmldoc.Comment || n.Kind == xmldoc.PI {
				els = append(els, n)
			}
		}
		for _, q := range c.Q {
			x := q[1].(string)
			if s, ok := q[2].(string); ok && strings.HasPrefix(s, "num ") {
				f, err := strconv.ParseFloat(s[len("num "):], 64)
				if got, ok := shown(x, els[int(q[0].(float64))]).(float64); err != nil || !ok || got != f && !(math.IsNaN(got) && math.IsNaN(f)) {
					t.Errorf("%s: got %v, want %s", x, got, s)
				}
				continue
			}
			if got := shown(x, els[int(q[0].(float64))]); !reflect.DeepEqual(got, q[2]) {
				t.Errorf("%s at element %v of %s\n got  %q\n want %q", x, q[0], c.Doc, got, q[2])
			}
		}
	}
}

// shown is the value of an expression as the recorded answers have it.
func shown(x string, at *xmldoc.Node) any {
	e, err := Compile(x)
	var v any
	if err == nil {
		v, err = e.Eval(at, map[string]string{"p": "u", "q": "v", "w": "w"})
	}
	if err != nil {
		return "err " + err.Error()
	}
	switch v := v.(type) {
	case bool:
		return fmt.Sprintf("bool %v", v)
	case float64:
		return v
	case string:
		return "str " + v
	}
	l := []any{}
	for _, n := range v.(nodes) {
		switch n.Kind {
		case xmldoc.Document:
		case xmldoc.Attr:
			l = append(l, "attr "+n.Clark()+"="+n.Data+" of "+n.Parent.Path())
		case xmldoc.Text, xmldoc.CData:
			l = append(l, "text "+n.Data)
		default:
			l = append(l, "el "+n.Path())
		}
	}
	return l
}

func TestErrors(t *testing.T) {
	for x, want := range map[string]string{
		"": "Invalid expression", "/a[": "Invalid expression", "/a[1": "Invalid predicate", "/a/": "Invalid expression", "'x": "Unfinished literal",
		"f()": "Unregistered function", "z:a": "Undefined namespace prefix", "$v": "Undefined variable", "count(1)": "Invalid type",
		"not()": "Invalid number of arguments", "1 | 2": "Invalid type", strings.Repeat("(", 3000): "Recursion limit exceeded",
	} {
		d, _ := xmldoc.Parse([]byte("<a/>"), xmldoc.Options{})
		if got := shown(x, d.Element()); got != "err "+want {
			t.Errorf("%.20s: got %v, want %s", x, got, want)
		}
	}
}

func FuzzXPath(f *testing.F) {
	for _, s := range []string{"//a[@b='1']/text()", "(//a)[last()]|b", "substring(., 2, -1 div 0)", "-1 mod 2", "ancestor::*[position()<2]", "a[b[c]]//@*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := xmldoc.Parse([]byte("<a b='1'>t<b>2</b><!--c--><p:c xmlns:p='u'/></a>"), xmldoc.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if e, err := Compile(s); err == nil {
			from := time.Now()
			_, _ = e.Eval(d.Element(), nil)
			if took := time.Since(from); took > 5*time.Second {
				t.Errorf("%q took %s", s, took)
			}
		}
	})
}
