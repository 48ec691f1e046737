package vaultcli

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func vaultRun(t *testing.T, stdin string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = Main(args, strings.NewReader(stdin), &o, &e, "ansible-vault")
	return code, o.String(), e.String()
}

func TestFileLife(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	pw, pw2, f := filepath.Join(dir, "pw"), filepath.Join(dir, "pw2"), filepath.Join(dir, "f.yml")
	for p, s := range map[string]string{pw: "one", pw2: "two", f: "a: 1\n"} {
		if err := os.WriteFile(p, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	step := func(want int, text string, args ...string) {
		t.Helper()
		code, out, errs := vaultRun(t, "", args...)
		if code != want || !strings.Contains(out+errs, text) {
			t.Errorf("%v: %d %q %q", args, code, out, errs)
		}
	}
	head := func(want string) {
		t.Helper()
		b, _ := os.ReadFile(f)
		if l, _, _ := strings.Cut(string(b), "\n"); l != want {
			t.Errorf("header %q", l)
		}
		if entries, _ := os.ReadDir(dir); len(entries) > 4 { // .ansible is made by edit
			t.Error("files left behind", entries)
		}
	}
	step(0, "", "encrypt", "--vault-id", "dev@"+pw, f)
	head("$ANSIBLE_VAULT;1.2;AES256;dev")
	step(1, "input is already encrypted", "encrypt", "--vault-id", "dev@"+pw, f)
	step(0, "a: 1\n", "view", "--vault-password-file", pw, f)
	step(1, "encrypted with vault id 'dev', the passwords of these ids were tried: x", "view", "--vault-id", "x@"+pw2, f)
	step(0, "Rekey successful", "rekey", "--vault-pass-file", pw, "--new-vault-id", "prod@"+pw2, f)
	head("$ANSIBLE_VAULT;1.2;AES256;prod")
	if runtime.GOOS != "windows" {
		t.Setenv("EDITOR", `sh -c 'echo b: 2 >> "$0"'`)
		step(0, "", "edit", "--vault-password-file", pw2, f)
		step(0, "a: 1\nb: 2\n", "view", "--vault-password-file", pw2, f)
		head("$ANSIBLE_VAULT;1.2;AES256;prod")
	}
	step(0, "", "decrypt", "--vault-password-file", pw2, f)
	head("a: 1")
	step(5, "Specify the vault-id to encrypt with", "encrypt", "--vault-id", "a@"+pw, "--vault-id", "b@"+pw2, f)
	step(2, "invalid choice: 'frob'", "frob")
}

func TestEncryptString(t *testing.T) {
	dir := t.TempDir()
	pw := filepath.Join(dir, "pw")
	os.WriteFile(pw, []byte("one"), 0o600)
	code, out, errs := vaultRun(t, "from stdin", "encrypt_string", "--vault-password-file", pw, "--stdin-name", "s", "-n", "a", "text", "-")
	if code != 0 || !strings.HasPrefix(out, "s: !vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          ") || !strings.Contains(out, "\na: !vault |\n") || !strings.HasSuffix(out, "\n") {
		t.Errorf("%d %q", code, out)
	}
	if want := "# The encrypted version of variable (\"s\", the string #1 from stdin).\n# The encrypted version of variable (\"a\", the string #2 from the command line args).\n"; errs != want {
		t.Error(errs)
	}
	if code, _, errs = vaultRun(t, "", "encrypt_string", "--vault-password-file", pw); code != 5 || !strings.Contains(errs, "stdin was empty, not encrypting") {
		t.Error(code, errs)
	}
}
