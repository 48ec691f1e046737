package crypt

import "testing"

// The hashes were recorded from passlib.
func TestHash(t *testing.T) {
	for _, c := range []struct {
		alg, pw string
		o       Options
		want    string
	}{
		{"sha512", "pw", Options{Salt: "fixedsalt", Rounds: 5000}, "$6$fixedsalt$3ohP1VFw8mL/66U0IKBxBKCQUwP9tBjjSnnH49ozQZZpOomZetXfhGtfTzY2r23Y0cXPeK/nQ5wYkATOfKg29."},
		{"md5", "pw", Options{Salt: "fixedslt"}, "$1$fixedslt$bMd0flhwyBWzzRy.8EBG80"},
		{"sha256", "a", Options{Salt: "salt"}, "$5$rounds=535000$salt$.hsRd61xltmZnz83dak79UTl8X71958QDTXF.uGZzu9"},
		{"blowfish", "a", Options{Salt: "aaaaaaaaaaaaaaaaaaaaaa", Rounds: 5, Ident: "2a"}, "$2a$05$aaaaaaaaaaaaaaaaaaaaaOtPZmZGKGyk4qEwJ377bsHD1z0qQ/C6G"},
	} {
		if got, err := Hash(c.alg, c.pw, c.o); err != nil || got != c.want {
			t.Errorf("%s: %s %v, want %s", c.alg, got, err, c.want)
		}
	}
	for _, o := range []Options{{Salt: "bad salt!"}, {Salt: "salt", Rounds: 10}, {Salt: "12345678901234567"}} {
		if _, err := Hash("sha512", "a", o); err == nil {
			t.Errorf("%+v is no error", o)
		}
	}
}
