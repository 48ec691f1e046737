package module_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/module/moduletest"
	"github.com/goplay-engine/goplay/engine/value"
)

// Keys, requests and certificates as a play makes them, one resting on the other.
func TestCertificates(t *testing.T) {
	dir := t.TempDir()
	key := moduletest.Run(t, "community.crypto.openssl_privatekey", moduletest.Args("path", dir+"/ca.pem", "size", 2048))
	if key.At("changed") != true || value.Str(key.At("type")) != "RSA" {
		t.Fatal(value.Repr(key))
	}
	for _, c := range []struct {
		module string
		args   []any
		ignore []string // random from run to run
	}{
		{"openssl_privatekey", []any{"path", "DIR/k.pem", "type", "ECC", "curve", "secp256r1"}, []string{"diff"}},
		{"openssl_privatekey", []any{"path", "DIR/k.pem", "type", "ECC", "curve", "secp256r1", "format", "pkcs8", "format_mismatch", "convert", "backup", true}, nil},
		{"openssl_csr", []any{"path", "DIR/ca.csr", "privatekey_path", "DIR/ca.pem", "common_name", "CA", "basic_constraints", "CA:TRUE",
			"use_common_name_for_san", false}, nil},
		{"x509_certificate", []any{"path", "DIR/ca.crt", "privatekey_path", "DIR/ca.pem", "csr_path", "DIR/ca.csr", "provider", "selfsigned"}, []string{"diff"}},
		{"openssl_csr", []any{"path", "DIR/k.csr", "privatekey_path", "DIR/k.pem", "common_name", "w.org", "key_usage", "digitalSignature",
			"subject", map[string]any{"O": []any{"a", "b"}}, "mode", "0600"}, nil},
		{"x509_certificate", []any{"path", "DIR/k.crt", "csr_path", "DIR/k.csr", "ownca_path", "DIR/ca.crt", "ownca_privatekey_path", "DIR/ca.pem",
			"provider", "ownca"}, []string{"diff"}},
		{"openssl_publickey", []any{"path", "DIR/k.pub", "privatekey_path", "DIR/k.pem", "format", "OpenSSH"}, nil},
		{"openssl_publickey", []any{"path", "DIR/k.pub", "privatekey_path", "DIR/k.pem"}, nil},
		{"openssl_csr", []any{"path", "DIR/ca.csr", "state", "absent"}, nil},
	} {
		t.Run(c.module, func(t *testing.T) {
			r := moduletest.Conform(t, moduletest.Case{Module: "community.crypto." + c.module, Args: inDir(dir, c.args), Root: dir, Ignore: c.ignore})
			if r.At("changed") != true {
				t.Error(value.Repr(r))
			}
		})
	}
	info := moduletest.Run(t, "community.crypto.x509_certificate_info", moduletest.Args("path", dir+"/k.crt", "valid_at", map[string]any{"late": "+9999d"}))
	for k, want := range map[string]string{"subject_ordered": "[['commonName', 'w.org'], ['organizationName', 'a'], ['organizationName', 'b']]",
		"issuer": "{'commonName': 'CA'}", "key_usage": "['Digital Signature']", "subject_alt_name": "['DNS:w.org']", "expired": "False",
		"public_key_type": "'ECC'", "version": "3", "signature_algorithm": "'sha256WithRSAEncryption'", "valid_at": "{'late': False}"} {
		if got := value.Repr(info.At(k)); got != want {
			t.Errorf("%s: got %s, want %s", k, got, want)
		}
	}
	if openssl, err := exec.LookPath("openssl"); err == nil {
		out, err := exec.Command(openssl, "verify", "-CAfile", dir+"/ca.crt", dir+"/k.crt").CombinedOutput()
		if err != nil {
			t.Errorf("openssl verify: %s", out)
		}
	}
}

// What the tasks may get wrong ends in one clear error and leaves all as it was.
func TestCertificateErrors(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "junk"), []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"k", "l"} {
		if r := moduletest.Run(t, "openssl_privatekey", moduletest.Args("path", filepath.Join(dir, p), "type", "Ed25519", "passphrase", "geheim7", "cipher", "auto")); r.At("changed") != true {
			t.Fatal(value.Repr(r))
		}
	}
	csr := []any{"path", "DIR/n", "privatekey_path", "DIR/k", "privatekey_passphrase", "geheim7"}
	before := moduletest.Snapshot(t, dir)
	for _, c := range []struct {
		module string
		args   []any
		msg    string
	}{
		{"openssl_privatekey", []any{"path", "DIR/n", "type", "ECC"}, "type is ECC but all of the following are missing: curve"},
		{"openssl_privatekey", []any{"path", "DIR/n", "type", "DSA"}, "keys of type DSA cannot be made"},
		{"openssl_privatekey", []any{"path", "DIR/n", "size", 512}, "at least 1024"},
		{"openssl_privatekey", []any{"path", "DIR/n", "passphrase", "geheim7"}, "parameters are required together: cipher, passphrase"},
		{"openssl_privatekey", []any{"path", "DIR/k", "type", "Ed25519", "regenerate", "partial_idempotence"}, "Unable to read the key."},
		{"openssl_privatekey", []any{"path", "DIR/k", "passphrase", "geheim7", "cipher", "auto", "regenerate", "fail"}, "Key has wrong type and/or size."},
		{"openssl_privatekey", []any{"path", "DIR/junk", "regenerate", "never"}, "Unable to read the key."},
		{"openssl_privatekey", []any{"path", "DIR/x/n"}, "DIR/x does not exist or the file is not a directory"},
		{"openssl_csr", csr[:4], "Wrong or empty passphrase provided for private key"},
		{"openssl_csr", []any{"path", "DIR/n", "privatekey_path", "DIR/k", "privatekey_passphrase", "other99"}, "Wrong passphrase provided for private key"},
		{"openssl_csr", append(csr[:6:6], "key_usage", "x"), "Unknown key usage \"x\""},
		{"openssl_csr", append(csr[:6:6], "subject_alt_name", "IP:x"), "'x' does not appear to be an IPv4 or IPv6 address"},
		{"openssl_csr", append(csr[:6:6], "digest", "x"), "Unsupported digest \"x\""},
		{"community.crypto.x509_certificate", []any{"path", "DIR/n"}, "state is present but all of the following are missing: provider"},
		{"community.crypto.x509_certificate", []any{"path", "DIR/n", "provider", "acme"}, "the provider acme is not supported"},
		{"community.crypto.x509_certificate", []any{"path", "DIR/n", "provider", "selfsigned"}, "One of privatekey_path and privatekey_content must be specified"},
		{"community.crypto.x509_certificate_info", []any{"path", "DIR/junk"}, "the certificate cannot be read"},
	} {
		r := moduletest.Run(t, c.module, inDir(dir, c.args))
		if msg := strings.ReplaceAll(value.Str(r.At("msg")), dir, "DIR"); r.At("failed") != true || !strings.Contains(msg, c.msg) {
			t.Errorf("%s %v: got %q, want %q", c.module, c.args, msg, c.msg)
		}
	}
	after := moduletest.Snapshot(t, dir)
	for k, v := range after {
		if before[k] != v {
			t.Errorf("%s changed", k)
		}
	}
}

func TestKeypair(t *testing.T) {
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("ssh-keygen is not installed")
	}
	dir := t.TempDir()
	for _, c := range []struct {
		args   []any
		ignore []string
	}{
		{[]any{"path", "DIR/k", "type", "ed25519", "comment", "a b"}, []string{"diff"}},
		{[]any{"path", "DIR/k", "type", "ed25519", "comment", "c"}, nil},
		{[]any{"path", "DIR/k", "type", "ed25519", "comment", "c", "mode", "0640"}, nil},
		{[]any{"path", "DIR/k", "type", "ecdsa"}, []string{"diff"}},
		{[]any{"path", "DIR/p", "type", "ed25519", "passphrase", "secret"}, []string{"diff"}},
		{[]any{"path", "DIR/k", "state", "absent"}, nil},
	} {
		r := moduletest.Conform(t, moduletest.Case{Module: "openssh_keypair", Args: inDir(dir, c.args), Root: dir, Ignore: c.ignore})
		if r.At("changed") != true || !strings.HasPrefix(value.Str(r.At("fingerprint")), "SHA256:") {
			t.Errorf("%v: %s", c.args, value.Repr(r))
		}
	}
	r := moduletest.Run(t, "openssh_keypair", moduletest.Args("path", dir+"/p", "type", "ed25519"))
	if !strings.Contains(value.Str(r.At("msg")), "Unable to read the key.") {
		t.Errorf("a passphrase that is missing: %s", value.Repr(r))
	}
}
