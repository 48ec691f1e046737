package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Written by ansible-vault 2.14 with the password "secret one".
const sample = `$ANSIBLE_VAULT;1.2;AES256;dev
64306434343038333335623561626136636330653163343639663763626139393664393433376237
3936396533613366303362306131393061323334376261660a626535363466303662643062346631
38343439363036626232613863623262373065373263326137363266656132313764393634343666
6631613936393962640a386134656564393439336339346164363033363466666232613838353236
3033
`

func TestOpenReference(t *testing.T) {
	s := New(Secret{ID: "prod", Password: []byte("no")}, Secret{ID: "other", Password: []byte("secret one")})
	got, sec, err := s.OpenWith([]byte(sample), "f.yml")
	if err != nil || string(got) != "hello\nworld\n" || sec.ID != "other" {
		t.Errorf("%q %v %v", got, sec, err)
	}
	s.IDMatch = true
	if _, err = s.Open([]byte(sample), "f.yml"); err == nil || !strings.Contains(err.Error(), "on f.yml; it is encrypted with vault id 'dev'") {
		t.Error(err)
	}
	// An indented block of a YAML file reads the same.
	if got, err := New(Secret{ID: "dev", Password: []byte("secret one")}).OpenText("")(strings.ReplaceAll(sample, "\n", "\n    ")); err != nil || got != "hello\nworld\n" {
		t.Error(got, err)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, clear := range []string{"", "x", strings.Repeat("a", 16), strings.Repeat("längs\n", 500)} {
		for _, id := range []string{"", "default", "my id"} {
			enc, err := Seal([]byte(clear), []byte("pw"), id, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := New(Secret{ID: "x", Password: []byte("pw")}).Open(enc, "")
			if err != nil || string(got) != clear {
				t.Errorf("%q: %q %v", clear, got, err)
			}
			want := id
			if id == "" {
				want = "default"
			}
			if got, _ := ID(enc); got != want {
				t.Errorf("id %q want %q", got, want)
			}
		}
	}
	enc, _ := Seal([]byte("x"), []byte("pw"), "", bytes.Repeat([]byte{1}, 32))
	for _, l := range strings.Split(strings.TrimSpace(string(enc)), "\n") {
		if len(l) > 80 {
			t.Error(l)
		}
	}
}

func TestFaults(t *testing.T) {
	s := New(Secret{ID: "a", Password: []byte("pw")})
	for in, want := range map[string]string{
		"plain":                             "not vault encrypted",
		"$ANSIBLE_VAULT;1.1":                "incomplete",
		"$ANSIBLE_VAULT;1.1;AES\n00":        "cipher could not be found",
		"$ANSIBLE_VAULT;1.1;AES256\nzz":     "unhexlify",
		"$ANSIBLE_VAULT;1.1;AES256\n3030":   "format error",
		"$ANSIBLE_VAULT;1.1;AES256\n0a0a30": "unhexlify",
	} {
		if _, err := s.Open([]byte(in), "f"); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "on f") {
			t.Errorf("%q: %v", in, err)
		}
	}
	if _, err := New().Open([]byte(sample), "f"); err == nil || !strings.Contains(err.Error(), "no vault secrets found") {
		t.Error(err)
	}
}

func TestSources(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return p
	}
	plain, empty := write("pw", "  one \n", 0o600), write("empty", "\n", 0o600)
	req := Request{IDs: []string{"dev@" + plain, "p@prompt"}, PasswordFiles: []string{plain}, Prompt: func(text string) (string, error) {
		if text != "Vault password (p): " {
			t.Errorf("prompt %q", text)
		}
		return "three", nil
	}}
	if runtime.GOOS != "windows" {
		req.IDs = append(req.IDs, "s@"+write("x-client.sh", "#!/bin/sh\necho \"$@\"\n", 0o700))
	}
	s, err := req.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, sec := range s.List() {
		got += sec.ID + "=" + string(sec.Password) + ";"
	}
	want := "dev=one;p=three;s=--vault-id s;default=one;"
	if runtime.GOOS != "windows" && got != want {
		t.Errorf("got %s want %s", got, want)
	}
	for spec, want := range map[string]string{empty: "it is empty", filepath.Join(dir, "no"): "was not found", dir: "can not be a directory"} {
		if _, err := (Request{IDs: []string{spec}}).Load(nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, b []byte) { New(Secret{ID: "a", Password: []byte("p")}).Open(b, "f") })
}
