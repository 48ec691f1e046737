//go:build linux

package labtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// configs are what the stand's playbook writes, by host.
var configs = map[string][]string{
	"ha1":  {"/etc/haproxy/haproxy.cfg", "/etc/keepalived/keepalived.conf", "/usr/libexec/keepalived/check_haproxy"},
	"ha2":  {"/etc/haproxy/haproxy.cfg", "/etc/keepalived/keepalived.conf", "/usr/libexec/keepalived/check_haproxy"},
	"web1": {"/etc/nginx/nginx.conf", "/usr/share/nginx/html/index.html"},
	"web2": {"/etc/nginx/nginx.conf", "/usr/share/nginx/html/index.html"},
}

// TestProvision goes from blank hosts to a working service, and back to the same by every further run.
func TestProvision(t *testing.T) {
	fresh(t, "el", standHosts...)

	var preview outcome
	t.Run("check on blank hosts", func(t *testing.T) {
		before := snapAll(t, standHosts...)
		preview = stand(t, "--check", "--diff")
		wantGood(t, preview, standHosts...)
		wantSame(t, before, snapAll(t, standHosts...))
	})
	t.Run("first run", func(t *testing.T) {
		o := stand(t)
		wantGood(t, o, standHosts...)
		state = "stand"
		wantService(t)
		wantClean(t, standHosts...)
	})
	t.Run("the check had shown each config", func(t *testing.T) {
		for host, paths := range configs {
			for _, path := range paths {
				for line := range strings.Lines(file(t, host, path)) {
					if line = strings.TrimRight(line, "\n"); !strings.Contains(preview.stdout, "\n+"+line+"\n") {
						t.Errorf("%s:%s: the preview lacks %q", host, path, line)
					}
				}
			}
		}
	})
	t.Run("second run", func(t *testing.T) {
		o := stand(t)
		wantGood(t, o, standHosts...)
		wantRecap(t, o, "changed", 0, standHosts...)
	})
}

// wantService checks what users of the stand see.
func wantService(t *testing.T) {
	t.Helper()
	if !eventually(time.Minute, func() bool { return whoAnswers() != "" }) {
		t.Fatal("the virtual address does not answer")
	}
	seen := map[string]int{}
	var last string
	for range 6 {
		who := whoAnswersWithin(10 * time.Second)
		if who == last {
			t.Errorf("%s answered twice in a row", who)
		}
		last = who
		seen[who]++
	}
	if seen["Server 1"] != 3 || seen["Server 2"] != 3 {
		t.Errorf("answers: %v, want each server 3 times", seen)
	}
	for _, balancer := range []string{"10.10.1.1", "10.10.1.2"} {
		url := "http://" + balancer + ":8404/stats"
		if code, body := get(url, "admin", "stand-stats"); code != 200 || !strings.Contains(body, "web2") {
			t.Errorf("%s answers %d", url, code)
		}
		if code, _ := get(url, "", ""); code != 401 {
			t.Errorf("%s answers %d without a password, want 401", url, code)
		}
	}
}

func TestCheckOnProvisionedHosts(t *testing.T) {
	provisioned(t)
	o := stand(t, "--check", "--diff")
	wantGood(t, o, standHosts...)
	wantRecap(t, o, "changed", 0, standHosts...)
	if strings.Contains(o.stdout, "--- before") {
		t.Errorf("it shows a difference where there is none:\n%s", o.stdout)
	}
}

func TestCheckShowsHandEdit(t *testing.T) {
	provisioned(t)
	path := filepath.Join(hostRoot(t, "web1"), "etc/nginx/nginx.conf")
	good := file(t, "web1", "/etc/nginx/nginx.conf")
	edited := strings.Replace(good, "keepalive_timeout 65;", "keepalive_timeout 5;", 1)
	if edited == good {
		t.Fatal("nothing to edit")
	}
	// over ssh, since an overlay must not be changed from outside while it is in use
	on(t, "web1", "sed -i 's/keepalive_timeout 65;/keepalive_timeout 5;/' /etc/nginx/nginx.conf")
	o := stand(t, "--check", "--diff")
	wantGood(t, o, standHosts...)
	var shown []string
	for line := range strings.Lines(o.stdout) {
		if strings.HasPrefix(line, "+ ") || strings.HasPrefix(line, "- ") {
			shown = append(shown, strings.TrimRight(line, "\n"))
		}
	}
	want := "-    keepalive_timeout 5;\n+    keepalive_timeout 65;"
	if got := strings.Join(shown, "\n"); got != want {
		t.Errorf("it shows:\n%s\nwant exactly:\n%s\nall of it:\n%s", got, want, o.stdout)
	}
	if n := strings.Count(o.stdout, "--- before"); n != 1 {
		t.Errorf("%d differences shown, want 1", n)
	}
	wantRecap(t, outcome{stdout: o.stdout}, "failed", 0, standHosts...)
	if b, _ := os.ReadFile(path); string(b) != edited {
		t.Error("the check changed the file")
	}
	o = stand(t)
	wantGood(t, o, standHosts...)
	if r := recapOf(t, o); r["web1"]["changed"] != 2 || r["web2"]["changed"] != 0 {
		t.Errorf("repair: web1 changed=%d (want 2: file and reload), web2 changed=%d (want 0)", r["web1"]["changed"], r["web2"]["changed"])
	}
	if b, _ := os.ReadFile(path); string(b) != good {
		t.Error("the run did not restore the file")
	}
}

func TestTags(t *testing.T) {
	provisioned(t)
	for host, paths := range configs {
		for _, path := range paths {
			on(t, host, "echo '# by hand' >> "+path)
		}
	}
	defer stand(t)
	o := stand(t, "--tags", "keepalived")
	wantGood(t, o, standHosts...)
	r := recapOf(t, o)
	for host, want := range map[string]int{"ha1": 3, "ha2": 3, "web1": 0, "web2": 0} {
		if r[host]["changed"] != want {
			t.Errorf("%s: changed=%d, want %d", host, r[host]["changed"], want)
		}
	}
	if !strings.Contains(file(t, "ha1", "/etc/haproxy/haproxy.cfg"), "# by hand") {
		t.Error("--tags keepalived touched HAProxy")
	}
	o = stand(t, "--skip-tags", "nginx,keepalived", "--check")
	wantGood(t, o, "ha1", "ha2")
	wantRecap(t, o, "changed", 2, "ha1", "ha2") // the config and the handler
}

func TestLimit(t *testing.T) {
	provisioned(t)
	wantGood(t, stand(t, "--limit", "ha2"), "ha2")
	wantGood(t, stand(t, "--limit", "!ha1"), "ha2", "web1", "web2")
	if o := stand(t, "--limit", "ha9"); o.code != 1 {
		t.Errorf("a limit that fits no host: exit code %d, want 1\n%s", o.code, o.text())
	}
}
