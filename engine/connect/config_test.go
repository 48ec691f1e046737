package connect

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestConfigFile(t *testing.T) {
	d := t.TempDir()
	t.Setenv("HOME", d)
	os.MkdirAll(d+"/.ssh/conf.d", 0o700)
	os.WriteFile(d+"/.ssh/config", []byte(`# comment
Include conf.d/*.conf
Host web*  !web9
    HostName %h.example.com
    Port=2222
    User "first user"
    IdentityFile ~/.ssh/%n-%r
Host web1
	User second
	Port 3333
Match host *.example.com user "first user"
    ProxyJump bastion
Match originalhost web9
    HostName nine
Match exec "test %n = db"
    Port 77
Match host "a,b" localuser nobody-here
    Port 1
Host *
    User last
    IdentityFile ~/.ssh/all
    ServerAliveInterval 2m
`), 0o600)
	os.WriteFile(d+"/.ssh/conf.d/a.conf", []byte("Host inc\n HostName included\n"), 0o600)
	os.WriteFile(d+"/alt", []byte("Host *\nPort 99\nProxyCommand nc %h %p\n"), 0o600)
	for _, tc := range []struct {
		target Target
		want   string
	}{
		{Target{Host: "web1"}, "web1.example.com 2222 first user [" + d + "/.ssh/web1-first user " + d + "/.ssh/all] bastion"},
		{Target{Host: "web9"}, "nine 22 last [" + d + "/.ssh/all] "},
		{Target{Host: "inc"}, "included 22 last [" + d + "/.ssh/all] "},
		{Target{Host: "db"}, "db 77 last [" + d + "/.ssh/all] "},
		{Target{Host: "web1", User: "me", Port: 5, KeyFile: "/k"}, "web1.example.com 5 me [/k " + d + "/.ssh/web1-me " + d + "/.ssh/all] "},
		{Target{Host: "web1", CommonArgs: "-l me -p5 -C -o 'HostName=x y' -vvv -4"}, "x y 5 me [" + d + "/.ssh/web1-me " + d + "/.ssh/all] "},
		{Target{Host: "web1", CommonArgs: "-F " + d + "/alt", ExtraArgs: "-p 6"}, "web1 6 " + localUser() + " [] nc web1 6"},
		{Target{Name: "only-name", CommonArgs: "-F none -J 'u@j1:24,j2'"}, "only-name 22 " + localUser() + " [] u@j1:24,j2"},
		{Target{Host: "h", CommonArgs: `-F none -o ProxyCommand="ssh -W %h:%p jump" -o ProxyJump=x`}, "h 22 " + localUser() + " [] ssh -W h:22 jump"},
	} {
		o := New(Options{}).(*opener)
		s, err := o.settingsFor(tc.target)
		if err != nil {
			t.Errorf("%+v: %v", tc.target, err)
			continue
		}
		var keys []string
		for _, k := range s.vals["identityfile"] {
			keys = append(keys, s.expand(k))
		}
		got := fmt.Sprintf("%s %d %s [%s] %s", s.hostName(), s.port(), s.user(), strings.Join(keys, " "), s.get("proxyjump", "")+s.expand(s.get("proxycommand", "")))
		if got != tc.want {
			t.Errorf("%+v:\n got %s\nwant %s", tc.target, got, tc.want)
		}
	}
}

func TestJump(t *testing.T) {
	bastion, inner := startSSHD(t), startSSHD(t)
	d := t.TempDir()
	t.Setenv("HOME", d)
	os.Mkdir(d+"/.ssh", 0o700)
	conf := fmt.Sprintf("Host bastion\n HostName 127.0.0.1\n Port %s\n IdentityFile %s\n UserKnownHostsFile %s\n"+
		"Host twice\n HostName 127.0.0.1\n Port %s\n IdentityFile %s\n UserKnownHostsFile %s\n ProxyJump bastion\n",
		bastion.port, bastion.key, bastion.known, bastion.port, bastion.key, bastion.known)
	os.WriteFile(d+"/.ssh/config", []byte(conf), 0o600)
	base := inner.target()
	base.CommonArgs = "-o UserKnownHostsFile=" + inner.known
	for _, args := range []string{"-J bastion", "-o ProxyJump=twice", "-J bastion,twice",
		"-o ProxyCommand=\"ssh -W %h:%p -q -F " + d + "/.ssh/config bastion\""} {
		if strings.Contains(args, "ssh -W") {
			if _, err := exec.LookPath("ssh"); err != nil {
				continue
			}
		}
		tgt := base
		tgt.CommonArgs += " " + args
		if err := echo(mustOpen(t, newOpener(t), tgt)); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
	tgt := base
	tgt.CommonArgs += " -J bastion"
	tgt.Port = 1
	if err := login(t, tgt); err == nil || !strings.Contains(err.Error(), "stdio forwarding failed") {
		t.Errorf("got %v", err)
	}
}

func TestSplitShell(t *testing.T) {
	for in, want := range map[string]string{
		`-o 'A=b c' -p22`:            `["-o" "A=b c" "-p22"]`,
		`-o ProxyCommand="nc %h %p"`: `["-o" "ProxyCommand=nc %h %p"]`,
		`a\ b "c\"d" ''`:             `["a b" "c\"d" ""]`,
		``:                           `[]`,
	} {
		got, err := splitShell(in)
		if err != nil || fmt.Sprintf("%q", got) != want {
			t.Errorf("%s: %q %v", in, got, err)
		}
	}
	for _, s := range []string{"", "a b", "it's", `"$x" \ !`, "-n"} {
		if got, err := splitShell(quote(s)); err != nil || len(got) != 1 || got[0] != s {
			t.Errorf("quote(%q) = %s", s, quote(s))
		}
	}
}
