package connect

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// lockedKey writes a key with a passphrase and returns its public part.
func lockedKey(t *testing.T, file, pass string) (ssh.PublicKey, ed25519.PrivateKey) {
	pub, priv, _ := ed25519.GenerateKey(rand.Reader)
	blk, err := ssh.MarshalPrivateKeyWithPassphrase(priv, "", []byte(pass))
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(file, pem.EncodeToMemory(blk), 0o600)
	p, _ := ssh.NewPublicKey(pub)
	return p, priv
}

func startAgent(t *testing.T, keys ...any) string {
	sock := t.TempDir() + "/s"
	l, err := net.Listen("unix", sock)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { l.Close() })
	ring := agent.NewKeyring()
	for _, k := range keys {
		if err := ring.Add(agent.AddedKey{PrivateKey: k}); err != nil {
			t.Fatal(err)
		}
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go agent.ServeAgent(ring, c)
		}
	}()
	return sock
}

func TestKeys(t *testing.T) {
	srv := startSSHD(t, "PasswordAuthentication no")
	d := t.TempDir()
	locked, priv := lockedKey(t, d+"/locked", "secret")
	f, _ := os.OpenFile(srv.dir+"/authorized_keys", os.O_APPEND|os.O_WRONLY, 0)
	f.Write(ssh.MarshalAuthorizedKey(locked))
	f.Close()
	os.WriteFile(d+"/locked.pub", ssh.MarshalAuthorizedKey(locked), 0o644)
	writeKey(t, d+"/wrong")
	open, _ := os.ReadFile(srv.key)
	os.WriteFile(d+"/open", open, 0o644)
	os.Chmod(d+"/open", 0o644)
	os.WriteFile(d+"/junk", []byte("no key\n"), 0o600)
	good := startAgent(t, &priv)
	_, strangeKey, _ := ed25519.GenerateKey(rand.Reader)
	strange := startAgent(t, &strangeKey)
	denied := localUser() + "@127.0.0.1: Permission denied (publickey)."
	for _, tc := range []struct {
		name, key, pass, sock, args string
		err                         []string
	}{
		{"key file", srv.key, "", "", "", nil},
		{"wrong key", d + "/wrong", "", "", "", []string{viaSSH + denied}},
		{"missing key", d + "/none", "", "", "", []string{"no such identity: " + d + "/none: No such file or directory", denied}},
		{"too open", d + "/open", "", "", "", []string{"Permissions 0644", "too open", denied}},
		{"junk", d + "/junk", "", "", "", []string{`Load key "` + d + `/junk"`, denied}},
		{"passphrase", d + "/locked", "secret", "", "", nil},
		{"wrong passphrase", d + "/locked", "x", "", "", []string{"incorrect passphrase", denied}},
		{"no passphrase", d + "/locked", "", "", "", []string{"protected by a passphrase: add it to ssh-agent", denied}},
		{"locked, in the agent", d + "/locked", "", good, "", nil},
		{"agent alone", "", "", good, "", nil},
		{"public key names the agent's", d + "/locked.pub", "", good, "-o IdentitiesOnly=yes", nil},
		{"agent not asked", d + "/wrong", "", good, "-o IdentitiesOnly=yes", []string{denied}},
		{"agent with another key", srv.key, "", strange, "", nil},
		{"IdentityAgent", "", "", "", "-o IdentityAgent=" + good, nil},
		{"agent gone", srv.key, "", d + "/nosock", "", nil},
		{"two -i", "", "", "", "-i " + d + "/wrong -i " + srv.key, nil},
		{"pubkey off", srv.key, "", "", "-o PubkeyAuthentication=no", []string{denied}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv("SSH_AUTH_SOCK", tc.sock)
			t.Setenv("HOME", d)
			tgt := srv.target()
			tgt.KeyFile, tgt.KeyPassphrase = tc.key, tc.pass
			tgt.CommonArgs += " " + tc.args
			err := login(t, tgt)
			if len(tc.err) == 0 && err != nil {
				t.Error(err)
			}
			for _, w := range tc.err {
				if err == nil || !strings.Contains(err.Error(), w) {
					t.Errorf("got %v; want %q", err, w)
				}
			}
		})
	}
}

func TestUserCertificate(t *testing.T) {
	d := t.TempDir()
	ca := writeKey(t, d+"/ca")
	signer, _ := ssh.ParsePrivateKey([]byte(read(t, d+"/ca")))
	user := writeKey(t, d+"/id")
	c := &ssh.Certificate{Key: user, CertType: ssh.UserCert, ValidPrincipals: []string{localUser()}, ValidBefore: ssh.CertTimeInfinity}
	c.SignCert(rand.Reader, signer)
	os.WriteFile(d+"/id-cert.pub", ssh.MarshalAuthorizedKey(c), 0o600)
	os.WriteFile(d+"/cas", ssh.MarshalAuthorizedKey(ca), 0o600)
	srv := startSSHD(t, "TrustedUserCAKeys "+d+"/cas")
	tgt := srv.target()
	tgt.KeyFile = d + "/id"
	if err := login(t, tgt); err != nil {
		t.Error(err)
	}
}

func TestAgentForwarding(t *testing.T) {
	srv := startSSHD(t)
	_, priv, _ := ed25519.GenerateKey(rand.Reader)
	t.Setenv("SSH_AUTH_SOCK", startAgent(t, &priv))
	if _, err := exec.LookPath("ssh-add"); err != nil {
		t.Skip("no ssh-add")
	}
	tgt := srv.target()
	tgt.CommonArgs += " -o ForwardAgent=yes"
	r, err := newOpener(t).Raw(context.Background(), tgt, "ssh-add -l", nil)
	if err != nil || !strings.Contains(string(r.Stdout), "ED25519") {
		t.Errorf("%v %s%s", err, r.Stdout, r.Stderr)
	}
}

func TestConnectErrors(t *testing.T) {
	silent, _ := net.Listen("tcp", "127.0.0.1:0")
	defer silent.Close()
	rude, _ := net.Listen("tcp", "127.0.0.1:0")
	defer rude.Close()
	web, _ := net.Listen("tcp", "127.0.0.1:0")
	defer web.Close()
	go func() {
		for {
			c, err := rude.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	go func() {
		for {
			c, err := web.Accept()
			if err != nil {
				return
			}
			c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			c.Close()
		}
	}()
	port := func(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }
	// The near end of a connection: nobody listens there, and nobody else can take it.
	near, err := net.Dial("tcp", silent.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	free := near.LocalAddr().(*net.TCPAddr).Port
	for _, tc := range []struct {
		name, host string
		port       int
		args, want string
	}{
		{"refused", "127.0.0.1", free, "", "ssh: connect to host 127.0.0.1 port "},
		{"no name", "no..such.host", 22, "", "ssh: Could not resolve hostname no..such.host: "}, // no name server is asked for that
		{"silent", "127.0.0.1", port(silent), "-o ConnectTimeout=1", "Connection timed out during banner exchange"},
		{"rude", "127.0.0.1", port(rude), "", "Connection closed by 127.0.0.1 port "},
		{"not ssh", "127.0.0.1", port(web), "", "127.0.0.1 port "},
		{"bad option", "127.0.0.1", 22, "-o Foo=bar", "Bad configuration option: foo"},
		{"bad argument", "127.0.0.1", 22, "-o", "option -o needs an argument"},
		{"bad quoting", "127.0.0.1", 22, "-o 'x", "No closing quotation"},
		{"bad config", "127.0.0.1", 22, "-F /no/such/file", "Can't open user config file /no/such/file: No such file or directory"},
		{"bad proxy command", "127.0.0.1", 22, "-o ProxyCommand=false", "Connection closed by"},
		{"bad jump", "127.0.0.1", 22, "-J 127.0.0.1:" + strings.TrimPrefix(rude.Addr().String(), "127.0.0.1:"), "Connection closed by"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			args := "-F none " + tc.args
			if strings.Contains(tc.args, "-F ") {
				args = tc.args
			}
			began := time.Now()
			err := login(t, Target{Name: "h1", Host: tc.host, Port: tc.port, CommonArgs: args, Timeout: time.Minute, HostKeyChecking: true})
			if err == nil || !strings.HasPrefix(err.Error(), viaSSH) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v", err)
			}
			t.Log(err, time.Since(began))
		})
	}
}

func TestNegotiation(t *testing.T) {
	for conf, want := range map[string]string{
		"KexAlgorithms diffie-hellman-group18-sha512": "no matching key exchange method found. Their offer: diffie-hellman-group18-sha512",
		"Ciphers aes256-cbc":                          "no matching cipher found. Their offer: aes256-cbc",
	} {
		srv := startSSHD(t, conf)
		err := login(t, srv.target())
		if err == nil || !strings.Contains(err.Error(), "Unable to negotiate with 127.0.0.1 port "+srv.port+": "+want) {
			t.Errorf("%s: %v", conf, err)
		}
	}
	// Old servers are reached the way ssh reaches them.
	srv := startSSHD(t, "KexAlgorithms diffie-hellman-group14-sha1", "Ciphers aes128-cbc")
	tgt := srv.target()
	tgt.CommonArgs += " -o KexAlgorithms=+diffie-hellman-group14-sha1 -o Ciphers=+aes128-cbc"
	if err := login(t, tgt); err != nil {
		t.Error(err)
	}
}

func TestRetries(t *testing.T) {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	tgt := Target{Name: "h1", Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, CommonArgs: "-F none", Timeout: time.Minute, Retries: 2}
	var n atomic.Int32
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n.Add(1)
			c.Close()
		}
	}()
	login(t, tgt)
	l.Close()
	if n := n.Load(); n != 3 {
		t.Errorf("%d attempts with 2 retries", n)
	}
}
