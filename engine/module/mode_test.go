package module

import "testing"

// Recorded from ansible-core with umask 022; X and copies as 2.16 and later see them.
func TestSymbolicMode(t *testing.T) {
	cases := []struct {
		text string
		now  uint32
		dir  bool
		want uint32
	}{
		{"u+x,g-r,o=r", 0o640, false, 0o704},
		{"a=rX", 0o704, false, 0o555},
		{"u=rwX,g=u,o=g-w", 0o555, false, 0o775},
		{"u=rw,g=u,o=g", 0o600, false, 0o666},
		{"a=,u+x,g+X", 0o644, false, 0o110},
		{"", 0o644, false, 0o644},
		{"u,g+w", 0o644, false, 0o664},
		{"u=rwx,g=u,o=", 0o755, false, 0o770},
		{"+x", 0o770, false, 0o771},
		{"u+s,g+s,+t", 0o771, false, 0o7771},
		{"u=rwX,g=rX,o=", 0o600, true, 0o750},
	}
	for _, c := range cases {
		if got, err := symbolicMode(c.text, c.now, c.dir, 0o022); err != nil || got != c.want {
			t.Errorf("%s on %o: got %o %v, want %o", c.text, c.now, got, err, c.want)
		}
	}
	for _, bad := range []string{"u=foo", "foo=r", "ufoo=r", "abc=r", "ao=r", "oa=r", "0999", "bogus"} {
		if m, err := symbolicMode(bad, 0o644, false, 0); err == nil {
			t.Errorf("%q accepted as %o", bad, m)
		}
	}
}
