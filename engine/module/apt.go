package module

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

type aptArgs struct {
	AllowChangeHeld   bool     `arg:"allow_change_held_packages,default=false" doc:"Change packages that are on hold."`
	AllowDowngrade    bool     `arg:"allow_downgrade,alias=allow-downgrade,alias=allow_downgrades,alias=allow-downgrades,default=false" doc:"Let a named version replace a higher one."`
	AllowUnauth       bool     `arg:"allow_unauthenticated,alias=allow-unauthenticated,default=false" doc:"Install packages that cannot be authenticated."`
	Autoclean         bool     `arg:"autoclean,default=false" doc:"Remove package files that can no longer be downloaded."`
	Autoremove        bool     `arg:"autoremove,default=false" doc:"Remove dependencies that nothing needs any more."`
	AutoInstallModule bool     `arg:"auto_install_module_deps,default=true" doc:"Has no effect: no Python library is needed."`
	CacheValidTime    int      `arg:"cache_valid_time,default=0" doc:"Update the cache when it is older than this many seconds."`
	Clean             bool     `arg:"clean,default=false" doc:"Remove all downloaded package files."`
	Deb               *Path    `arg:"deb" doc:"Package file or URL to install."`
	DefaultRelease    *string  `arg:"default_release,alias=default-release" doc:"Release to prefer, as apt-get's -t."`
	DpkgOptions       string   `arg:"dpkg_options" default:"force-confdef,force-confold" doc:"Options for dpkg, separated by commas."`
	FailOnAutoremove  bool     `arg:"fail_on_autoremove,default=false" doc:"Fail rather than remove packages."`
	Force             bool     `arg:"force,default=false" doc:"Skip all safety checks of apt-get."`
	ForceAptGet       bool     `arg:"force_apt_get,default=false" doc:"Use apt-get where aptitude is installed too."`
	InstallRecommends *bool    `arg:"install_recommends,alias=install-recommends" doc:"Whether to install recommended packages."`
	LockTimeout       int      `arg:"lock_timeout,default=60" doc:"Seconds to wait for another package manager to finish."`
	OnlyUpgrade       bool     `arg:"only_upgrade,default=false" doc:"Upgrade only what is installed already."`
	Package           []string `arg:"package,alias=name,alias=pkg" doc:"Packages, also with version (foo=1.0, foo>=1.0) or wildcards."`
	PolicyRcD         *int     `arg:"policy_rc_d" doc:"Exit code that /usr/sbin/policy-rc.d gives meanwhile."`
	Purge             bool     `arg:"purge,default=false" doc:"Remove configuration files too."`
	State             string   `arg:"state,default=present,choices=absent|build-dep|fixed|latest|present" doc:"The state wanted."`
	UpdateCache       *bool    `arg:"update_cache,alias=update-cache" doc:"Update the package lists first."`
	UpdateRetries     int      `arg:"update_cache_retries,default=5" doc:"How often to try the update again."`
	UpdateRetryDelay  int      `arg:"update_cache_retry_max_delay,default=12" doc:"Longest pause between those, in seconds."`
	Upgrade           string   `arg:"upgrade,default=no,choices=dist|full|no|safe|yes" doc:"Upgrade all packages."`
}

var aptDef = &Def{
	Name:              "ansible.builtin.apt",
	Short:             "Manages apt-packages",
	Args:              func() any { return &aptArgs{} },
	Run:               runApt,
	MutuallyExclusive: [][]string{{"deb", "package", "upgrade"}},
}

// aptRun is one execution.
type aptRun struct {
	*Context
	a       *aptArgs
	apt     string // path of apt-get
	db      *dpkgDB
	updated bool
	mtime   int64
}

func runApt(c *Context, args any) *Result {
	a := args.(*aptArgs)
	r := &aptRun{Context: c, a: a}
	var err error
	if r.apt, err = c.findProgram("apt-get"); err != nil {
		return Fail("apt-get is not on this host: use the package module, or the one for its package manager (%s)", err)
	}
	// Ansible's own words for states from old playbooks.
	switch a.State {
	case "installed":
		a.State = "present"
	case "removed", "uninstalled":
		a.State = "absent"
	}
	if a.Clean {
		if res := r.simple("clean"); res.Failed {
			return res
		}
	}
	if err := r.refresh(); err != nil {
		return FailErr(err)
	}
	nothing := len(a.Package) == 0 && a.Upgrade == "no" && a.Deb == nil
	switch {
	case a.UpdateCache != nil && *a.UpdateCache || a.CacheValidTime > 0:
		if nothing && !a.Autoremove && !a.Autoclean && a.State != "fixed" {
			return r.cacheFields(Changed(r.updated))
		}
	}
	if all, rest := r.wantsAll(); all {
		if len(rest) > 0 {
			return Fail("unable to install additional packages when upgrading all installed packages")
		}
		if a.State != "latest" {
			return r.cacheFields(OK())
		}
		return r.upgrade("yes")
	}
	switch {
	case a.Upgrade != "no":
		return r.upgrade(a.Upgrade)
	case a.Deb != nil:
		return r.installDebs(strings.Split(string(*a.Deb), ","))
	case a.Autoclean && nothing:
		return r.cleanup("autoclean")
	case a.Autoremove && nothing:
		return r.cleanup("autoremove")
	}
	if r.db, err = readDpkg(); err != nil {
		return FailErr(err)
	}
	var res *Result
	switch a.State {
	case "absent":
		return r.remove()
	case "build-dep":
		res = r.install(a.Package, "build-dep")
	case "fixed":
		res = r.fix()
	default:
		res = r.present()
	}
	return res
}

func (r *aptRun) wantsAll() (all bool, rest []string) {
	for _, n := range r.a.Package {
		if n == "*" {
			all = true
		} else {
			rest = append(rest, n)
		}
	}
	return all, rest
}

// cacheFields adds what is known of the package lists.
func (r *aptRun) cacheFields(res *Result) *Result {
	if r.mtime == 0 {
		r.mtime = aptCacheTime()
	}
	return res.Set("cache_updated", r.updated).Set("cache_update_time", r.mtime)
}

// options are what stands before the command of every changing call.
func (r *aptRun) dpkgOptions() (argv []string, shown string) {
	for _, o := range strings.Split(r.a.DpkgOptions, ",") {
		if o = strings.TrimSpace(o); o != "" {
			argv = append(argv, "-o", "Dpkg::Options::=--"+o)
			shown += fmt.Sprintf(` -o "Dpkg::Options::=--%s"`, o)
		}
	}
	return argv, strings.TrimPrefix(shown, " ")
}

var aptEnv = []string{"DEBIAN_FRONTEND=noninteractive", "DEBIAN_PRIORITY=critical", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "LC_MESSAGES=C.UTF-8", "LC_CTYPE=C.UTF-8"}

// aptGet runs apt-get once the package databases are free. flags stand before
// the command; empty ones only show in the text of failures, as the reference
// leaves gaps there.
func (r *aptRun) aptGet(flags []string, command string, args ...string) (*progResult, string, error) {
	if err := r.waitForLocks(); err != nil {
		return nil, "", err
	}
	dpkg, shownDpkg := r.dpkgOptions()
	argv := []string{r.apt}
	shown := []string{r.apt}
	if command == "remove" {
		argv, shown = append(argv, "-q"), append(shown, "-q")
	}
	argv, shown = append(argv, "-y"), append(shown, "-y", shownDpkg)
	argv = append(argv, dpkg...)
	if os.Geteuid() == 0 {
		argv = append(argv, "-o", "DPkg::Lock::Timeout="+strconv.Itoa(max(r.a.LockTimeout, 0)))
	}
	for _, f := range flags {
		shown = append(shown, f)
		if f != "" {
			argv = append(argv, f)
		}
	}
	argv, shown = append(argv, command), append(shown, command)
	argv = append(argv, args...)
	for _, p := range args {
		if strings.HasPrefix(p, "-") {
			shown = append(shown, p)
		} else {
			shown = append(shown, "'"+p+"'")
		}
	}
	p, err := r.run(argv, &progOptions{Env: aptEnv, Cancel: cancelAsk})
	return p, strings.Join(shown, " "), err
}

// locks of dpkg and apt; whoever holds one is named when waiting was in vain.
var aptLocks = []string{"/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/cache/apt/archives/lock", "/var/lib/apt/lists/lock"}

func (r *aptRun) waitForLocks() error {
	if r.Check || os.Geteuid() != 0 {
		return nil
	}
	end := time.Now().Add(time.Duration(r.a.LockTimeout) * time.Second)
	for {
		file, pid := "", 0
		for _, l := range aptLocks {
			if pid = lockHolder(l); pid != 0 {
				file = l
				break
			}
		}
		if pid == 0 {
			return nil
		}
		if time.Now().After(end) {
			return Errorf(fmt.Sprintf("Failed to lock apt for exclusive operation: %s is held by process %d (%s); waited %d seconds (lock_timeout)",
				file, pid, or(processTitle(pid), "unknown"), r.a.LockTimeout))
		}
		if err := r.sleep(200 * time.Millisecond); err != nil {
			return err
		}
	}
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// simple runs a command that reports nothing.
func (r *aptRun) simple(command string) *Result {
	if r.Check {
		return OK()
	}
	p, _, err := r.aptGet(nil, command)
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return failedProgram(fmt.Sprintf("apt-get %s failed: %s", command, p.Stderr), p)
	}
	return OK()
}

func failedProgram(msg string, p *progResult) *Result {
	return Fail("%s", msg).Set("rc", p.RC).Set("stdout", p.Stdout).Set("stderr", p.Stderr)
}

func (r *aptRun) simulate() string {
	if r.Check {
		return "--simulate"
	}
	return ""
}

func flag(on bool, s string) string {
	if on {
		return s
	}
	return ""
}

func (r *aptRun) force() string { return flag(r.a.Force, "--force-yes") }

// finish turns apt-get's output into a result.
func (r *aptRun) finish(p *progResult, changed bool) *Result {
	res := Changed(changed).Set("stdout", p.Stdout).Set("stderr", p.Stderr)
	if plan := aptPlan(p.Stdout); r.Diff && plan == "" {
		res.Set("diff", value.DictOf("prepared", ""))
	} else if r.Diff {
		res.AddDiff(Diff{Prepared: plan})
	}
	return res
}

var aptSummary = regexp.MustCompile(`^\d+ upgraded, `)

// aptIdle tells whether apt-get found nothing to do; "10 upgraded" is not that.
func aptIdle(out string) bool {
	return strings.Contains("\n"+out, "\n0 upgraded, 0 newly installed, 0 to remove")
}

// aptPlan cuts from apt-get's output what it was going to do.
func aptPlan(out string) string {
	lines := strings.Split(out, "\n")
	start, end := 0, -1
	for i, l := range lines {
		if strings.HasPrefix(l, "Reading state information...") {
			start = i + 1
		}
		if end < 0 && aptSummary.MatchString(l) {
			end = i + 1
		}
	}
	if end < start {
		end = len(lines)
	}
	return strings.TrimSuffix(strings.Join(lines[start:end], "\n"), "\n")
}

// upgrade brings every package up to date.
func (r *aptRun) upgrade(mode string) *Result {
	command, flags := "upgrade", []string{"--with-new-pkgs"}
	switch mode {
	case "dist", "full":
		command, flags = "dist-upgrade", nil
	}
	if r.a.Autoremove {
		flags = append(flags, "--auto-remove")
	}
	flags = append(flags, flag(r.a.FailOnAutoremove, "--no-remove"), r.force(), flag(r.a.AllowUnauth, "--allow-unauthenticated"),
		flag(r.a.AllowDowngrade, "--allow-downgrades"), r.simulate())
	flags = append(flags, r.release()...)
	restore, err := r.denyServices()
	if err != nil {
		return FailErr(err)
	}
	defer restore()
	p, shown, err := r.aptGet(flags, command)
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return failedProgram(fmt.Sprintf("'%s' failed: %s", shown, p.Stderr), p)
	}
	changed := !aptIdle(p.Stdout)
	res := r.finish(p, changed).WithMsg(p.Stdout)
	if !changed {
		res.Diff = nil // the plan says that there is none
	}
	return res
}

func (r *aptRun) release() []string {
	if r.a.DefaultRelease == nil || *r.a.DefaultRelease == "" {
		return nil
	}
	return []string{"-t", *r.a.DefaultRelease}
}

// cleanup is autoremove and autoclean on their own.
func (r *aptRun) cleanup(command string) *Result {
	flags := []string{flag(r.a.Purge && command == "autoremove", "--purge"), r.force(), r.simulate()}
	p, shown, err := r.aptGet(flags, command)
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return failedProgram(fmt.Sprintf("'%s' failed: %s", shown, p.Stderr), p)
	}
	changed := !strings.Contains(p.Stdout, ", 0 to remove")
	if command == "autoclean" {
		changed = strings.Contains(p.Stdout, "Del ")
	}
	return r.finish(p, changed)
}

// denyServices puts a policy-rc.d in place that keeps services from starting,
// and returns what undoes it.
func (r *aptRun) denyServices() (undo func(), err error) {
	const file = "/usr/sbin/policy-rc.d"
	if r.a.PolicyRcD == nil || r.Check {
		return func() {}, nil
	}
	old, statErr := readFile(file)
	st, _ := os.Stat(file)
	write := func(data []byte, perm os.FileMode) error {
		n, err := r.createBytes(file, data, false)
		if err == nil {
			if err = os.Chmod(n.Path, perm); err == nil {
				err = n.Commit(false)
			}
		}
		return err
	}
	if err := write(fmt.Appendf(nil, "#!/bin/sh\nexit %d\n", *r.a.PolicyRcD), 0o755); err != nil {
		return nil, Errorf(fmt.Sprintf("Failed to create %s: %s", file, err))
	}
	return func() {
		if statErr != nil {
			_ = os.Remove(file)
			return
		}
		if err := write(old, st.Mode().Perm()); err != nil {
			r.warn(fmt.Sprintf("could not restore %s: %s", file, err))
		}
	}, nil
}
