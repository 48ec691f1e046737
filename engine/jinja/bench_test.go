package jinja_test

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

const haproxyVars = `{"ansible_managed": "Ansible managed", "haproxy_maxconn": 20000, "ansible_facts": {"processor_vcpus": 4},
"haproxy_stats_socket": {"path": "/run/haproxy/admin.sock"}, "haproxy_ciphers": ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
"haproxy_options": ["forwardfor", "http-server-close"], "timeouts": {"connect": "5s", "client": "50s", "server": "50s"},
"stats": {"bind": "127.0.0.1", "port": 8404, "user": "admin", "password": "{{ stats_password }}"}, "stats_password": "secret",
"frontends": [{"name": "http", "binds": [{"port": 80}], "redirect": true, "backend": "web"},
{"name": "https", "binds": [{"port": 443, "cert": "/etc/ssl/site.pem"}], "backend": "web", "acls": [{"name": "is_api", "test": "path_beg /api", "backend": "api"}]}],
"backends": [{"name": "web", "group": "web", "port": 8080, "cookie": "SRV"}, {"name": "api", "group": "api", "port": 9090, "balance": "leastconn"}],
"groups": {"web": ["web1", "web2", "web3"], "api": ["api1", "api2"]}, "inventory_hostname": "lb1",
"hostvars": {"web1": {"ansible_host": "10.0.0.1"}, "web2": {"ansible_host": "10.0.0.2"}, "web3": {"ansible_host": "10.0.0.3", "backup": true},
"api1": {"ansible_host": "10.0.1.1"}, "api2": {"ansible_host": "10.0.1.2", "weight": 50}}}`

func haproxy(tb testing.TB) (string, *templar.Templar) {
	src, err := os.ReadFile("testdata/haproxy.cfg.j2")
	if err != nil {
		tb.Fatal(err)
	}
	v, err := value.ParseJSON([]byte(haproxyVars))
	if err != nil {
		tb.Fatal(err)
	}
	return string(src), engine.New(templar.DictVars{Dict: v.(*value.Dict)}, templar.Scope{})
}

func BenchmarkHaproxyRender(b *testing.B) {
	src, tm := haproxy(b)
	b.ReportAllocs()
	defer cpuTime(b)()
	for range b.N {
		if _, err := tm.RenderFile(src, templar.FileOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHaproxyCompile(b *testing.B) {
	src, _ := haproxy(b)
	b.ReportAllocs()
	defer cpuTime(b)()
	for range b.N {
		if err := templar.NewEngine(templar.Options{ErrorOnUndef: true}).Check(src, templar.FileOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWhen(b *testing.B) {
	_, tm := haproxy(b)
	for _, c := range []string{"inventory_hostname is defined and inventory_hostname == 'lb1'", "haproxy_maxconn | int > 100",
		"'web' in groups and stats.user is defined", "not (missing | default(false))"} {
		b.Run(c, func(b *testing.B) {
			b.ReportAllocs()
			defer cpuTime(b)()
			for range b.N {
				if ok, err := tm.Cond(c, value.Pos{}); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

// A result ten times as long takes ten times as long.
func BenchmarkLines(b *testing.B) {
	_, tm := haproxy(b)
	for _, n := range []string{"1000", "10000", "100000"} {
		b.Run(n, func(b *testing.B) {
			for range b.N {
				out, err := tm.RenderFile("{% for i in range("+n+") %}\nserver web{{ i }} 10.0.0.{{ i % 250 }}:80 check\n{% endfor %}\n", templar.FileOptions{})
				if err != nil || strings.Count(out, "\n") < 1000 {
					b.Fatal(err)
				}
			}
		})
	}
}

// One compiled template renders in many goroutines at once; meaningful with -race.
func TestConcurrent(t *testing.T) {
	src, one := haproxy(t)
	want, err := one.RenderFile(src, templar.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, tm := haproxy(t)
			for range 20 {
				got, err := tm.RenderFile(src, templar.FileOptions{})
				if err != nil || got != want {
					t.Errorf("another result in parallel: %v", err)
					return
				}
				if _, err := tm.Cond("stats.user is defined and groups | length > 1", value.Pos{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// The arguments of a usual task.
func BenchmarkArgs(b *testing.B) {
	vars := value.DictOf("conf_dir", "/etc/{{ app }}", "app", "nginx", "owner", "root", "site", value.DictOf("name", "a", "port", int64(80)))
	tm := engine.New(templar.DictVars{Dict: vars}, templar.Scope{})
	args := value.DictOf("src", "{{ site.name }}.conf.j2", "dest", "{{ conf_dir }}/{{ site.name }}.conf", "owner", "{{ owner }}", "mode", "0644", "backup", true)
	b.ReportAllocs()
	defer cpuTime(b)()
	for range b.N {
		if _, err := tm.Render(args, value.Pos{}); err != nil {
			b.Fatal(err)
		}
	}
}
