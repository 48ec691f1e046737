package module

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"
)

// aptSpec is a package as asked for: name, or name with a version.
type aptSpec struct {
	text, name string
	op         string // "", "=" or ">="
	version    string // may hold wildcards
}

func parseAptSpec(s string) aptSpec {
	x := aptSpec{text: s, name: s}
	if i := strings.IndexAny(s, "=<>"); i > 0 {
		x.name = strings.TrimSpace(s[:i])
		rest := s[i:]
		n := 1
		if len(rest) > 1 && rest[1] == '=' {
			n = 2
		}
		x.op, x.version = rest[:n], strings.TrimSpace(rest[n:])
		if x.op == "==" {
			x.op = "="
		}
	}
	return x
}

func (x aptSpec) matches(version string) bool {
	switch x.op {
	case "":
		return true
	case "=":
		return fnmatch(x.version, version)
	case ">=":
		return debVersionCompare(version, x.version) >= 0
	}
	return false
}

// aptPolicy is what apt-cache knows of a package.
type aptPolicy struct {
	candidate string
	versions  []string // highest priority first, as listed
}

// policies asks apt for the versions of packages; unknown ones are left out.
func (r *aptRun) policies(names []string) (map[string]aptPolicy, error) {
	cache, err := r.findProgram("apt-cache")
	if err != nil {
		return nil, err
	}
	argv := []string{cache}
	if r.a.DefaultRelease != nil && *r.a.DefaultRelease != "" {
		argv = append(argv, "-o", "APT::Default-Release="+*r.a.DefaultRelease)
	}
	p, err := r.run(append(append(argv, "policy", "--"), names...), &progOptions{Env: aptEnv})
	if err != nil {
		return nil, err
	}
	if p.RC != 0 {
		return nil, Errorf("apt-cache failed: "+strings.TrimSpace(p.Stderr), "rc", p.RC)
	}
	return parsePolicies(p.Stdout), nil
}

func parsePolicies(out string) map[string]aptPolicy {
	m := map[string]aptPolicy{}
	name := ""
	sc := bufio.NewScanner(strings.NewReader(out))
	for sc.Scan() {
		l := sc.Text()
		switch {
		case l != "" && l[0] != ' ' && strings.HasSuffix(l, ":"):
			name = strings.TrimSuffix(l, ":")
			m[name] = aptPolicy{}
		case strings.HasPrefix(l, "  Candidate: "):
			e := m[name]
			if e.candidate = strings.TrimPrefix(l, "  Candidate: "); e.candidate == "(none)" {
				e.candidate = ""
			}
			m[name] = e
		case strings.HasPrefix(l, "     ") && len(l) > 5 && l[5] != ' ', strings.HasPrefix(l, " *** "):
			e := m[name]
			v, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(l, " *** ")), " ")
			e.versions = append(e.versions, v)
			m[name] = e
		}
	}
	return m
}

// policyOf looks a name up, with and without its architecture.
func policyOf(m map[string]aptPolicy, name string) (aptPolicy, bool) {
	p, ok := m[name]
	if !ok {
		short, _, _ := strings.Cut(name, ":")
		p, ok = m[short]
	}
	return p, ok
}

// expand replaces wildcard names by the packages they match.
func (r *aptRun) expand(specs []string) ([]string, error) {
	var out []string
	var all []string
	for _, s := range specs {
		x := parseAptSpec(s)
		if !strings.ContainsAny(x.name, "*?[]!") {
			out = append(out, s)
			continue
		}
		if r.a.State == "absent" {
			for _, p := range r.db.order {
				if fnmatch(x.name, p.Name) && (p.Installed() || r.a.Purge && p.Status == "config-files") {
					out = append(out, p.Name)
				}
			}
			continue
		}
		if all == nil {
			cache, err := r.findProgram("apt-cache")
			if err != nil {
				return nil, err
			}
			p, err := r.run([]string{cache, "pkgnames"}, &progOptions{Env: aptEnv})
			if err != nil {
				return nil, err
			}
			all = strings.Fields(p.Stdout)
			sort.Strings(all)
		}
		var hits []string
		for _, n := range all {
			if fnmatch(x.name, n) {
				hits = append(hits, n)
			}
		}
		if len(hits) > 0 { // names that only dependencies mention are no packages
			known, err := r.policies(hits)
			if err != nil {
				return nil, err
			}
			hits = slices.DeleteFunc(hits, func(n string) bool { return len(known[n].versions) == 0 })
		}
		if len(hits) == 0 {
			return nil, Errorf(fmt.Sprintf("No package(s) matching '%s' available", x.name))
		}
		for _, n := range hits {
			out = append(out, n+x.op+x.version)
		}
	}
	return out, nil
}

// present installs what is missing, and upgrades with state latest.
func (r *aptRun) present() *Result {
	names, err := r.expand(r.a.Package)
	if err != nil {
		return FailErr(err)
	}
	latest := r.a.State == "latest"
	var open []aptSpec
	for _, n := range names {
		x := parseAptSpec(strings.TrimSpace(n))
		if x.name == "" {
			continue
		}
		p := r.db.find(x.name)
		there := p != nil && p.Installed()
		if there && !latest && x.matches(p.Version) {
			continue
		}
		open = append(open, x)
	}
	if len(open) == 0 {
		return r.cacheFields(OK())
	}
	ask := make([]string, len(open))
	for i, x := range open {
		ask[i] = x.name
	}
	known, err := r.policies(ask)
	if err != nil {
		return FailErr(err)
	}
	var todo []string
	for _, x := range open {
		p := r.db.find(x.name)
		there := p != nil && p.Installed()
		pol, ok := policyOf(known, x.name)
		if len(pol.versions) == 0 { // unknown or virtual
			if provided := r.db.providers(x.name); len(provided) > 0 && x.op == "" {
				if len(provided) == 1 && latest {
					todo = append(todo, provided[0].Name)
				}
				continue
			}
			if !ok || !r.isVirtual(x.name) {
				return Fail("No package matching '%s' is available", x.name)
			}
			if !r.a.OnlyUpgrade {
				todo = append(todo, x.name)
			}
			continue
		}
		if !there && r.a.OnlyUpgrade {
			continue
		}
		want := pol.candidate
		if x.op != "" {
			want = bestVersion(x, pol.versions)
			if want == "" {
				return r.cacheFields(Fail("no available installation candidate for %s", x.text))
			}
		}
		switch {
		case there && want == p.Version:
		case there && x.op == "" && (want == "" || debVersionCompare(want, p.Version) <= 0):
		case want == "" || x.op == "":
			todo = append(todo, x.name)
		default:
			todo = append(todo, x.name+"="+want)
		}
	}
	if len(todo) == 0 {
		return r.cacheFields(OK())
	}
	return r.install(todo, "install")
}

func bestVersion(x aptSpec, versions []string) string {
	best := ""
	for _, v := range versions {
		if x.matches(v) && (best == "" || debVersionCompare(v, best) > 0) {
			best = v
		}
	}
	return best
}

// isVirtual tells whether some package in the lists provides name.
func (r *aptRun) isVirtual(name string) bool {
	cache, err := r.findProgram("apt-cache")
	if err != nil {
		return false
	}
	p, err := r.run([]string{cache, "showpkg", "--", name}, &progOptions{Env: aptEnv})
	if err != nil {
		return false
	}
	_, after, ok := strings.Cut(p.Stdout, "Reverse Provides:")
	return ok && strings.TrimSpace(after) != ""
}

func (r *aptRun) install(packages []string, command string) *Result {
	a := r.a
	flags := []string{flag(a.OnlyUpgrade, "--only-upgrade"), "", r.force(), flag(a.Autoremove, "--auto-remove"),
		flag(a.FailOnAutoremove, "--no-remove"), r.simulate()}
	if command == "build-dep" {
		flags = slices.Delete(flags, 0, 1)
	}
	args := append([]string(nil), packages...)
	args = append(args, r.release()...)
	if a.InstallRecommends != nil {
		if *a.InstallRecommends {
			args = append(args, "-o", "APT::Install-Recommends=yes")
		} else {
			args = append(args, "-o", "APT::Install-Recommends=no")
		}
	}
	for _, f := range []string{
		flag(a.AllowUnauth, "--allow-unauthenticated"), flag(a.AllowDowngrade, "--allow-downgrades"),
		flag(a.AllowChangeHeld, "--allow-change-held-packages"),
	} {
		if f != "" {
			args = append(args, f)
		}
	}
	restore, err := r.denyServices()
	if err != nil {
		return FailErr(err)
	}
	defer restore()
	p, shown, err := r.aptGet(flags, command, args...)
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return r.cacheFields(failedProgram(fmt.Sprintf("'%s' failed: %s", shown, p.Stderr), p))
	}
	changed := command != "build-dep" || !strings.Contains(p.Stdout, "0 upgraded, 0 newly installed, 0 to remove")
	return r.cacheFields(r.finish(p, changed))
}

// fix repairs broken dependencies, then installs what is named.
func (r *aptRun) fix() *Result {
	p, shown, err := r.aptGet([]string{"--fix-broken", r.simulate()}, "install")
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return failedProgram(fmt.Sprintf("'%s' failed: %s", shown, p.Stderr), p)
	}
	changed := !strings.Contains(p.Stdout, "0 upgraded, 0 newly installed, 0 to remove")
	if len(r.a.Package) > 0 {
		res := r.present()
		res.Changed = res.Changed || changed && !res.Failed
		return res
	}
	if !changed {
		return r.cacheFields(OK())
	}
	return r.cacheFields(r.finish(p, true))
}

func (r *aptRun) remove() *Result {
	names, err := r.expand(r.a.Package)
	if err != nil {
		return FailErr(err)
	}
	var todo []string
	for _, n := range names {
		x := parseAptSpec(n)
		p := r.db.find(x.name)
		if p != nil && (p.Installed() || r.a.Purge && p.Status == "config-files") {
			todo = append(todo, x.name)
		}
	}
	if len(todo) == 0 {
		return OK()
	}
	flags := []string{flag(r.a.Purge, "--purge"), r.force(), flag(r.a.Autoremove, "--auto-remove"), r.simulate()}
	if r.a.AllowChangeHeld {
		flags = append(flags, "--allow-change-held-packages")
	}
	restore, err := r.denyServices()
	if err != nil {
		return FailErr(err)
	}
	defer restore()
	p, shown, err := r.aptGet(flags, "remove", todo...)
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return failedProgram(fmt.Sprintf("'%s' failed: %s", shown, p.Stderr), p)
	}
	return r.finish(p, true)
}

// aptCacheTime is when the package lists were last updated, in seconds.
func aptCacheTime() int64 {
	for _, p := range []string{"/var/lib/apt/periodic/update-success-stamp", "/var/lib/apt/lists"} {
		if st, err := os.Stat(p); err == nil {
			return st.ModTime().Unix()
		}
	}
	return 0
}

// refresh updates the package lists where that is asked for and due.
func (r *aptRun) refresh() error {
	a := r.a
	if !(a.UpdateCache != nil && *a.UpdateCache || a.CacheValidTime > 0) {
		return nil
	}
	before := aptCacheTime()
	if a.CacheValidTime > 0 && time.Now().Unix() <= before+int64(a.CacheValidTime) {
		return nil
	}
	var why string
	for try := 0; ; try++ {
		if err := r.waitForLocks(); err != nil {
			return err
		}
		p, err := r.run([]string{r.apt, "-q", "update", "-o", "APT::Update::Error-Mode=any"}, &progOptions{Env: aptEnv})
		if err != nil {
			return err
		}
		if p.RC == 0 {
			break
		}
		why = aptComplaint(p.Stderr)
		if try >= a.UpdateRetries {
			return Errorf("Failed to update apt cache: "+or(why, "unknown reason"), "rc", p.RC, "stdout", p.Stdout, "stderr", p.Stderr)
		}
		delay := time.Duration(min(1<<try, a.UpdateRetryDelay)) * time.Second
		r.warn(fmt.Sprintf("Failed to update cache after %d tries: %s, retrying in %s", try+1, why, delay))
		if err := r.sleep(delay); err != nil {
			return err
		}
	}
	r.mtime = aptCacheTime()
	r.updated = true
	return nil
}

// aptComplaint puts the E: and W: lines of apt into one text.
func aptComplaint(stderr string) string {
	var out []string
	for _, l := range strings.Split(stderr, "\n") {
		if strings.HasPrefix(l, "E: ") || strings.HasPrefix(l, "W: ") {
			out = append(out, l[:2]+l[3:])
		}
	}
	return strings.Join(out, ", ")
}

// installDebs installs package files, their missing dependencies first.
func (r *aptRun) installDebs(files []string) *Result {
	var err error
	if r.db, err = readDpkg(); err != nil {
		return FailErr(err)
	}
	dpkg, err := r.findProgram("dpkg")
	if err != nil {
		return FailErr(err)
	}
	var todo []string
	for _, f := range files {
		f = strings.TrimSpace(f)
		if strings.Contains(f, "://") {
			local, err := r.download(f, ".deb")
			if err != nil {
				return Fail("Unable to install package: %s", err)
			}
			defer os.Remove(local)
			f = local
		}
		if _, err := os.Stat(f); err != nil {
			return Fail("Unable to install package: E:Could not open file %s - open (2: No such file or directory)", f)
		}
		p, err := r.run([]string{dpkg + "-deb", "-f", f, "Package", "Version", "Architecture"}, nil)
		if err != nil {
			return FailErr(err)
		}
		if p.RC != 0 {
			return failedProgram(fmt.Sprintf("Unable to install package: %s is no Debian package: %s", f, strings.TrimSpace(p.Stderr)), p)
		}
		ctl := map[string]string{}
		for _, l := range strings.Split(p.Stdout, "\n") {
			if k, v, ok := strings.Cut(l, ": "); ok {
				ctl[k] = v
			}
		}
		if old := r.db.find(ctl["Package"]); old != nil && old.Installed() {
			switch cmp := debVersionCompare(ctl["Version"], old.Version); {
			case cmp == 0:
				continue
			case cmp < 0 && !r.a.AllowDowngrade && !r.a.Force:
				return Fail("A later version is already installed")
			}
		}
		abs, _ := filepath.Abs(f)
		todo = append(todo, abs)
	}
	if len(todo) == 0 {
		return OK().Set("stdout", "").Set("stderr", "")
	}
	restore, err := r.denyServices()
	if err != nil {
		return FailErr(err)
	}
	defer restore()
	if res := r.debDependencies(todo); res != nil {
		return res
	}
	argv := []string{dpkg}
	for _, o := range strings.Split(r.a.DpkgOptions, ",") {
		if o = strings.TrimSpace(o); o != "" {
			argv = append(argv, "--"+o)
		}
	}
	if r.Check {
		argv = append(argv, "--simulate")
	}
	if r.a.Force {
		argv = append(argv, "--force-all")
	}
	if err := r.waitForLocks(); err != nil {
		return FailErr(err)
	}
	p, err := r.run(append(append(argv, "-i"), todo...), &progOptions{Env: aptEnv})
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return Fail("%s failed", strings.Join(append(append(argv, "-i"), todo...), " ")).Set("stdout", p.Stdout).Set("stderr", p.Stderr).Set("rc", p.RC)
	}
	res := Changed(true).Set("stdout", p.Stdout).Set("stderr", p.Stderr)
	if r.Diff {
		res.AddDiff(Diff{Prepared: p.Stdout})
	}
	return res
}

// debDependencies installs what the files need and is missing; nil means done.
func (r *aptRun) debDependencies(files []string) *Result {
	p, err := r.run(append([]string{r.apt, "-s", "-y", "--no-install-recommends", "--allow-downgrades", "install"}, files...), &progOptions{Env: aptEnv})
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return failedProgram("Unable to install package: "+aptComplaint(p.Stderr), p)
	}
	own := map[string]bool{}
	for _, f := range files {
		if q, err := r.run([]string{"dpkg-deb", "-f", f, "Package"}, nil); err == nil {
			own[strings.TrimSpace(q.Stdout)] = true
		}
	}
	var need []string
	for _, l := range strings.Split(p.Stdout, "\n") {
		if f := strings.Fields(l); len(f) > 1 && f[0] == "Inst" && !own[f[1]] {
			need = append(need, f[1])
		}
	}
	if len(need) == 0 {
		return nil
	}
	if res := r.install(need, "install"); res.Failed {
		return res
	}
	return nil
}
