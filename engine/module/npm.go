package module

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

type npmArgs struct {
	CI            bool    `arg:"ci,default=false" doc:"Install what the lock file says, as npm ci does."`
	Executable    *Path   `arg:"executable" doc:"The npm program."`
	Global        bool    `arg:"global,default=false" doc:"Work on the packages of the whole host."`
	IgnoreScripts bool    `arg:"ignore_scripts,default=false" doc:"Run no scripts of packages."`
	Name          *string `arg:"name" doc:"The package; without it those of package.json."`
	NoBinLinks    bool    `arg:"no_bin_links,default=false" doc:"Make no links to programs."`
	NoOptional    bool    `arg:"no_optional,default=false" doc:"Leave optional packages out."`
	Path          *Path   `arg:"path" doc:"Folder of the project."`
	Production    bool    `arg:"production,default=false" doc:"Leave development packages out."`
	Registry      *string `arg:"registry" doc:"Registry the packages come from."`
	State         string  `arg:"state,default=present,choices=present|absent|latest" doc:"Whether the package is there."`
	UnsafePerm    bool    `arg:"unsafe_perm,default=false" doc:"Run scripts as root."`
	Version       *string `arg:"version" doc:"The version wanted."`
}

var npmDef = &Def{
	Name:  "community.general.npm",
	Short: "Manage node.js packages with npm",
	Args:  func() any { return &npmArgs{} },
	Run:   plainly(npm),
}

// npmRun is npm in its folder.
type npmRun struct {
	*npmArgs
	c   *Context
	exe string
	dir string
}

func npm(c *Context, p *npmArgs) (*Result, error) {
	if p.Path == nil && !p.Global {
		return nil, Errorf("path must be specified when not using global")
	}
	if p.State == "absent" && p.Name == nil {
		return nil, Errorf("uninstalling a package is only available for named packages")
	}
	n := &npmRun{npmArgs: p, c: c}
	if p.Executable != nil {
		n.exe = string(*p.Executable)
	} else {
		exe, err := c.findProgram("npm")
		if err != nil {
			return nil, err
		}
		n.exe = exe
	}
	if p.Path != nil {
		n.dir = string(*p.Path)
		if fi, err := os.Stat(n.dir); notExist(err) {
			if c.Check { // nothing is installed in a folder that is not there
				return Changed(p.State != "absent"), nil
			}
			if err := os.MkdirAll(n.dir, 0o777); err != nil {
				return nil, Errorf(pyError(err, n.dir))
			}
		} else if err == nil && !fi.IsDir() {
			return nil, Errorf("path " + n.dir + " is not a directory")
		}
	}
	if p.CI {
		return Changed(true), n.change("ci")
	}
	installed, missing, err := n.list()
	if err != nil {
		return nil, err
	}
	there := len(missing) == 0
	if p.Name != nil {
		there = installed[*p.Name] && (p.Version == nil || *p.Version == "" || installed[n.label()])
	}
	switch p.State {
	case "absent":
		if !installed[*p.Name] {
			return OK(), nil
		}
		return Changed(true), n.change("uninstall")
	case "present":
		if there {
			return OK(), nil
		}
		return Changed(true), n.change("install")
	}
	outdated, err := n.outdated()
	if err != nil {
		return nil, err
	}
	r := Changed(!there || outdated)
	if !there {
		if err := n.change("install"); err != nil {
			return nil, err
		}
	}
	if outdated {
		return r, n.change("update")
	}
	return r, nil
}

// label is the package as npm wants it, with its version.
func (n *npmRun) label() string {
	if n.Name == nil {
		return ""
	}
	if n.Version != nil && *n.Version != "" && n.State == "present" {
		return *n.Name + "@" + *n.Version
	}
	return *n.Name
}

func (n *npmRun) run(args ...string) (*progResult, error) {
	return n.c.run(append([]string{n.exe}, args...), &progOptions{Dir: n.dir, Env: cLocale})
}

// options are the ones given to a command that takes packages.
func (n *npmRun) options(command string, packages bool) []string {
	argv := []string{command}
	add := func(when bool, opts ...string) {
		if when {
			argv = append(argv, opts...)
		}
	}
	add(command == "list", "--json", "--long")
	add(n.Global, "--global")
	add(n.Production && command != "list", "--production")
	add(n.IgnoreScripts, "--ignore-scripts")
	add(n.UnsafePerm, "--unsafe-perm")
	add(packages && n.Name != nil, n.label())
	if n.Registry != nil && *n.Registry != "" {
		add(true, "--registry", *n.Registry)
	}
	add(n.NoOptional, "--no-optional")
	add(n.NoBinLinks, "--no-bin-links")
	return argv
}

// change runs a command that changes something, not in check mode.
func (n *npmRun) change(command string) error {
	if n.c.Check {
		return nil
	}
	argv := n.options(command, command != "ci")
	out, err := n.run(argv...)
	if err == nil && out.RC != 0 {
		err = Errorf(or(strings.TrimSpace(out.Stderr), strings.TrimSpace(out.Stdout)), "rc", out.RC, "stdout", out.Stdout, "stderr", out.Stderr,
			"cmd", strings.Join(append([]string{n.exe}, argv...), " "))
	}
	return err
}

// list reads which packages are there, by name and by name@version, and which
// are wanted but missing. npm fails where some are, and answers all the same.
func (n *npmRun) list() (installed map[string]bool, missing []string, err error) {
	out, err := n.run(n.options("list", false)...)
	if err != nil {
		return nil, nil, err
	}
	var tree struct {
		Dependencies map[string]struct {
			Version string
			Missing any
			Invalid any
		}
	}
	if err := json.Unmarshal([]byte(out.Stdout), &tree); err != nil && strings.TrimSpace(out.Stdout) != "" {
		return nil, nil, Errorf("Failed to parse NPM output with error "+err.Error(), "stdout", out.Stdout, "stderr", out.Stderr, "rc", out.RC)
	}
	installed = map[string]bool{}
	bad := func(v any) bool { return v != nil && v != false && v != "" }
	for name, d := range tree.Dependencies {
		if bad(d.Missing) || bad(d.Invalid) {
			missing = append(missing, name)
			continue
		}
		installed[name] = true
		installed[name+"@"+d.Version] = true
	}
	// A project whose packages were never installed lists none of them.
	if n.Name == nil && n.dir != "" && len(tree.Dependencies) == 0 {
		if b, err := readFile(filepath.Join(n.dir, "package.json")); err == nil {
			var own struct{ Dependencies map[string]string }
			if json.Unmarshal(b, &own) == nil {
				for name := range own.Dependencies {
					missing = append(missing, name)
				}
			}
		}
	}
	return installed, missing, nil
}

// outdated tells whether a newer version of the packages is to be had.
func (n *npmRun) outdated() (bool, error) {
	argv := []string{"outdated"}
	if n.Global {
		argv = append(argv, "--global")
	}
	if n.Name != nil {
		argv = append(argv, *n.Name)
	}
	out, err := n.run(argv...)
	if err != nil {
		return false, err
	}
	for i, l := range strings.Split(out.Stdout, "\n") {
		w := strings.Fields(l)
		if i > 0 && len(w) > 1 && (n.Name == nil || w[0] == *n.Name) {
			return true, nil
		}
	}
	return false, nil
}
