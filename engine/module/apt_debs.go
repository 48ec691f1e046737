package module

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

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
	var paths []string
	for _, f := range files {
		f = strings.TrimSpace(f)
		if strings.Contains(f, "://") {
			local, err := r.fetchPackage(f, ".deb", true)
			if err != nil {
				return FailErr(err)
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
		paths = append(paths, abs)
	}
	if len(paths) == 0 {
		return OK().Set("stdout", "").Set("stderr", "").Set("diff", "")
	}
	restore, err := r.denyServices()
	if err != nil {
		return FailErr(err)
	}
	defer restore()
	deps := r.debDependencies(paths)
	if deps != nil && deps.Failed {
		return deps
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
	p, err := r.run(append(append(argv, "-i"), paths...), &progOptions{Env: aptEnv, Cancel: cancelFinish})
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return Fail("%s failed", strings.Join(append(append(argv, "-i"), paths...), " ")).Set("stdout", p.Stdout).Set("stderr", p.Stderr).Set("rc", p.RC)
	}
	stdout, stderr, plan := p.Stdout, p.Stderr, strings.TrimSuffix(p.Stdout, "\n")
	if deps != nil {
		stdout, stderr = value.Str(deps.Fields.At("stdout"))+stdout, value.Str(deps.Fields.At("stderr"))+stderr
		plan = aptPlan(value.Str(deps.Fields.At("stdout"))) + "\n\n" + p.Stdout
	}
	res := Changed(true).Set("stdout", stdout).Set("stderr", stderr)
	if r.Diff {
		res.AddDiff(Diff{Prepared: plan})
	}
	return res
}

var reUnmetDependency = regexp.MustCompile(`(?:Pre-)?Depends: (\S+(?: \([^)]*\))?)`)

// debDependencies installs what the files need and is missing; nil means nothing.
func (r *aptRun) debDependencies(files []string) *Result {
	p, err := r.run(append([]string{r.apt, "-s", "-y", "--no-install-recommends", "--allow-downgrades", "install"}, files...), &progOptions{Env: aptEnv})
	if err != nil {
		return FailErr(err)
	}
	if m := reUnmetDependency.FindStringSubmatch(p.Stdout); p.RC != 0 && m != nil {
		return Fail("Dependency is not satisfiable: %s\n", m[1])
	} else if p.RC != 0 {
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
	return r.install(need, "install")
}
