package rendercli

import (
	"strings"
	"testing"
)

func TestLines(t *testing.T) {
	in := `{"id":"a","kind":"E","src":"x is defined"}
{"id":"b","kind":"T","src":"{{ missing.x }}"}
{"id":"c","kind":"T","src":"{{ 1 + }}"}
{"id":"d","kind":"F","src":"{% for i in [1,2] %}{{ i }}{% endfor %}\n"}
`
	want := `{"id":"a","ok":true,"value":false}
{"id":"b","ok":true,"undefined":"missing"}
{"id":"c","ok":false,"error":"template error while templating string: unexpected 'end of print statement'. String: {{ 1 + }}"}
{"id":"d","ok":true,"value":"12\n"}
`
	var b strings.Builder
	if err := Lines(strings.NewReader(in), &b); err != nil || b.String() != want {
		t.Errorf("%v\n%s", err, b.String())
	}
}
