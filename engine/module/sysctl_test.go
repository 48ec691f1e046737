package module

import "testing"

func TestEditSysctl(t *testing.T) {
	for _, c := range []struct {
		text, name, want string
		present          bool
		out              string
		changed          bool
	}{
		{"", "a.b", "1", true, "a.b=1\n", true},
		{"# a.b=0\na.b = 1\n", "a.b", "1", true, "# a.b=0\na.b = 1\n", false},
		{"a.b=0\nc=2\na.b=3\n", "a.b", "1", true, "a.b=1\nc=2\n", true},
		{"a.b=4 5 6\n", "a.b", "4 5 6", true, "a.b=4 5 6\n", false},
		{"a.b=0\nc=2\n", "a.b", "", false, "c=2\n", true},
		{"a.b=0\n", "a.b", "", false, "", true},
		{"c=2", "a.b", "", false, "c=2", false},
	} {
		out, changed := editSysctl(c.text, c.name, c.want, c.present)
		if out != c.out || changed != c.changed {
			t.Errorf("%q %s=%s present=%v: got %q %v, want %q %v", c.text, c.name, c.want, c.present, out, changed, c.out, c.changed)
		}
	}
}
