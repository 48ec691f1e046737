package templar

import (
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// Text from outside stays marked, whatever a template makes of it: a result
// that lost the mark could be rendered as a template later.
func TestUnsafeSticks(t *testing.T) {
	res := value.DictOf("stdout", value.Unsafe("{{ evil }}"), "lines", value.NewList(value.Unsafe("{{ a }}"), value.Unsafe("b")), "rc", int64(0))
	vars := value.DictOf("res", res, "u", value.Unsafe("{{ evil }}"), "via", "pre {{ res.stdout }}", "safe", "s", "ns", "{{ u }}")
	tm := NewEngine(Options{ErrorOnUndef: true}).New(DictVars{vars}, Scope{})
	for _, src := range []string{
		"{{ u }}", "{{ via }}", "{{ ns }}!", "{{ u ~ '' }}", "{{ u + 'x' }}", "{{ 'x' + u }}", "{{ u | upper }}", "{{ u | regex_replace('e', 'f') }}", "{{ u | replace('a', 'b') }}",
		"{{ '%s' % u }}", "{{ '%s' % res }}", "{{ '%(stdout)s' % res }}", "{{ '{}'.format(u) }}", "{{ '{0[stdout]}'.format(res) }}", "{{ ','.join(res.lines) }}",
		"{{ res.lines | join(',') }}", "{{ res.values() | list | join }}", "{{ res.values() | join }}", "{{ res.items() | list }}", "{{ res | to_json }}", "{{ res | string }}", "{{ res }}", "{{ [res] }}",
		"{% for l in res.lines %}{{ l }}{% endfor %}", "{% for k, v in res.items() %}{{ v }}{% endfor %}", "{% set x = u %}{{ x }}", "{% set x %}{{ u }}{% endset %}{{ x }}",
		"{% macro m(x) %}{{ x }}{% endmacro %}{{ m(u) }}", "{% macro m() %}{{ u }}{% endmacro %}{{ m() | trim }}", "{{ {} | combine(res) }}", "{{ res.lines | map('regex_replace', 'a', 'b') | list }}",
		"{{ res.lines | map('upper') | first }}", "{{ (res.lines + ['z']) | last }}{{ res.lines[0] }}", "{{ u[2:] }}", "{{ u[0] }}", "{{ u.split() }}", "{{ u.split() | first }}", "{{ u | b64encode | b64decode }}",
		"{{ u | to_json | from_json }}", "{{ u if true else safe }}", "{{ safe if false else u }}", "{{ missing | default(u) }}", "{{ u | default('x') }}", "{{ u | list | join }}", "{{ res.get('stdout') }}",
		"{{ res['stdout'] }}", "{{ [u, 'a'] | join(' ') }}", "{{ {'k': u}.k }}", "{{ {'k': u} | dict2items }}", "{{ (u, 1) | first }}", "{{ u | ternary(u, 'b') }}", "{{ true | ternary(res.stdout, 'b') }}", "{{ res | dict2items | map(attribute='value') | first }}",
		"{{ dict(a=u) }}", "{{ dict(a=u).a }}", "{{ res.lines | zip(['x','y']) | list }}", "{{ u | comment }}", "{{ u | indent(2) }}", "{{ u | quote }}", "{{ res | to_nice_yaml }}", "{{ res.lines | sort | join }}",
		"{% set n = namespace(x='') %}{% for l in res.lines %}{% set n.x = n.x ~ l %}{% endfor %}{{ n.x }}",
	} {
		v, err := tm.Render(src, value.Pos{})
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if !allUnsafe(v) {
			t.Errorf("%s: %T %s lost the mark", src, v, value.Repr(v))
		}
	}
	if v, _ := tm.Render("{{ safe }} {{ res.rc }}", value.Pos{}); v != "s 0" {
		t.Errorf("%T %v: what is safe stays safe", v, v)
	}
}

func allUnsafe(v value.Value) bool {
	switch x := v.(type) {
	case string:
		return false
	case *value.Dict:
		for _, e := range x.All() {
			if !allUnsafe(e) {
				return false
			}
		}
	case *value.List:
		for _, e := range x.Items {
			if !allUnsafe(e) {
				return false
			}
		}
	case value.Tuple:
		for _, e := range x {
			if !allUnsafe(e) {
				return false
			}
		}
	}
	return true
}
