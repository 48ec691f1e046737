package module

import (
	"os"
	"strings"
)

type sysctlArgs struct {
	IgnoreErrors bool    `arg:"ignoreerrors,default=false" doc:"Ignore unknown keys."`
	Name         string  `arg:"name,alias=key,required" doc:"Key, with dots."`
	Reload       bool    `arg:"reload,default=true" doc:"Load the file after a change."`
	State        string  `arg:"state,default=present,choices=present|absent" doc:"Whether the entry is in the file."`
	SysctlFile   Path    `arg:"sysctl_file,default=/etc/sysctl.conf" doc:"File of the entry."`
	SysctlSet    bool    `arg:"sysctl_set,default=false" doc:"Set the running value too."`
	Value        *string `arg:"value,alias=val" doc:"Value wanted."`
}

var sysctlDef = &Def{
	Name:       "ansible.posix.sysctl",
	Short:      "Manage entries in sysctl.conf",
	Args:       func() any { return &sysctlArgs{} },
	Run:        runSysctl,
	RequiredIf: []RequiredIf{{Key: "state", Value: "present", Required: []string{"value"}}},
}

func runSysctl(c *Context, args any) *Result {
	a := args.(*sysctlArgs)
	name := strings.TrimSpace(a.Name)
	if name == "" {
		return Fail("name cannot be blank")
	}
	want := ""
	if a.State == "present" {
		if a.Value == nil { // null counts as given
			return Fail("value cannot be None")
		}
		want = sysctlValue(*a.Value)
		if want == "" {
			return Fail("value cannot be blank")
		}
	}
	file := realPath(string(a.SysctlFile))
	defer c.editing(file)()
	old, err := readFile(file)
	if err != nil && !leadsNowhere(err) {
		return Fail("Failed to open %s: %s", file, strerror(err))
	}
	text, writes := editSysctl(string(old), name, want, a.State == "present")
	live := sysctlRead(name)
	sets := a.SysctlSet && a.State == "present" && !sameWords(live, want)
	stale := a.Reload && a.State == "present" && !sameWords(live, want)
	if !writes && !sets && !stale {
		return OK()
	}
	res := Changed(true)
	if c.Check {
		return res
	}
	if sets {
		if msg := c.sysctl("-w", name+"="+want); msg != "" && !a.IgnoreErrors {
			return Fail("setting %s failed: %s", name, msg)
		}
	}
	if writes {
		n, err := c.createBytes(file, []byte(text), false)
		if err == nil {
			err = n.Commit(false)
		}
		if err != nil {
			return Fail("Failed to write to file %s: %s", file, err)
		}
	}
	if a.Reload {
		argv := []string{"-p", file}
		if a.IgnoreErrors {
			argv = []string{"-e", "-p", file}
		}
		if msg := c.sysctl(argv...); msg != "" && !a.IgnoreErrors {
			return Fail("Failed to reload sysctl: %s", msg)
		}
	}
	return res
}

// sysctl runs the tool and returns what it complained about, "" for nothing.
func (c *Context) sysctl(args ...string) string {
	exe, err := c.findProgram("sysctl")
	if err != nil {
		return err.Error()
	}
	p, err := c.run(append([]string{exe}, args...), &progOptions{Env: cLocale})
	switch {
	case err != nil:
		return err.Error()
	case p.RC != 0 || strings.Contains(p.Stderr, "permission denied") || strings.Contains(p.Stderr, "cannot stat") ||
		strings.Contains(p.Stderr, "Invalid argument") || strings.Contains(p.Stderr, "Read-only file system"):
		if args[0] == "-w" {
			return p.Stderr
		}
		return p.Stdout + p.Stderr
	}
	return ""
}

// sysctlValue writes truth values as 1 and 0.
func sysctlValue(s string) string {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "true", "yes", "on", "y", "t":
		return "1"
	case "false", "no", "off", "n", "f":
		return "0"
	}
	return s
}

// sysctlRead reads the running value; dots and slashes change places in paths.
func sysctlRead(name string) string {
	p := name
	if i := strings.IndexAny(name, "./"); i < 0 || name[i] == '.' {
		p = strings.NewReplacer(".", "/", "/", ".").Replace(name)
	}
	b, err := os.ReadFile("/proc/sys/" + p)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func sameWords(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

// editSysctl puts the entry into the text, or takes it out, and tells whether
// that changes anything. A second entry of the same key goes away then.
func editSysctl(text, name, want string, present bool) (string, bool) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if text == "" {
		lines = nil
	}
	var out []string
	// The last entry of a key counts.
	last := ""
	for _, l := range lines {
		if k, v, ok := sysctlEntry(l); ok && k == name {
			last = v
		}
	}
	if present && last == want {
		return text, false
	}
	found, changed := false, false
	for _, l := range lines {
		k, v, ok := sysctlEntry(l)
		if !ok || k != name {
			if ok {
				l = k + "=" + v // what is written anew has one form
			}
			out = append(out, l)
			continue
		}
		switch {
		case !present:
			changed = true
		case found:
		default:
			found, changed = true, true
			out = append(out, name+"="+want)
		}
	}
	if present && !found {
		changed = true
		out = append(out, name+"="+want)
	}
	if !changed {
		return text, false
	}
	if len(out) == 0 {
		return "", true
	}
	return strings.Join(out, "\n") + "\n", true
}

// sysctlEntry reads a line; ok is false for comments and what is no entry.
func sysctlEntry(line string) (key, value string, ok bool) {
	t := strings.TrimSpace(line)
	if t == "" || t[0] == '#' || t[0] == ';' {
		return "", "", false
	}
	k, v, ok := strings.Cut(t, "=")
	return strings.TrimSpace(k), strings.TrimSpace(v), ok
}
