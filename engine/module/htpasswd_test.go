package module

import "testing"

// The hash is openssl's: openssl passwd -apr1 -salt abcdefgh secret.
func TestAprMD5(t *testing.T) {
	if got := aprMD5("secret", "abcdefgh"); got != "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/" {
		t.Error(got)
	}
	for _, s := range []string{"apr_md5_crypt", "ldap_sha1", "md5_crypt", "plaintext"} {
		h, err := makeHash(s, "pw")
		if err != nil || !checkHash(h, "pw") || checkHash(h, "other") {
			t.Errorf("%s: %s %v", s, h, err)
		}
	}
}
