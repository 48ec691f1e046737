package conform_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine"
	"github.com/goplay-engine/goplay/engine/module/conform"
)

// TestLikeReference runs the cases that need no host of their own and compares with what the reference answered.
// CONFORM=name,... runs some files of cases only.
func TestLikeReference(t *testing.T) {
	for k, v := range map[string]string{"ANSIBLE_CONFIG": "/dev/null", "HOME": t.TempDir(), "LC_ALL": "C.UTF-8", "ANSIBLE_DEPRECATION_WARNINGS": "0", "TZ": "UTC"} {
		t.Setenv(k, v)
	}
	zone := time.Local
	time.Local = time.UTC
	defer func() { time.Local = zone }()
	// `make test` runs this, and cases run make; others run git and ask servers of this machine
	for _, k := range []string{"MAKELEVEL", "MAKEFLAGS", "MFLAGS", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"} {
		t.Setenv(k, "")
		os.Unsetenv(k)
	}
	web := httptest.NewServer(conform.Handler())
	defer web.Close()
	var names []string
	if s := os.Getenv("CONFORM"); s != "" {
		names = strings.Split(s, ",")
	}
	files, err := conform.Files(names...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Where != "" && f.Where != "local" {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			cases := f.Possible(os.Geteuid() == 0, func(program string) bool { _, err := exec.LookPath(program); return err == nil })
			if len(cases) == 0 {
				t.Skip("needs root or programs that are not here")
			}
			want, err := f.Recorded()
			if err != nil {
				t.Fatal(err)
			} else if want == nil && len(f.Recordable()) > 0 {
				t.Skip("nothing recorded yet")
			}
			top := t.TempDir()
			p := conform.Place{Local: filepath.Join(top, "local"), Dir: filepath.Join(top, "dir"), URL: web.URL, Host: "ansible_connection=local"}
			var out strings.Builder
			got, err := f.Execute(p, cases, func(playbook, inventory string) error {
				s, err := engine.Run(context.Background(), engine.Options{Playbooks: []string{playbook}, Inventory: []string{inventory}, Stdin: strings.NewReader(""),
					Stdout: &out, Stderr: &out})
				if err == nil && s.Exit != 0 {
					err = fmt.Errorf("exit code %d", s.Exit)
				}
				return err
			})
			if err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			for _, c := range cases {
				if want[c.Name] == nil && c.Documented == "" {
					t.Errorf("%s: nothing recorded", c.Name)
					continue
				}
				if d := c.Compare(got[c.Name], want[c.Name]); len(d) > 0 {
					t.Errorf("%s\n  %s", c.Name, strings.Join(d, "\n  "))
				}
			}
		})
	}
}
