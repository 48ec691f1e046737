package module

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

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
			return Fail("No package matching '' is available")
		}
		p := r.db.find(x.name)
		if there := p != nil && p.Configured(); !there {
			if provided := r.db.providers(x.name); r.db.find(x.name) == nil && len(provided) == 1 && latest && x.op == "" {
				x.name = provided[0].Name // of a virtual package
			}
		} else if !latest && x.matches(p.Version) && !(x.op == "=" && strings.ContainsAny(x.version, "*?[")) {
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
	var wanted []string
	for _, x := range open {
		p := r.db.find(x.name)
		there := p != nil && p.Configured()
		pol, ok := policyOf(known, x.name)
		if len(pol.versions) == 0 { // unknown or virtual
			if provided := r.db.providers(x.name); len(provided) > 0 && x.op == "" {
				continue
			}
			if !ok || !r.isVirtual(x.name) {
				return Fail("No package matching '%s' is available", x.name)
			}
			if !r.a.OnlyUpgrade {
				wanted = append(wanted, x.name)
			}
			continue
		}
		if !there && r.a.OnlyUpgrade {
			continue
		}
		want := pol.candidate
		if x.op == "=" || x.op != "" && !x.matches(want) {
			want = bestVersion(x, pol.versions)
			if want == "" {
				return r.cacheFields(Fail("no available installation candidate for %s", x.text))
			}
		}
		switch {
		case there && want == p.Version:
		case there && x.op == "" && (want == "" || debVersionCompare(want, p.Version) <= 0):
		case want == "":
			wanted = append(wanted, x.name)
		default:
			wanted = append(wanted, x.name+"="+want)
		}
	}
	if len(wanted) == 0 {
		return r.cacheFields(OK())
	}
	return r.install(wanted, "install")
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
	changed := command != "build-dep" || !aptIdle(p.Stdout)
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
	changed := !aptIdle(p.Stdout)
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
	var wanted []string
	for _, n := range names {
		x := parseAptSpec(n)
		p := r.db.find(x.name)
		if p != nil && (p.Installed() && x.matches(p.Version) || r.a.Purge && p.Status == "config-files") {
			wanted = append(wanted, x.name)
		}
	}
	if len(wanted) == 0 {
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
	p, _, err := r.aptGet(flags, "remove", wanted...)
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return failedProgram(fmt.Sprintf("'apt-get remove '%s'' failed: %s", strings.Join(wanted, "' '"), p.Stderr), p)
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
	if r.Check {
		r.updated = true
		return nil
	}
	var why string
	for try := 0; ; try++ {
		if err := r.waitForLocks(); err != nil {
			return err
		}
		p, err := r.run([]string{r.apt, "-q", "update", "-o", "APT::Update::Error-Mode=any"}, &progOptions{Env: aptEnv, Cancel: cancelAsk})
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
	r.updated = r.mtime != before // lists that are the same are left as they are
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
