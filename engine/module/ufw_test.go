package module_test

import (
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/module/moduletest"
	"github.com/goplay-engine/goplay/engine/value"
)

// Recorded from the reference: arguments that are empty, as roles pass them with default(”), are as good as not given.
func TestUFWEmpty(t *testing.T) {
	tools(t, map[string]string{"ufw": "[ \"$1\" = --version ] && echo ufw 0.36.2 || echo Status: active"})
	for _, c := range []struct {
		args *value.Dict
		want string
	}{
		{moduletest.Args("rule", "allow", "to_port", "22", "proto", "tcp", "interface", "", "direction", "in", "from_ip", "", "to_ip", ""), "allow in port 22 proto tcp"},
		{moduletest.Args("rule", "allow", "to_port", "22", "interface", "", "direction", "in", "from_port", "", "name", "", "comment", ""), "allow in from any to any port 22"},
		{moduletest.Args("rule", "deny", "direction", "out"), "deny out from any to any"},
		{moduletest.Args("rule", "deny", "direction", "out", "interface", "eth0"), "deny out on eth0 from any to any"},
	} {
		r := moduletest.Check(t, "ufw", c.args)
		_, got, _ := strings.Cut(value.Repr(r.At("commands")), "--dry-run ")
		if strings.TrimRight(got, "']") != c.want {
			t.Errorf("%s: %s", c.want, value.Repr(r))
		}
	}
}
