package templar

import (
	"strings"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// What would exhaust memory, stack or patience ends in an error, soon.
func TestLimits(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	deep := func(a, b string, n int) string { return strings.Repeat(a, n) + "1" + strings.Repeat(b, n) }
	for _, src := range []string{
		"{{ 'a' * 10**12 }}", "{{ [1] * 10**12 }}", "{{ range(10**12) | list }}", "{{ range(10**12) }}", "{{ 10 ** (10 ** 10) }}",
		"{% for i in range(10**12) %}{% endfor %}", "{{ range(10**12) | map('string') | join }}", "{{ range(10**10) | sum }}",
		"{{ 'x' | center(10**12) }}", "{{ '%1000000000000d' % 1 }}", "{{ '{:>1000000000000}'.format(1) }}", "{{ 'a'.ljust(10**12) }}",
		"{{ 1 | string | indent(10**12, true) }}", "{{ lipsum(n=10**9) | length }}", "{{ 7 ** (7 ** (7 ** 7)) }}", "{{ 'ab' | batch(10**12, 'x') | list }}",
		"{{ " + deep("(", ")", 100000) + " }}", "{{ " + deep("[", "]", 100000) + " }}", "{{ " + strings.Repeat("-", 100000) + "1 }}",
		"{{ " + strings.Repeat("not ", 100000) + "1 }}", "{{ 1" + strings.Repeat(" if 1 else 1", 100000) + " }}", "{{ x" + strings.Repeat("[0]", 100000) + " }}",
		"{{ 1" + strings.Repeat(" or 0", 1000000) + " }}", "{{ x" + strings.Repeat("|string", 100000) + " }}", strings.Repeat("{% if 1 %}", 100000),
		"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
		"{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
		"{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
		"{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
		"{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
		"{% for i in range(10**6) %}{% for j in range(10**6) %}{% endfor %}{% endfor %}",
		"{% for i in range(10**6) %}{{ range(10**6) | list | length }}{% endfor %}", "{% for i in range(10**6) %}{{ ('a' * 10**7) | upper | length }}{% endfor %}",
		"{% set l = [1] %}{% for x in l %}{{ l.append(1) }}{% endfor %}", "{{ x.x }}{% set x = {} %}{{ x.update({'x': x}) }}{{ x }}{{ nope }}",
		"{% set ns = namespace(x=2) %}{% for i in range(60) %}{% set ns.x = ns.x * ns.x %}{% endfor %}{{ ns.x }}",
	} {
		start := time.Now()
		_, err := NewEngine(Options{ErrorOnUndef: true}).New(DictVars{value.NewDict()}, Scope{}).Render(src, value.Pos{})
		if err == nil {
			t.Errorf("%.80s: no error", src)
		}
		if d := time.Since(start); d > time.Minute {
			t.Errorf("%.80s: took %v", src, d)
		}
	}
}
