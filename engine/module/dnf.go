package module

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

type dnfArgs struct {
	AllowDowngrade  bool     `arg:"allow_downgrade,default=false" doc:"Let a named version replace a higher one."`
	AllowErasing    bool     `arg:"allowerasing,default=false" doc:"Let dependencies remove installed packages."`
	Autoremove      bool     `arg:"autoremove,default=false" doc:"Remove dependencies that nothing needs any more."`
	Best            *bool    `arg:"best" doc:"Only take the newest versions, or fail."`
	Bugfix          bool     `arg:"bugfix,default=false" doc:"With state latest, only updates that fix bugs."`
	CacheOnly       bool     `arg:"cacheonly,default=false" doc:"Use only what is in the cache."`
	ConfFile        *string  `arg:"conf_file" doc:"Configuration file of dnf."`
	DisableExcludes *string  `arg:"disable_excludes" doc:"Ignore excludes of the configuration: all, main or a repository."`
	DisableGPG      bool     `arg:"disable_gpg_check,default=false" doc:"Do not check signatures."`
	DisablePlugin   []string `arg:"disable_plugin" default:"" doc:"Plugins to switch off."`
	DisableRepo     []string `arg:"disablerepo" default:"" doc:"Repositories to switch off."`
	DownloadDir     *string  `arg:"download_dir" doc:"Where download_only puts packages."`
	DownloadOnly    bool     `arg:"download_only,default=false" doc:"Download without installing."`
	EnablePlugin    []string `arg:"enable_plugin" default:"" doc:"Plugins to switch on."`
	EnableRepo      []string `arg:"enablerepo" default:"" doc:"Repositories to switch on."`
	Exclude         []string `arg:"exclude" default:"" doc:"Packages to leave out."`
	InstallRQ       bool     `arg:"install_repoquery,default=true" doc:"Has no effect."`
	InstallWeakDeps bool     `arg:"install_weak_deps,default=true" doc:"Also install weak dependencies."`
	InstallRoot     string   `arg:"installroot,default=/" doc:"Root of the system to work on."`
	List            *string  `arg:"list" doc:"List packages: installed, available, updates, repos or a name."`
	LockTimeout     int      `arg:"lock_timeout,default=30" doc:"Seconds to wait for another package manager to finish."`
	Name            []string `arg:"name,alias=pkg" default:"" doc:"Packages, groups (@name), files or URLs."`
	NoBest          *bool    `arg:"nobest" doc:"Allow older versions where the newest cannot be installed."`
	ReleaseVer      *string  `arg:"releasever" doc:"Release to take packages of."`
	Security        bool     `arg:"security,default=false" doc:"With state latest, only security updates."`
	SkipBroken      bool     `arg:"skip_broken,default=false" doc:"Leave out packages that cannot be installed."`
	SSLVerify       bool     `arg:"sslverify,default=true" doc:"Check certificates of repositories."`
	State           *string  `arg:"state,choices=absent|installed|latest|present|removed" doc:"The state wanted; present unless autoremove is set."`
	UpdateCache     bool     `arg:"update_cache,alias=expire-cache,default=false" doc:"Fetch repository data anew."`
	UpdateOnly      bool     `arg:"update_only,default=false" doc:"With state latest, upgrade only what is installed."`
	UseBackend      string   `arg:"use_backend,default=auto,choices=auto|yum|yum4|dnf|dnf4|dnf5" doc:"Which program to use."`
	ValidateCerts   bool     `arg:"validate_certs,default=true" doc:"Check certificates of package URLs."`
}

func dnfModule(name string, aliases ...string) *Def {
	return &Def{
		Name:              "ansible.builtin." + name,
		Aliases:           aliases,
		Short:             "Manages packages with the dnf package manager",
		Args:              func() any { return &dnfArgs{} },
		Run:               func(c *Context, a any) *Result { return runDNF(c, a.(*dnfArgs), name) },
		MutuallyExclusive: [][]string{{"name", "list"}, {"best", "nobest"}},
		RequiredOneOf:     [][]string{{"name", "list", "update_cache", "autoremove"}},
	}
}

var (
	dnfDef  = dnfModule("dnf")
	yumDef  = dnfModule("yum")
	dnf5Def = dnfModule("dnf5")
)

// dnfRun is one execution.
type dnfRun struct {
	*Context
	a    *dnfArgs
	exe  string
	kind string // yum, dnf or dnf5
	root string
	// installed is dnf's list of installed groups, once it has been asked for.
	installed string
	files     bool // package files are among what is asked for
	groupsHad bool // so are groups, all of them marked as installed
}

func runDNF(c *Context, a *dnfArgs, name string) *Result {
	r := &dnfRun{Context: c, a: a, root: a.InstallRoot}
	if err := r.chooseProgram(name); err != nil {
		return FailErr(err)
	}
	a.Name = splitNames(a.Name)
	state := "present"
	if a.State != nil {
		state = *a.State
	} else if a.Autoremove {
		state = "absent"
	}
	switch state {
	case "installed":
		state = "present"
	case "removed":
		state = "absent"
	}
	if a.Autoremove && state != "absent" {
		return Fail("Autoremove should be used alone or with state=absent").Set("results", []string{})
	}
	if os.Geteuid() != 0 && a.List == nil {
		return Fail("This command has to be run under the root user.").Set("results", []string{})
	}
	if a.ConfFile != nil && *a.ConfFile != "" && !access(*a.ConfFile, 4) {
		return Fail("cannot read configuration file").Set("conf_file", *a.ConfFile).Set("results", []string{})
	}
	if a.UpdateCache {
		if res := r.refresh(); res != nil {
			return res
		}
		if len(a.Name) == 0 && a.List == nil && !a.Autoremove {
			return r.done("Cache updated", false, nil)
		}
	}
	switch {
	case a.List != nil:
		return r.list(*a.List)
	case state == "absent":
		return r.absent()
	case len(a.Name) == 0:
		return r.done("Nothing to do", false, nil)
	case state == "latest" && slices.Contains(a.Name, "*"):
		return r.transaction("upgrade", nil)
	}
	return r.present(state == "latest")
}

// splitNames accepts names separated by commas inside one item, as the
// reference does.
func splitNames(in []string) (out []string) {
	for _, s := range in {
		for _, n := range strings.Split(s, ",") {
			if n = strings.TrimSpace(n); n != "" {
				out = append(out, n)
			}
		}
	}
	return out
}

func (r *dnfRun) chooseProgram(module string) error {
	order := []string{"dnf", "dnf-3", "dnf5", "yum"}
	switch {
	case module == "dnf5" || r.a.UseBackend == "dnf5":
		order = []string{"dnf5"}
	case r.a.UseBackend == "yum":
		order = []string{"yum"}
	case module == "yum":
		order = []string{"dnf", "dnf-3", "yum", "dnf5"}
	}
	var err error
	for _, n := range order {
		if r.exe, err = r.findProgram(n); err == nil {
			r.kind = "dnf"
			real, _ := filepath.EvalSymlinks(r.exe)
			switch {
			case strings.HasSuffix(real, "dnf5"):
				r.kind = "dnf5"
			case strings.HasSuffix(real, "yum"):
				r.kind = "yum"
			}
			return nil
		}
	}
	return Errorf(fmt.Sprintf("%s is not on this host: use the package module, or the one for its package manager (%s)", module, err), "results", []string{})
}

func (r *dnfRun) done(msg string, changed bool, results []string) *Result {
	res := Changed(changed)
	res.Msg, res.HasMsg = msg, true
	if results == nil {
		results = []string{}
	}
	return res.Set("rc", 0).Set("results", results)
}

// options are the flags that the parameters ask for.
func (r *dnfRun) options(command string) []string {
	a := r.a
	var o []string
	add := func(on bool, s ...string) {
		if on {
			o = append(o, s...)
		}
	}
	each := func(flag string, l []string) {
		for _, s := range splitNames(l) {
			o = append(o, flag+"="+s)
		}
	}
	text := func(flag string, s *string) {
		if s != nil && *s != "" {
			o = append(o, flag+"="+*s)
		}
	}
	text("--config", a.ConfFile)
	add(r.root != "/" && r.root != "", "--installroot="+r.root)
	text("--releasever", a.ReleaseVer)
	each("--disablerepo", a.DisableRepo)
	each("--enablerepo", a.EnableRepo)
	each("--exclude", a.Exclude)
	each("--disableplugin", a.DisablePlugin)
	each("--enableplugin", a.EnablePlugin)
	switch {
	case a.DisableExcludes == nil:
	case r.kind == "dnf5" && *a.DisableExcludes == "all":
		o = append(o, "--setopt=disable_excludes=*")
	case r.kind == "dnf5":
		o = append(o, "--setopt=disable_excludes="+*a.DisableExcludes)
	default:
		o = append(o, "--disableexcludes="+*a.DisableExcludes)
	}
	add(a.DisableGPG, map[bool]string{true: "--no-gpgchecks", false: "--nogpgcheck"}[r.kind == "dnf5"])
	add(a.CacheOnly, "-C")
	add(!a.SSLVerify, "--setopt=sslverify=0")
	add(!a.InstallWeakDeps, "--setopt=install_weak_deps=False")
	add(a.AllowErasing && r.kind != "yum", "--allowerasing")
	add(a.SkipBroken, "--skip-broken")
	switch {
	case a.Best != nil && *a.Best, a.NoBest != nil && !*a.NoBest:
		o = append(o, "--best")
	case a.Best != nil, a.NoBest != nil:
		o = append(o, map[bool]string{true: "--no-best", false: "--nobest"}[r.kind == "dnf5"])
	}
	if command == "upgrade" || command == "install" {
		add(a.Security, "--security")
		add(a.Bugfix, "--bugfix")
	}
	add(r.files && !a.DisableGPG, "--setopt=localpkg_gpgcheck=1") // package files are checked as well
	add(a.DownloadOnly, "--downloadonly")
	if !r.Check { // dnf makes the folder
		text("--downloaddir", a.DownloadDir)
	}
	return o
}

// locks are the files that name the process that works with the databases.
func (r *dnfRun) waitForLocks() error {
	end := time.Now().Add(time.Duration(r.a.LockTimeout) * time.Second)
	for {
		file, pid := "", 0
		for _, f := range []string{"/var/lib/dnf/rpmdb_lock.pid", "/var/cache/dnf/metadata_lock.pid", "/var/cache/dnf/download_lock.pid", "/var/run/yum.pid"} {
			b, err := readFile(f)
			if err != nil {
				continue
			}
			if n, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && processTitle(n) != "" {
				file, pid = f, n
			}
		}
		for _, f := range []string{"/var/lib/rpm/.rpm.lock", "/usr/lib/sysimage/rpm/.rpm.lock"} {
			if n := lockHolder(f); n != 0 && pid == 0 {
				file, pid = f, n
			}
		}
		if pid == 0 {
			return nil
		}
		if time.Now().After(end) {
			return Errorf(fmt.Sprintf("%s lockfile %s is held by another process %d (%s); waited %d seconds (lock_timeout)",
				r.kind, file, pid, or(processTitle(pid), "unknown"), r.a.LockTimeout), "results", []string{})
		}
		if err := r.sleep(200 * time.Millisecond); err != nil {
			return err
		}
	}
}

func (r *dnfRun) refresh() *Result {
	if err := r.waitForLocks(); err != nil {
		return FailErr(err)
	}
	args := append([]string{r.exe, "-q", "-y"}, r.options("makecache")...)
	if r.kind == "yum" {
		args = append(args, "makecache")
	} else {
		args = append(args, "makecache", "--refresh")
	}
	p, err := r.dnfTolerant(args)
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return r.failed(p)
	}
	return nil
}

// dnfTolerant runs dnf, leaving out repositories to enable that do not exist,
// which the reference ignores.
func (r *dnfRun) dnfTolerant(argv []string) (*progResult, error) {
	for range 5 {
		p, err := r.run(argv, &progOptions{Env: cLocale, Cancel: cancelAsk})
		if err != nil || p.RC == 0 {
			return p, err
		}
		_, after, ok := strings.Cut(p.Stderr+p.Stdout, "Unknown repo: '")
		if !ok {
			return p, nil
		}
		repo, _, _ := strings.Cut(after, "'")
		next := slices.DeleteFunc(slices.Clone(argv), func(s string) bool { return s == "--enablerepo="+repo || s == "--disablerepo="+repo })
		if len(next) == len(argv) {
			return p, nil
		}
		argv = next
	}
	return nil, Errorf("too many unknown repositories")
}

// list answers the list parameter.
func (r *dnfRun) list(what string) *Result {
	var out []*value.Dict
	entry := func(p rpmPackage, repo, state string) {
		envra := fmt.Sprintf("%s:%s-%s-%s.%s", or(p.Epoch, "0"), p.Name, p.Version, p.Release, p.Arch)
		out = append(out, value.DictOf("name", p.Name, "arch", p.Arch, "epoch", or(p.Epoch, "0"), "release", p.Release, "version", p.Version,
			"repo", repo, "envra", envra, "nevra", envra, "yumstate", state))
	}
	query := func(args ...string) error {
		argv := append([]string{r.exe, "-q"}, r.options("list")...)
		argv = append(argv, "repoquery", "--qf", "%{name}|%{epoch}|%{version}|%{release}|%{arch}|%{repoid}\n")
		p, err := r.dnfTolerant(append(argv, args...))
		if err != nil {
			return err
		}
		if p.RC != 0 {
			return Errorf("Failed to list packages: "+strings.TrimSpace(p.Stderr), "rc", p.RC, "results", []string{})
		}
		for _, l := range strings.Split(p.Stdout, "\n") {
			if f := strings.Split(strings.TrimSpace(l), "|"); len(f) == 6 {
				entry(rpmPackage{f[0], f[1], f[2], f[3], f[4]}, f[5], "available")
			}
		}
		return nil
	}
	installed := func(args ...string) error {
		p, err := r.rpm(r.root, append([]string{"-qa", "--qf", rpmFormat}, args...)...)
		if err != nil {
			return err
		}
		for _, q := range parseRPMs(p.Stdout) {
			entry(q, "@System", "installed")
		}
		return nil
	}
	var err error
	switch what {
	case "installed":
		err = installed()
	case "available":
		err = query("--available")
	case "updates", "upgrades":
		err = query("--upgrades")
	case "repos", "repositories":
		var p *progResult
		if p, err = r.run(append(append([]string{r.exe, "-q"}, r.options("list")...), "repolist", "--enabled"), &progOptions{Env: cLocale}); err == nil {
			for i, l := range strings.Split(p.Stdout, "\n") {
				if f := strings.Fields(l); i > 0 && len(f) > 0 {
					out = append(out, value.DictOf("repoid", f[0], "state", "enabled"))
				}
			}
		}
	default:
		if err = installed(what); err == nil {
			err = query("--available", what)
		}
	}
	if err != nil {
		return FailErr(err)
	}
	l := value.NewList()
	for _, d := range out {
		l.Append(d)
	}
	res := OK().Set("results", l)
	res.HasMsg = true
	return res
}
