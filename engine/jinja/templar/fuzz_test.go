package templar

import (
	"bufio"
	"os"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// FuzzRender runs templates in all ways there are. Neither panics nor hangs.
func FuzzRender(f *testing.F) {
	if file, err := os.Open("../testdata/cases.jsonl"); err == nil {
		defer file.Close()
		sc := bufio.NewScanner(file)
		sc.Buffer(nil, 1<<20)
		for i := 0; sc.Scan(); i++ {
			if v, err := value.ParseJSON(sc.Bytes()); err == nil && i%3 == 0 {
				f.Add(value.Str(v.(*value.Dict).At("template")))
			}
		}
	}
	for _, s := range []string{"#jinja2: line_statement_prefix: '#'\n# for i in l\n{{ i }}\n# endfor", "{{ (-8) ** 0.3 + 'é'.encode()[0] }}",
		"{{ (1,2)|union((3,)) == '{1, 2}' }}", "{{ sec }}{{ [sec] }}{{ sec ~ bad }}", "{{ '<a>' | ansible.utils.from_xml }}", "#jinja2:"} {
		f.Add(s)
	}
	vars := value.DictOf("x", int64(3), "s", "text", "l", value.NewList(int64(1), "b", nil), "d", value.DictOf("k", "{{ x }}", "n", value.NewDict()),
		"u", value.Unsafe("{{ x }}"), "me", "{{ me }}", "b", true, "f", 1.5,
		"sec", &value.Secret{Open: func(string) (string, error) { return "clear", nil }}, "bad", &value.Secret{})
	eng := NewEngine(Options{ErrorOnUndef: true, Extensions: []string{"jinja2.ext.do", "jinja2.ext.loopcontrols"}})
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 2000 {
			return
		}
		tm := eng.New(DictVars{vars}, Scope{Basedir: t.TempDir()})
		tm.Render(src, value.Pos{File: "x.yml", Line: 3, Col: 5})
		tm.Cond(src, value.Pos{})
		tm.Eval(src, value.Pos{})
		tm.RenderFile(src, FileOptions{Path: "x.j2"})
	})
}
