package module

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

type gemArgs struct {
	Bindir      *Path   `arg:"bindir" doc:"Folder of the programs."`
	BuildFlags  *string `arg:"build_flags" doc:"Flags for compiling."`
	EnvShebang  bool    `arg:"env_shebang,default=false" doc:"Have programs begin with /usr/bin/env."`
	Executable  *Path   `arg:"executable" doc:"The gem program."`
	Force       bool    `arg:"force,default=false" doc:"Do not check dependencies."`
	Source      *Path   `arg:"gem_source" doc:"A gem file on the host to install from."`
	IncludeDeps bool    `arg:"include_dependencies,default=true" doc:"Install dependencies too."`
	IncludeDoc  bool    `arg:"include_doc,default=false" doc:"Install documentation."`
	InstallDir  *Path   `arg:"install_dir" doc:"Folder of the gems; needs user_install=false."`
	Name        string  `arg:"name,required" doc:"Name of the gem."`
	NoRC        bool    `arg:"norc,default=true" doc:"Read no .gemrc file."`
	PreRelease  bool    `arg:"pre_release,default=false" doc:"Take versions before their release."`
	Repository  *string `arg:"repository,alias=source" doc:"Where the gem comes from."`
	State       string  `arg:"state,default=present,choices=present|absent|latest" doc:"Whether the gem is there."`
	UserInstall bool    `arg:"user_install,default=true" doc:"Install for the user only."`
	Version     *string `arg:"version" doc:"The version wanted."`
}

var gemDef = &Def{
	Name:              "community.general.gem",
	Short:             "Manage Ruby gems",
	Args:              func() any { return &gemArgs{} },
	Run:               plainly(gem),
	MutuallyExclusive: [][]string{{"gem_source", "repository"}, {"gem_source", "version"}},
}

// gemRun is gem with the options of the task.
type gemRun struct {
	*gemArgs
	c   *Context
	exe []string
}

func gem(c *Context, p *gemArgs) (*Result, error) {
	if p.Version != nil && p.State == "latest" {
		return nil, Errorf("Cannot specify version when state=latest")
	}
	if p.InstallDir != nil && p.UserInstall {
		return nil, Errorf("install_dir requires user_install=false")
	}
	g := &gemRun{gemArgs: p, c: c}
	if p.Executable != nil {
		g.exe = strings.Fields(string(*p.Executable))
	} else {
		exe, err := c.findProgram("gem")
		if err != nil {
			return nil, err
		}
		g.exe = []string{exe}
	}
	version := deref(p.Version)
	if p.State == "latest" {
		remote, err := g.versions(true)
		if err != nil {
			return nil, err
		}
		if len(remote) == 0 {
			return nil, Errorf(fmt.Sprintf("the gem %s is not to be had from where gems come from", p.Name))
		}
		version = remote[0]
	}
	local, err := g.versions(false)
	if err != nil {
		return nil, err
	}
	there := len(local) > 0 && (version == "" || slices.Contains(local, version))
	r := Changed(there == (p.State == "absent"))
	r.Set("name", p.Name).Set("state", p.State)
	if version != "" {
		r.Set("version", version)
	}
	if !r.Changed || c.Check {
		return r, nil
	}
	argv := g.install(version)
	if p.State == "absent" {
		argv = g.uninstall(version)
	}
	_, err = g.run(argv...)
	return r, err
}

func (g *gemRun) run(args ...string) (*progResult, error) {
	argv := append(g.exe[:len(g.exe):len(g.exe)], args...)
	o := &progOptions{Env: cLocale}
	if args[0] == "list" && g.InstallDir != nil {
		o.Env = append(o.Env[:len(o.Env):len(o.Env)], "GEM_PATH="+string(*g.InstallDir))
	}
	out, err := g.c.run(argv, o)
	if err == nil && out.RC != 0 {
		err = Errorf(or(strings.TrimSpace(out.Stderr), strings.TrimSpace(out.Stdout)), "rc", out.RC, "stdout", out.Stdout, "stderr", out.Stderr,
			"cmd", strings.Join(argv, " "))
	}
	return out, err
}

// common begins a command.
func (g *gemRun) common(command string) []string {
	argv := []string{command}
	if g.NoRC {
		argv = append(argv, "--norc")
	}
	return argv
}

var gemLine = regexp.MustCompile(`^(\S+)\s+\((.+)\)$`)

// versions lists the versions of the gem that are installed, or to be had,
// newest first.
func (g *gemRun) versions(remote bool) ([]string, error) {
	argv := g.common("list")
	if remote {
		argv = append(argv, "--remote")
		if g.PreRelease {
			argv = append(argv, "--prerelease")
		}
		if g.Repository != nil {
			argv = append(argv, "--source", *g.Repository)
		}
	}
	out, err := g.run(append(argv, "^"+regexp.QuoteMeta(g.Name)+"$")...)
	if err != nil {
		return nil, err
	}
	for _, l := range strings.Split(out.Stdout, "\n") {
		m := gemLine.FindStringSubmatch(strings.TrimSpace(l))
		if m == nil || m[1] != g.Name {
			continue
		}
		var all []string
		for _, v := range strings.Split(m[2], ",") {
			// A platform may follow the version, default: may stand before it.
			if w := strings.Fields(strings.TrimPrefix(strings.TrimSpace(v), "default: ")); len(w) > 0 {
				all = append(all, w[0])
			}
		}
		return all, nil
	}
	return nil, nil
}

// major is the first number of gem's own version.
func (g *gemRun) major() int {
	out, err := g.run("--version")
	if err != nil {
		return 3
	}
	first, _, _ := strings.Cut(strings.TrimSpace(out.Stdout), ".")
	n, _ := strconv.Atoi(first)
	return n
}

func (g *gemRun) install(version string) []string {
	argv := g.common("install")
	add := func(when bool, opts ...string) {
		if when {
			argv = append(argv, opts...)
		}
	}
	add(version != "", "--version", version)
	if g.Repository != nil {
		add(true, "--source", *g.Repository)
	}
	add(!g.IncludeDeps, "--ignore-dependencies")
	add(g.UserInstall, "--user-install")
	add(!g.UserInstall, "--no-user-install")
	if g.InstallDir != nil {
		add(true, "--install-dir", string(*g.InstallDir))
	}
	if g.Bindir != nil {
		add(true, "--bindir", string(*g.Bindir))
	}
	add(g.PreRelease, "--pre")
	if !g.IncludeDoc {
		old := g.major() < 2
		add(old, "--no-rdoc", "--no-ri")
		add(!old, "--no-document")
	}
	add(g.EnvShebang, "--env-shebang")
	if g.Source != nil {
		add(true, string(*g.Source))
	} else {
		add(true, g.Name)
	}
	add(g.Force, "--force")
	if flags := deref(g.BuildFlags); flags != "" {
		add(true, "--", flags)
	}
	return argv
}

func (g *gemRun) uninstall(version string) []string {
	argv := g.common("uninstall")
	if g.InstallDir != nil {
		argv = append(argv, "--install-dir", string(*g.InstallDir))
	}
	if g.Bindir != nil {
		argv = append(argv, "--bindir", string(*g.Bindir))
	}
	if version != "" {
		argv = append(argv, "--version", version)
	} else {
		argv = append(argv, "--all")
	}
	argv = append(argv, "--executable")
	if g.Force {
		argv = append(argv, "--force")
	}
	return append(argv, g.Name)
}
