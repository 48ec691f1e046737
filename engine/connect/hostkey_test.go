package connect

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/goplay-engine/goplay/engine/remote"
)

// login connects only; a helper is not needed to judge keys.
func login(t *testing.T, tgt Target) error {
	o := newOpener(t)
	c, err := o.connect(context.Background(), tgt, false)
	if err == nil {
		c.close("")
	}
	return err
}

func read(t *testing.T, f string) string {
	b, err := os.ReadFile(f)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(b)
}

func TestHostKeys(t *testing.T) {
	srv := startSSHD(t)
	line := read(t, srv.known)
	key := strings.SplitN(line, " ", 2)[1]
	other := string(ssh.MarshalAuthorizedKey(writeKey(t, srv.dir+"/other")))
	name := "[127.0.0.1]:" + srv.port
	for _, tc := range []struct {
		name, known, args string
		noCheck           bool
		err               string // "" for none
		added             string // what the file holds after that
	}{
		{"known", name + " " + key, "", false, "", ""},
		{"known among others", "other " + other + "# " + name + "\n\n*.example.com,!127.* " + other + name + " " + key, "", false, "", ""},
		{"unknown", "", "", false, verifyFailed, ""},
		{"unknown, strict", "", "-o StrictHostKeyChecking=yes", false, verifyFailed, ""},
		{"unknown, checking off", "", "", true, "", name + " " + key},
		{"unknown, accept-new", "", "-o StrictHostKeyChecking=accept-new", false, "", name + " " + key},
		{"added after an unfinished line", "x " + strings.TrimSpace(other), "", true, "", "x " + other + name + " " + key},
		{"changed", "# first\n" + name + " " + other, "", false, "kh:2 has SHA256:", ""},
		{"changed, accept-new", name + " " + other, "-o StrictHostKeyChecking=accept-new", false, "IDENTIFICATION HAS CHANGED", ""},
		{"changed, checking off", name + " " + other, "", true, "", name + " " + other},
		{"revoked", "@revoked * " + key + name + " " + key, "", true, "revoked in", ""},
		{"wildcard", "[127.*]:* " + key, "", false, "", ""},
		{"negated", "*,!127.0.0.1,!" + name + " " + key, "", false, verifyFailed, ""},
		{"without port", "127.0.0.1 " + key, "", false, "", ""},
		{"alias", "web " + key, "-o HostKeyAlias=web", false, "", ""},
		{"several names", "web," + name + ",db " + key, "", false, "", ""},
		{"broken lines", "x\n@cert-authority\n" + name + " ssh-ed25519 !!!\n" + name + " " + key, "", false, "", ""},
		{"another type known", name + " ecdsa-sha2-nistp256 AAAA\n" + name + " " + key, "", false, "", ""},
		{"global file", "", "-o GlobalKnownHostsFile=" + srv.known, false, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			kh := t.TempDir() + "/kh"
			if tc.known != "" {
				os.WriteFile(kh, []byte(tc.known), 0o600)
			}
			tgt := srv.target()
			tgt.CommonArgs = "-F none " + tc.args + " -o UserKnownHostsFile=" + kh
			tgt.HostKeyChecking = !tc.noCheck
			err := login(t, tgt)
			switch {
			case tc.err == "" && err != nil:
				t.Error(err)
			case tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err) || !strings.HasSuffix(err.Error(), verifyFailed) || !remote.IsUnreachable(err)):
				t.Errorf("got %v", err)
			}
			t.Log(err)
			if tc.added != "" && read(t, kh) != tc.added {
				t.Errorf("file: %q, want %q", read(t, kh), tc.added)
			}
			if tc.added == "" && read(t, kh) != tc.known {
				t.Errorf("the file was changed: %q", read(t, kh))
			}
		})
	}
}

func TestHashedHosts(t *testing.T) {
	srv := startSSHD(t)
	kh := t.TempDir() + "/kh"
	tgt := srv.target()
	tgt.CommonArgs = "-F none -o UserKnownHostsFile=" + kh + " -o HashKnownHosts=yes -o StrictHostKeyChecking=accept-new"
	if err := login(t, tgt); err != nil {
		t.Fatal(err)
	}
	if s := read(t, kh); !strings.HasPrefix(s, "|1|") || strings.Contains(s, "127.0.0.1") {
		t.Fatalf("not hashed: %s", s)
	}
	tgt.CommonArgs += " -o StrictHostKeyChecking=yes"
	if err := login(t, tgt); err != nil {
		t.Error(err)
	}
	if _, err := exec.LookPath("ssh-keygen"); err == nil {
		out, err := exec.Command("ssh-keygen", "-f", kh, "-F", "[127.0.0.1]:"+srv.port).CombinedOutput()
		if err != nil {
			t.Errorf("ssh-keygen does not find it: %s", out)
		}
	}
}

// TestKnownType: a host with several keys shows the one that is known.
func TestKnownType(t *testing.T) {
	d := t.TempDir()
	for _, typ := range []string{"ecdsa", "rsa"} {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", typ, "-N", "", "-f", d+"/"+typ).CombinedOutput(); err != nil {
			t.Skipf("ssh-keygen: %s", out)
		}
	}
	srv := startSSHD(t, "HostKey "+d+"/ecdsa", "HostKey "+d+"/rsa")
	for _, typ := range []string{"ecdsa", "rsa"} {
		kh := d + "/kh-" + typ
		os.WriteFile(kh, []byte("[127.0.0.1]:"+srv.port+" "+read(t, d+"/"+typ+".pub")), 0o600)
		tgt := srv.target()
		tgt.CommonArgs = "-F none -o UserKnownHostsFile=" + kh
		if err := login(t, tgt); err != nil {
			t.Errorf("%s: %v", typ, err)
		}
	}
}

func TestHostCertificate(t *testing.T) {
	d := t.TempDir()
	ca := writeKey(t, d+"/ca")
	caSigner, err := ssh.ParsePrivateKey([]byte(read(t, d+"/ca")))
	if err != nil {
		t.Fatal(err)
	}
	host := writeKey(t, d+"/hostkey")
	sign := func(name string, valid time.Duration) {
		c := &ssh.Certificate{Key: host, CertType: ssh.HostCert, KeyId: "h", ValidPrincipals: []string{name},
			ValidAfter: uint64(time.Now().Add(-2 * time.Hour).Unix()), ValidBefore: uint64(time.Now().Add(valid).Unix())}
		if err := c.SignCert(rand.Reader, caSigner); err != nil {
			t.Fatal(err)
		}
		os.WriteFile(d+"/hostkey-cert.pub", ssh.MarshalAuthorizedKey(c), 0o600)
	}
	for _, tc := range []struct {
		principal string
		valid     time.Duration
		want      string
	}{{"127.0.0.1", time.Hour, ""}, {"elsewhere", time.Hour, "not valid"}, {"127.0.0.1", -time.Hour, "not valid"}} {
		sign(tc.principal, tc.valid)
		srv := startSSHD(t, "HostKey "+d+"/hostkey", "HostCertificate "+d+"/hostkey-cert.pub")
		kh := d + "/kh"
		os.WriteFile(kh, []byte("@cert-authority * "+string(ssh.MarshalAuthorizedKey(ca))), 0o600)
		tgt := srv.target()
		tgt.CommonArgs = "-F none -o UserKnownHostsFile=" + kh
		err := login(t, tgt)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%+v: %v", tc, err)
		}
	}
}

func TestAskHostKey(t *testing.T) {
	srv := startSSHD(t)
	tgt := srv.target()
	kh := t.TempDir() + "/kh"
	tgt.CommonArgs = "-F none -o UserKnownHostsFile=" + kh
	asked := ""
	for _, answer := range []bool{false, true} {
		o := newOpener(t)
		o.AskHostKey = func(q, _ string) bool { asked = q; return answer }
		_, err := o.connect(context.Background(), tgt, false)
		if (err == nil) != answer {
			t.Errorf("answered %v: %v", answer, err)
		}
	}
	if !strings.Contains(asked, "SHA256:") || !strings.Contains(read(t, kh), fmt.Sprintf("[127.0.0.1]:%s ssh-ed25519", srv.port)) {
		t.Errorf("asked %q, file %q", asked, read(t, kh))
	}
}
