package builtin

import (
	"math"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func log10(x float64) float64 { return py.Log10(x) }

func sqrt(x float64) float64 { return math.Sqrt(x) }

func quoteFilter(c *Call) (Value, error) {
	if c.in() == nil {
		return "''", nil
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	return c.like(ShellQuote(t)), nil
}

// ShellQuote is shlex.quote.
func ShellQuote(t string) string {
	safe := t != ""
	for i := 0; safe && i < len(t); i++ {
		b := t[i]
		safe = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("_@%+=:,./-", b) >= 0
	}
	if safe {
		return t
	}
	return "'" + strings.ReplaceAll(t, "'", `'"'"'`) + "'"
}

func splitFilter(c *Call) (Value, error) {
	switch c.in().(type) {
	case *value.Undefined:
		return nil, Defined(c.in())
	}
	if !isText(c.in()) {
		return nil, py.Raise("TypeError", "descriptor 'split' for 'str' objects doesn't apply to a '%s' object", value.TypeName(c.in()))
	}
	return py.Call(c.in(), "split", c.Args[1:], c.Kwargs)
}
