package galaxy

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// built makes an archive of a collection and returns its path.
func built(t *testing.T, name, version, deps string) string {
	t.Helper()
	dir := t.TempDir()
	ns, n, _ := strings.Cut(name, ".")
	write(t, filepath.Join(dir, "galaxy.yml"), fmt.Sprintf("namespace: %s\nname: %s\nversion: %s\nreadme: README.md\nauthors: [a]\ndependencies: {%s}\n", ns, n, version, deps))
	write(t, filepath.Join(dir, "README.md"), "# "+name+"\n")
	write(t, filepath.Join(dir, "plugins", "x.pyc"), "no")
	_, file, err := Build(dir, t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

type said struct{ lines []string }

func options(t *testing.T, servers ...*Server) (*Options, *said) {
	s := &said{}
	say := func(text string) { s.lines = append(s.lines, text) }
	return &Options{Servers: servers, Say: say, Warn: say, TempDir: t.TempDir()}, s
}

func TestVersions(t *testing.T) {
	order := []string{"0.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "v1.2.0", "1.10.0"}
	for i := 1; i < len(order); i++ {
		a, err1 := ParseVersion(order[i-1])
		b, err2 := ParseVersion(order[i])
		if err1 != nil || err2 != nil || a.Compare(b) >= 0 || b.Compare(a) <= 0 {
			t.Errorf("%s is not below %s: %v %v", a, b, err1, err2)
		}
	}
	for _, c := range []struct {
		v, want string
		ok      bool
	}{{"1.2.3", "*", true}, {"1.2.3", ">=1.0.0,<2.0.0", true}, {"2.0.0", ">=1.0.0,<2.0.0", false}, {"1.2.3", "1.2.3", true}, {"1.2.3", "!=1.2.3", false}, {"1.2.3", "==1.2.4", false}} {
		v, _ := ParseVersion(c.v)
		if ok, err := v.Satisfies(c.want); ok != c.ok || err != nil {
			t.Errorf("%s in %s: %v %v", c.v, c.want, ok, err)
		}
	}
	if _, err := ParseVersion("one"); err == nil {
		t.Error("one is no version")
	}
}

// galaxyServer serves what the documentation of the API describes.
func galaxyServer(t *testing.T, archives map[string]string) *Server {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Token secret" && strings.HasPrefix(r.URL.Path, "/api/v3") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	mux.HandleFunc("/api/{$}", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"available_versions": map[string]string{"v3": "v3/", "v1": "v1/"}})
	})
	versions := map[string][]string{}
	for key, file := range archives {
		name, version, _ := strings.Cut(key, ":")
		versions[name] = append(versions[name], version)
		c, err := OpenArchive(file)
		if err != nil {
			t.Fatal(err)
		}
		sum, _ := hashFile(file)
		deps := map[string]string{}
		for k, v := range c.Deps.All() {
			deps[fmt.Sprint(k)] = fmt.Sprint(v)
		}
		at := "/api/v3/collections/" + strings.Replace(name, ".", "/", 1) + "/versions/" + version + "/"
		mux.HandleFunc(at, func(w http.ResponseWriter, _ *http.Request) {
			answer(w, map[string]any{"version": version, "download_url": "/download/" + filepath.Base(file), "artifact": map[string]string{"sha256": sum},
				"metadata": map[string]any{"dependencies": deps}})
		})
		mux.HandleFunc("/download/"+filepath.Base(file), func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) })
	}
	for name, list := range versions {
		at := "/api/v3/collections/" + strings.Replace(name, ".", "/", 1) + "/versions/"
		mux.HandleFunc(at+"{$}", func(w http.ResponseWriter, r *http.Request) { // one version a page
			n := len(r.URL.Query().Get("page"))
			page := map[string]any{"data": []map[string]string{{"version": list[n]}}, "links": map[string]any{"next": nil}}
			if n+1 < len(list) {
				page["links"] = map[string]any{"next": at + "?page=" + strings.Repeat("x", n+1)}
			}
			answer(w, page)
		})
	}
	mux.HandleFunc("/api/v1/roles/{$}", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("owner__username") != "me" || r.URL.Query().Get("name") != "web" {
			answer(w, map[string]any{"results": []any{}})
			return
		}
		answer(w, map[string]any{"results": []any{map[string]any{"id": 7, "name": "web", "github_user": "me", "github_repo": "ansible-role-web", "username": "me"}}})
	})
	mux.HandleFunc("/api/v1/roles/7/versions/", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"results": []any{map[string]string{"name": "1.9.0", "source": srv.URL + "/role-1.9.0.tar.gz"}, map[string]string{"name": "1.10.0", "source": srv.URL + "/role-1.10.0.tar.gz"}}})
	})
	mux.HandleFunc("/role-1.10.0.tar.gz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(roleTar("ansible-role-web-1.10.0", &tar.Header{Name: "tasks/main.yml", Typeflag: tar.TypeReg}))
	})
	return &Server{Name: "test", URL: srv.URL, Token: "secret"}
}

func roleTar(base string, more ...*tar.Header) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range append([]*tar.Header{{Name: "meta/main.yml", Typeflag: tar.TypeReg}}, more...) {
		h.Name = filepath.Join(base, h.Name)
		h.Mode = 0o644
		_ = w.WriteHeader(h)
	}
	_ = w.Close()
	return b.Bytes()
}

func TestInstallFromServer(t *testing.T) {
	s := galaxyServer(t, map[string]string{
		"ns.one:1.0.0": built(t, "ns.one", "1.0.0", ""), "ns.one:1.2.0": built(t, "ns.one", "1.2.0", `ns.two: ">=1.0.0,<2.0.0"`),
		"ns.one:2.0.0-beta": built(t, "ns.one", "2.0.0-beta", ""),
		"ns.two:1.1.0":      built(t, "ns.two", "1.1.0", ""), "ns.two:2.0.0": built(t, "ns.two", "2.0.0", "")})
	o, log := options(t, s)
	path := t.TempDir()
	q, err := ParseCollection("ns.one")
	if err != nil {
		t.Fatal(err)
	}
	if err := InstallCollections(context.Background(), []Requirement{q}, path, []string{path}, o); err != nil {
		t.Fatal(err, log.lines)
	}
	list, _ := Installed(path)
	if got := fmt.Sprint(list); got != "[ns.one:1.2.0 ns.two:1.1.0]" {
		t.Error(got, log.lines)
	}
	if _, modified, err := Verify(filepath.Join(path, "ansible_collections/ns/one")); err != nil || modified != nil {
		t.Error(modified, err)
	}
	if isFile(filepath.Join(path, "ansible_collections/ns/one/plugins/x.pyc")) {
		t.Error("x.pyc is in the archive")
	}
	if !isFile(filepath.Join(path, "ansible_collections/ns.one-1.2.0.info/GALAXY.yml")) {
		t.Error("no GALAXY.yml")
	}
	write(t, filepath.Join(path, "ansible_collections/ns/one/README.md"), "changed")
	if _, modified, _ := Verify(filepath.Join(path, "ansible_collections/ns/one")); fmt.Sprint(modified) != "[README.md]" {
		t.Error(modified)
	}
	log.lines = nil
	if err := InstallCollections(context.Background(), []Requirement{q}, path, []string{path}, o); err != nil || !strings.HasPrefix(log.lines[0], "Nothing to do") {
		t.Error(err, log.lines)
	}
	for text, want := range map[string]string{"ns.one:>=9.0.0": "Could not satisfy the following requirements:\n* ns.one:>=9.0.0 (direct request)", "no.such": "* no.such:* (direct request)"} {
		q, _ := ParseCollection(text)
		if err := InstallCollections(context.Background(), []Requirement{q}, path, nil, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	s.Token = "wrong"
	s.api = ""
	if err := InstallCollections(context.Background(), []Requirement{q}, path, nil, o); err == nil || !strings.Contains(err.Error(), "HTTP Code: 403") {
		t.Error(err)
	}
}

func TestRoleFromServer(t *testing.T) {
	o, log := options(t, galaxyServer(t, nil))
	to := t.TempDir()
	if err := InstallRoles(context.Background(), []Requirement{ParseRole("me.web")}, to, []string{to}, o); err != nil {
		t.Fatal(err, log.lines)
	}
	r, ok := FindRole("me.web", []string{to})
	if !ok || r.Version != "1.10.0" || !isFile(filepath.Join(to, "me.web/tasks/main.yml")) {
		t.Error(r, ok, log.lines)
	}
	log.lines = nil
	err := InstallRoles(context.Background(), []Requirement{ParseRole("me.nope")}, to, []string{to}, o)
	if err != ErrSkipped || !strings.Contains(log.lines[0], "- sorry, me.nope was not found on") {
		t.Error(err, log.lines)
	}
}

// Archives that want to write outside of the role's folder are refused.
func TestHostileRoles(t *testing.T) {
	for name, h := range map[string]*tar.Header{
		"absolute link": {Name: "x", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		"relative link": {Name: "x", Typeflag: tar.TypeSymlink, Linkname: "../../x"},
		"tilde":         {Name: "~x", Typeflag: tar.TypeSymlink, Linkname: "/"},
		"device":        {Name: "x", Typeflag: tar.TypeChar},
	} {
		file := filepath.Join(t.TempDir(), "r.tar")
		if err := os.WriteFile(file, roleTar("r", h), 0o644); err != nil {
			t.Fatal(err)
		}
		o, log := options(t)
		to := t.TempDir()
		if err := InstallRoles(context.Background(), []Requirement{ParseRole(file)}, to, nil, o); err == nil {
			t.Errorf("%s: installed: %v", name, log.lines)
		}
		if left, _ := os.ReadDir(to); len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
}

func TestParseRole(t *testing.T) {
	for s, want := range map[string]Requirement{
		"geerlingguy.docker":                  {Name: "geerlingguy.docker", Src: "geerlingguy.docker"},
		"me.x,1.0":                            {Name: "me.x", Src: "me.x", Version: "1.0"},
		"me.x,1.0,y":                          {Name: "y", Src: "me.x", Version: "1.0"},
		"git+https://h/a/b.git,v1":            {Name: "b", Src: "https://h/a/b.git", Version: "v1", SCM: "git"},
		"https://github.com/a/ansible-role-b": {Name: "ansible-role-b", Src: "https://github.com/a/ansible-role-b", SCM: "git"},
		"git@h:a/b.git":                       {Name: "b", Src: "git@h:a/b.git", SCM: "git"},
		"https://h/x/role-1.0.tar.gz":         {Name: "role-1.0", Src: "https://h/x/role-1.0.tar.gz"},
	} {
		if got := ParseRole(s); got != want {
			t.Errorf("%s: %+v", s, got)
		}
	}
}

func TestRequirements(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "requirements.yml")
	write(t, filepath.Join(dir, "more.yml"), "- src: me.c\n")
	write(t, file, "roles:\n  - me.a\n  - {src: me.b, version: 2.0, name: bb}\n  - include: more.yml\ncollections:\n  - ns.one\n  - {name: ns.two, version: '>=1'}\n  - {name: https://h/x.git, type: git, version: main}\n")
	r, err := ReadRequirements(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.Roles); got != "[{me.a me.a    } {bb me.b 2.0   } {me.c me.c    }]" {
		t.Error(got)
	}
	if got := fmt.Sprint(r.Collections); got != "[{ns.one ns.one *  galaxy } {ns.two ns.two >=1  galaxy } {https://h/x.git https://h/x.git main  git }]" {
		t.Error(got)
	}
	for text, want := range map[string]string{"foo: []\n": "Expecting only 'roles' and/or 'collections'", "": "No requirements found", "- {version: 1}\n": "Must specify name or src for role",
		"collections:\n  - Foo\n": "is not an FQCN"} {
		write(t, file, text)
		if _, err := ReadRequirements(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What an archive or a server says of a collection's name does not lead out of
// the folder of collections.
func TestHostileNames(t *testing.T) {
	for _, c := range []Collection{{Name: "../../a.b", Version: "1.0.0"}, {Name: "a./../../b", Version: "1.0.0"}, {Name: "a.b", Version: "../../x"}, {Name: "a.b", Version: ""}} {
		if c.check() == nil {
			t.Errorf("%s is taken", &c)
		}
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	about := `{"collection_info": {"namespace": "../../../evil", "name": "x", "version": "1.0.0"}}`
	if err := w.WriteHeader(&tar.Header{Name: "MANIFEST.json", Size: int64(len(about)), Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(about)); err != nil {
		t.Fatal(err)
	}
	w.Close()
	file := filepath.Join(t.TempDir(), "x.tar")
	write(t, file, b.String())
	o, _ := options(t)
	err := InstallCollections(context.Background(), []Requirement{{Name: file, Src: file, Type: "file", Version: "*"}}, t.TempDir(), nil, o)
	if err == nil || !strings.Contains(err.Error(), "no name of a collection") {
		t.Errorf("a hostile name: %v", err)
	}
}

// A link below a linked folder lies elsewhere than its name says.
func TestLinkBelowLink(t *testing.T) {
	dir := t.TempDir()
	x := &extractor{root: dir, kind: "role"}
	for _, h := range []*tar.Header{{Name: "a/b/d", Typeflag: tar.TypeSymlink, Linkname: "../.."}, {Name: "a/b/d/x", Typeflag: tar.TypeSymlink, Linkname: "../../etc"}} {
		err := x.member(h, nil, h.Name)
		if (err == nil) != (h.Name == "a/b/d") {
			t.Errorf("%s to %s: %v", h.Name, h.Linkname, err)
		}
	}
}
