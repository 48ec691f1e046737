package lookup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// The answers were recorded from the reference.
func TestLookups(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"c.csv": "id,name\n1,\"x y\"\n", "a.ini": "[global]\nport=80\nurl = http://x/%(port)s\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tm := templar.NewEngine(templar.Options{Lookups: All(Deps{})}).New(templar.DictVars{Dict: value.DictOf("v1", "one")},
		templar.Scope{Basedir: dir, Find: func(_, name string) (string, error) {
			p := filepath.Join(dir, name)
			_, err := os.Stat(p)
			return p, err
		}})
	for src, want := range map[string]string{
		`{{ lookup('csvfile','1',file='c.csv',delimiter=',') }}`:                                   `"x y"`,
		`{{ lookup('ini','url',file='a.ini') }}`:                                                   `"http://x/80"`,
		`{{ q('sequence','start=0x0f end=0x11 format=%02x') }}`:                                    `["0f","10","11"]`,
		`{{ q('nested',['a',['b','c']],[1]) }}`:                                                    `[["a",1],["b","c",1]]`,
		`{{ q('subelements',[{'n':'a','k':[1]}],'k') }}`:                                           `[[{"n":"a"},1]]`,
		`{{ lookup('password','/dev/null length=12 chars=digits seed=x')|length }}`:                `"12"`,
		`{{ lookup('vars','v1') }}`:                                                                `"one"`,
		`{{ q('url','file:///` + strings.TrimPrefix(filepath.ToSlash(dir), "/") + `/a.ini')[1] }}`: `"port=80"`,
		`{{ lookup('ansible.utils.get_path',{'a':[{'b':'x'}]},'a[0].b') }}`:                        `"x"`,
		`{{ lookup('ansible.utils.get_path',{'c':[1,2]},path='c',wantlist=true) }}`:                `[[1,2]]`,
		`{{ lookup('ansible.utils.index_of',data=['a','b'],test='eq',value='b') }}`:                `"1"`,
		`{{ lookup('ansible.utils.to_paths',{'a':{'b':1}},prepend='x') }}`:                         `{"x.a.b":1}`,
	} {
		v, err := tm.Render(src, value.Pos{})
		if got := string(value.JSON(v)); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", src, got, err, want)
		}
	}
	for _, src := range []string{`{{ lookup('file','nope') }}`, `{{ lookup('url','file:///nope') }}`, `{{ q('sequence','010') }}`, `{{ lookup('ini','x',file='a.ini',section='no') }}`} {
		if v, err := tm.Render(src, value.Pos{}); err == nil {
			t.Errorf("%s gave %s", src, value.JSON(v))
		}
	}
}
