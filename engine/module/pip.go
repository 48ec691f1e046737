package module

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

type pipArgs struct {
	State        string   `arg:"state,default=present,choices=present|absent|latest|forcereinstall" doc:"The state of the packages."`
	Name         []string `arg:"name" doc:"Names of packages, with version specifiers, or addresses."`
	Version      *string  `arg:"version" doc:"Version to install."`
	Requirements *string  `arg:"requirements" doc:"Requirements file on the target."`
	Virtualenv   *Path    `arg:"virtualenv" doc:"Virtual environment to install into; made where it does not exist."`
	SitePackages bool     `arg:"virtualenv_site_packages,default=false" doc:"The virtual environment sees the system's packages."`
	VenvCommand  Path     `arg:"virtualenv_command,default=virtualenv" doc:"Command that makes the virtual environment."`
	VenvPython   *string  `arg:"virtualenv_python" doc:"Python for the virtual environment."`
	ExtraArgs    *string  `arg:"extra_args" doc:"Further arguments for pip."`
	Editable     bool     `arg:"editable,default=false" doc:"Install in editable mode."`
	Chdir        *Path    `arg:"chdir" doc:"Folder to change into."`
	Executable   *Path    `arg:"executable" doc:"The pip to run."`
	Umask        *string  `arg:"umask" doc:"Umask for the installation, octal."`
	BreakSystem  bool     `arg:"break_system_packages,default=false" doc:"Let pip change packages that the system's manager owns."`
}

var pipDef = &Def{
	Name:              "ansible.builtin.pip",
	Short:             "Manages Python library dependencies",
	Args:              func() any { return &pipArgs{} },
	RequiredOneOf:     [][]string{{"name", "requirements"}},
	MutuallyExclusive: [][]string{{"name", "requirements"}, {"executable", "virtualenv"}},
	Run: func(c *Context, a any) *Result {
		p := &pipRun{Context: c, pipArgs: a.(*pipArgs)}
		r, err := p.run()
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

type pipRun struct {
	*Context
	*pipArgs
	opt      *progOptions
	out, err string
	env      string
	log      struct{ out, err string }
}

func (p *pipRun) exec(argv []string) (*progResult, error) {
	r, err := p.Context.run(argv, p.opt)
	if err == nil {
		p.out += r.Stdout
		p.err += r.Stderr
	}
	return r, err
}

func (p *pipRun) run() (*Result, error) {
	p.opt = &progOptions{Env: cLocale, Dir: os.TempDir(), Cancel: cancelAsk}
	if p.Chdir != nil {
		p.opt.Dir = string(*p.Chdir)
	}
	if p.Umask != nil {
		m, err := strconv.ParseInt(*p.Umask, 8, 32)
		if err != nil {
			return nil, Errorf("umask must be an octal integer", "details", fmt.Sprintf("invalid literal for int() with base 8: '%s'", *p.Umask))
		}
		n := int(m)
		p.opt.Umask = &n
	}
	if p.State == "latest" && p.Version != nil {
		return nil, Errorf("version is incompatible with state=latest")
	}
	names := joinSpecifiers(p.pipArgs.Name)
	if p.Version != nil {
		if len(names) > 1 {
			return nil, Errorf("'version' argument is ambiguous when installing multiple package distributions. Please specify version restrictions next to each package in 'name' argument.")
		}
		if v := strings.TrimSpace(*p.Version); len(names) == 1 && v != "" { // templates leave an empty one for any
			if packageSpec.FindStringSubmatch(names[0])[2] != "" {
				return nil, Errorf("The 'version' argument conflicts with any version specifier provided along with a package name. Please keep the version specifier, but remove the 'version' argument.")
			}
			if strings.ContainsAny(v[:1], "<>=!~") {
				names[0] += v
			} else {
				names[0] += "==" + *p.Version
			}
		}
	}
	for i, n := range names { // specifiers are passed on in order
		if m := packageSpec.FindStringSubmatch(n); strings.Contains(m[2], ",") && !strings.ContainsAny(m[2], "@;/") {
			l := strings.Split(strings.ReplaceAll(m[2], " ", ""), ",")
			slices.Sort(l)
			names[i] = m[1] + strings.Join(l, ",")
		}
	}
	if p.Virtualenv != nil {
		p.env = string(*p.Virtualenv)
		if _, err := os.Stat(filepath.Join(p.env, "bin", "activate")); err != nil {
			if p.Check {
				return Changed(true), nil
			}
			if err := p.makeVenv(); err != nil {
				return nil, err
			}
		}
	}
	pip, err := p.findPip()
	if err != nil {
		return nil, err
	}
	if len(names) == 0 && p.Requirements == nil { // an empty list, as roles have it
		p.warn("No valid name or requirements file found.")
		return OK(), nil
	}
	argv := append([]string(nil), pip...)
	argv = append(argv, map[string][]string{"present": {"install"}, "absent": {"uninstall", "-y"}, "latest": {"install", "-U"}, "forcereinstall": {"install", "-U", "--force-reinstall"}}[p.State]...)
	if p.ExtraArgs != nil {
		w, err := shlexSplit(*p.ExtraArgs)
		if err != nil {
			return nil, Errorf("extra_args: " + err.Error())
		}
		argv = append(argv, w...)
	}
	if p.Editable && len(names) > 0 {
		argv = append(argv, "-e")
	}
	if p.BreakSystem {
		// Older pips do not know the option; the variable they ignore.
		p.opt.Env = append(p.opt.Env, "PIP_BREAK_SYSTEM_PACKAGES=1")
	}
	argv = append(argv, names...)
	if p.Requirements != nil {
		argv = append(argv, "-r", *p.Requirements)
	}
	if p.Check {
		return p.predict(pip, names)
	}
	var before string
	if p.Requirements != nil {
		before, _, _ = p.freeze(pip)
	}
	p.out, p.err = p.log.out, p.log.err
	res, err := p.exec(argv)
	if err != nil {
		return nil, err
	}
	changed := strings.Contains(res.Stdout, "Successfully installed")
	if p.State == "absent" {
		changed = strings.Contains(res.Stdout, "Successfully uninstalled")
		if res.RC == 1 && strings.Contains(res.Stdout+res.Stderr, "not installed") {
			res.RC = 0
		}
	}
	if res.RC != 0 {
		msg := ""
		if res.Stdout != "" {
			msg = "stdout: " + res.Stdout
		}
		if res.Stderr != "" {
			msg += "\n:stderr: " + res.Stderr
		}
		return nil, Errorf(msg, "cmd", argv)
	}
	if p.Requirements != nil && !changed {
		after, _, _ := p.freeze(pip)
		changed = before != after
	}
	r := p.result(changed, argv)
	return r.Set("stdout", p.out).Set("stderr", p.err), nil
}

func (p *pipRun) result(changed bool, argv []string) *Result {
	r := Changed(changed).Set("cmd", argv).Set("state", p.State)
	r.Set("name", p.params.At("name")).Set("version", nil).Set("requirements", nil).Set("virtualenv", nil)
	if p.Version != nil {
		r.Set("version", *p.Version)
	}
	if p.Requirements != nil {
		r.Set("requirements", *p.Requirements)
	}
	if p.Virtualenv != nil {
		r.Set("virtualenv", p.env)
	}
	return r
}

// joinSpecifiers puts "name>1" and "<2", which a comma parted, together again.
func joinSpecifiers(names []string) []string {
	var out []string
	for _, n := range names {
		n = strings.TrimSpace(n)
		if len(out) > 0 && strings.IndexAny(n, "<>=!~") == 0 {
			out[len(out)-1] += "," + n
			continue
		}
		out = append(out, n)
	}
	return out
}

var packageSpec = regexp.MustCompile(`(?s)^\s*([A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]]*\])?)?\s*((?:[<>=!~]=?=?|@)?.*)$`)

func (p *pipRun) findPip() ([]string, error) {
	if p.Executable != nil {
		e := string(*p.Executable)
		if filepath.IsAbs(e) {
			return []string{e}, nil
		}
		path, err := p.findProgram(e)
		if err != nil {
			err = Errorf("Unable to find any of " + e + " to use.  pip needs to be installed.")
		}
		return []string{path}, err
	}
	if p.env != "" {
		for _, n := range []string{"pip3", "pip"} {
			if path := filepath.Join(p.env, "bin", n); access(path, 1) {
				return []string{path}, nil
			}
		}
		return nil, Errorf("Unable to find pip in the virtualenv, " + p.env + ", under any of these names: pip3, pip. Make sure pip is present in the virtualenv.")
	}
	for _, n := range []string{"python3", "python"} {
		if path, err := p.findProgram(n); err == nil {
			if r, err := p.Context.run([]string{path, "-c", "import pip"}, nil); err == nil && r.RC == 0 {
				return []string{path, "-m", "pip.__main__"}, nil
			}
		}
	}
	for _, n := range []string{"pip3", "pip"} {
		if path, err := p.findProgram(n); err == nil {
			return []string{path}, nil
		}
	}
	return nil, Errorf("Unable to find any of pip3 to use.  pip needs to be installed.")
}

func (p *pipRun) makeVenv() error {
	words, err := shlexSplit(string(p.VenvCommand))
	if err != nil || len(words) == 0 {
		return Errorf("virtualenv_command cannot be read: " + string(p.VenvCommand))
	}
	if filepath.Base(words[0]) == words[0] {
		exe, err := p.findProgram(words[0])
		if err != nil {
			return err
		}
		words[0] = exe
	}
	venv := len(words) > 1 && words[len(words)-1] == "venv" || strings.HasPrefix(filepath.Base(words[0]), "pyvenv")
	if p.SitePackages {
		words = append(words, "--system-site-packages")
	} else if !venv {
		if r, err := p.Context.run([]string{words[0], "--help"}, nil); err == nil && strings.Contains(r.Stdout, "--no-site-packages") {
			words = append(words, "--no-site-packages")
		}
	}
	if p.VenvPython != nil {
		if venv {
			return Errorf("virtualenv_python should not be used when using the venv module or pyvenv as virtualenv_command")
		}
		words = append(words, "-p"+*p.VenvPython)
	} else if !venv {
		if py, err := p.findProgram("python3"); err == nil {
			words = append(words, "-p"+py)
		}
	}
	words = append(words, p.env)
	r, err := p.exec(words)
	if err != nil {
		return err
	}
	p.log.out, p.log.err = r.Stdout, r.Stderr
	if r.RC != 0 {
		return Errorf(fmt.Sprintf("stdout: %s\n:stderr: %s", r.Stdout, r.Stderr), "cmd", words)
	}
	return nil
}

// freeze lists what is installed.
func (p *pipRun) freeze(pip []string) (stdout, stderr string, err error) {
	r, err := p.Context.run(append(slices.Clone(pip), "list", "--format=freeze"), p.opt)
	if err == nil && r.RC != 0 { // a pip from before list knew the format
		r, err = p.Context.run(append(slices.Clone(pip), "freeze"), p.opt)
	}
	if err != nil {
		return "", "", err
	}
	return r.Stdout, r.Stderr, nil
}

// predict answers check mode: certain where only names and exact versions are
// asked for, else a change is assumed.
func (p *pipRun) predict(pip, names []string) (*Result, error) {
	if p.ExtraArgs != nil || p.Requirements != nil || p.State == "latest" || len(names) == 0 {
		return Changed(true), nil
	}
	list, stderr, err := p.freeze(pip)
	if err != nil {
		return nil, err
	}
	have := map[string]string{}
	for _, l := range strings.Split(list, "\n") {
		if n, v, ok := strings.Cut(strings.TrimSpace(l), "=="); ok {
			have[canonicalName(n)] = v
		}
	}
	changed := false
	for _, n := range names {
		m := packageSpec.FindStringSubmatch(n)
		base, _, _ := strings.Cut(m[1], "[")
		v, ok := have[canonicalName(base)]
		if p.State == "absent" {
			changed = changed || ok && satisfies(v, m[2])
			continue
		}
		changed = changed || !ok || !satisfies(v, m[2])
	}
	return Changed(changed).Set("cmd", strings.Join(append(slices.Clone(pip), "list", "--format=freeze"), " ")).Set("stdout", list).Set("stderr", stderr), nil
}

func canonicalName(s string) string {
	return strings.ToLower(regexp.MustCompile(`[-_.]+`).ReplaceAllString(s, "-"))
}

// satisfies tells whether a version meets a list of simple specifiers.
func satisfies(version, spec string) bool {
	spec = strings.TrimSpace(spec)
	if spec == "" {
		return true
	}
	for _, s := range strings.Split(spec, ",") {
		s = strings.TrimSpace(s)
		i := strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune("<>=!~", r) })
		if i <= 0 {
			return false
		}
		op, want := s[:i], strings.TrimSpace(s[i:])
		n := compareVersions(version, strings.TrimSuffix(want, ".*"))
		prefix := strings.HasSuffix(want, ".*") && (version == strings.TrimSuffix(want, ".*") || strings.HasPrefix(version, strings.TrimSuffix(want, "*")))
		ok := false
		switch op {
		case "==", "===":
			ok = n == 0 || prefix
		case "!=":
			ok = n != 0 && !prefix
		case ">=":
			ok = n >= 0
		case "<=":
			ok = n <= 0
		case ">":
			ok = n > 0
		case "<":
			ok = n < 0
		case "~=":
			ok = n >= 0 && strings.HasPrefix(version+".", want[:strings.LastIndexByte(want, '.')+1])
		}
		if !ok {
			return false
		}
	}
	return true
}

func compareVersions(a, b string) int {
	x, y := strings.FieldsFunc(a, isVersionSep), strings.FieldsFunc(b, isVersionSep)
	for i := 0; i < len(x) || i < len(y); i++ {
		g := func(l []string) (int, string) {
			if i >= len(l) {
				return 0, ""
			}
			n, err := strconv.Atoi(l[i])
			if err != nil {
				return -1, l[i]
			}
			return n, ""
		}
		m, s := g(x)
		n, t := g(y)
		if m != n {
			return m - n
		}
		if c := strings.Compare(s, t); c != 0 {
			return c
		}
	}
	return 0
}

func isVersionSep(r rune) bool { return r == '.' || r == '-' || r == '+' }
