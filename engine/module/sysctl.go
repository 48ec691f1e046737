package module

import (
	"fmt"
	"os"
	"path/filepath"
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
		want = sysctlValue(*a.Value)
		if want == "" {
			return Fail("value cannot be blank")
		}
	}
	file := realPath(string(a.SysctlFile))
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

type sebooleanArgs struct {
	IgnoreSELinuxState bool   `arg:"ignore_selinux_state,default=false" doc:"Work where SELinux is disabled too."`
	Name               string `arg:"name,required" doc:"Name of the boolean."`
	Persistent         bool   `arg:"persistent,default=false" doc:"Keep it over reboots."`
	State              bool   `arg:"state,required" doc:"Whether it is on."`
}

var sebooleanDef = &Def{
	Name:  "ansible.posix.seboolean",
	Short: "Toggles SELinux booleans",
	Args:  func() any { return &sebooleanArgs{} },
	Run:   runSeboolean,
}

const sebooleans = "/sys/fs/selinux/booleans/"

func runSeboolean(c *Context, args any) *Result {
	a := args.(*sebooleanArgs)
	if !selinuxEnabled() && !a.IgnoreSELinuxState {
		return Fail("SELinux is disabled on this host.")
	}
	res := OK().Set("name", a.Name).Set("persistent", a.Persistent).Set("state", a.State)
	want := map[bool]string{true: "1", false: "0"}[a.State]
	var live bool
	if selinuxEnabled() {
		b, err := readFile(sebooleans + a.Name)
		if err != nil {
			return Fail("SELinux boolean %s does not exist.", a.Name)
		}
		live = strings.HasPrefix(string(b), want)
	}
	saved := live
	if a.Persistent {
		if v, ok := savedBoolean(a.Name); ok {
			saved = v == want
		}
	}
	if live && (saved || !a.Persistent) {
		return res
	}
	res.Changed = true
	if c.Check {
		return res
	}
	if !a.Persistent {
		if err := os.WriteFile(sebooleans+a.Name, []byte(want), 0o644); err != nil {
			return Fail("Failed to set boolean %s to %v: %s", a.Name, a.State, strerror(err))
		}
		if err := os.WriteFile("/sys/fs/selinux/commit_pending_bools", []byte("1"), 0o644); err != nil {
			return Fail("Failed to commit pending boolean %s value: %s", a.Name, strerror(err))
		}
		return res
	}
	exe, err := c.findProgram("setsebool")
	if err != nil {
		return FailErr(err)
	}
	p, err := c.run([]string{exe, "-P", a.Name + "=" + want}, &progOptions{Env: cLocale})
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return Fail("Failed to set boolean %s to %v: %s", a.Name, a.State, strings.TrimSpace(p.Stderr)).Set("rc", p.RC)
	}
	return res
}

// savedBoolean looks a boolean up among the host's own settings; one that is
// not there has the policy's default.
func savedBoolean(name string) (string, bool) {
	files, _ := filepath.Glob("/var/lib/selinux/*/active/booleans.local")
	for _, f := range files {
		b, _ := readFile(f)
		for _, l := range strings.Split(string(b), "\n") {
			if k, v, ok := strings.Cut(l, "="); ok && strings.TrimSpace(k) == name {
				return strings.TrimSpace(v), true
			}
		}
	}
	return "", false
}

type selinuxArgs struct {
	ConfigFile        Path    `arg:"configfile,alias=conf,alias=file,default=/etc/selinux/config" doc:"SELinux's configuration file."`
	Policy            *string `arg:"policy" doc:"Name of the policy."`
	State             string  `arg:"state,required,choices=enforcing|permissive|disabled" doc:"The mode wanted."`
	UpdateKernelParam bool    `arg:"update_kernel_param,default=false" doc:"Also set or remove selinux=0 for the kernel."`
}

var selinuxDef = &Def{
	Name:       "ansible.posix.selinux",
	Short:      "Change policy and state of SELinux",
	Args:       func() any { return &selinuxArgs{} },
	Run:        runSELinux,
	RequiredIf: []RequiredIf{{Key: "state", Value: "enforcing", Required: []string{"policy"}}, {Key: "state", Value: "permissive", Required: []string{"policy"}}},
}

func runSELinux(c *Context, args any) *Result {
	a := args.(*selinuxArgs)
	file := string(a.ConfigFile)
	data, err := readFile(file)
	if err != nil {
		return Fail("Unable to find file %s", file).Set("details", "Please install SELinux-policy package, if this package is not installed previously.")
	}
	conf := map[string]string{}
	for _, l := range strings.Split(string(data), "\n") {
		if k, v, ok := strings.Cut(l, "="); ok && !strings.HasPrefix(k, "#") {
			conf[strings.TrimSpace(k)] = strings.TrimSpace(v)
		}
	}
	policy := conf["SELINUXTYPE"]
	if a.Policy != nil && *a.Policy != "" {
		policy = *a.Policy
	}
	running := "disabled"
	if selinuxEnabled() {
		running = "permissive"
		if b, _ := os.ReadFile("/sys/fs/selinux/enforce"); strings.TrimSpace(string(b)) == "1" {
			running = "enforcing"
		}
	}
	if running != "disabled" || a.State != "disabled" {
		if _, err := os.Stat("/etc/selinux/" + policy); policy != "" && err != nil {
			return Fail("Policy %s does not exist in /etc/selinux/", policy)
		}
	}
	res := OK()
	reboot := false
	var notes []string
	text := string(data)
	edit := func(key, want string) {
		if conf[key] != want {
			text = setConfigLine(text, key, want)
			res.Changed = true
		}
	}
	if conf["SELINUXTYPE"] != policy {
		notes = append(notes, fmt.Sprintf("SELinux policy configuration in '%s' changed from '%s' to '%s'", file, conf["SELINUXTYPE"], policy))
		edit("SELINUXTYPE", policy)
	}
	if running != a.State {
		switch {
		case running == "disabled":
			reboot = true
		case a.State == "disabled":
			if running != "permissive" {
				if !c.Check {
					if err := os.WriteFile("/sys/fs/selinux/enforce", []byte("0"), 0o644); err != nil {
						return Fail("Could not set SELinux to permissive: %s", strerror(err))
					}
				}
				res.Changed = true
				notes = append(notes, fmt.Sprintf("SELinux state temporarily changed from '%s' to 'permissive'. State change will take effect next reboot.", running))
			} else {
				notes = append(notes, "SELinux state change will take effect next reboot")
			}
			reboot = true
		default:
			if !c.Check {
				if err := os.WriteFile("/sys/fs/selinux/enforce", []byte(map[bool]string{true: "1", false: "0"}[a.State == "enforcing"]), 0o644); err != nil {
					return Fail("Could not set SELinux to %s: %s", a.State, strerror(err))
				}
			}
			res.Changed = true
			notes = append(notes, fmt.Sprintf("SELinux state changed from '%s' to '%s'", running, a.State))
		}
	}
	if conf["SELINUX"] != a.State {
		notes = append(notes, fmt.Sprintf("Config SELinux state changed from '%s' to '%s'", conf["SELINUX"], a.State))
		edit("SELINUX", a.State)
	}
	if a.UpdateKernelParam {
		changed, err := c.selinuxKernel(a.State == "disabled")
		if err != nil {
			return FailErr(err)
		}
		if changed {
			res.Changed, reboot = true, true
			notes = append(notes, fmt.Sprintf("SELinux kernel state changed to %s", map[bool]string{true: "disabled", false: "enabled"}[a.State == "disabled"]))
		}
	}
	if text != string(data) && !c.Check {
		n, err := c.createBytes(file, []byte(text), false)
		if err == nil {
			err = n.Commit(false)
		}
		if err != nil {
			return FailErr(err)
		}
	}
	res.Msg, res.HasMsg = strings.Join(notes, ", "), true
	return res.Set("configfile", file).Set("policy", policy).Set("state", a.State).Set("reboot_required", reboot)
}

func setConfigLine(text, key, want string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if k, _, ok := strings.Cut(l, "="); ok && strings.TrimSpace(k) == key {
			lines[i] = key + "=" + want
			return strings.Join(lines, "\n")
		}
	}
	return strings.TrimSuffix(text, "\n") + "\n" + key + "=" + want + "\n"
}

// selinuxKernel adds or removes selinux=0 on the kernel's command line.
func (c *Context) selinuxKernel(off bool) (bool, error) {
	exe, err := c.findProgram("grubby", "/sbin", "/usr/sbin")
	if err != nil {
		return false, Errorf("'grubby' command not found on host, needed for update_kernel_param")
	}
	p, err := c.run([]string{exe, "--info=ALL"}, &progOptions{Env: cLocale})
	if err != nil {
		return false, err
	}
	now, all := false, true
	for _, l := range strings.Split(p.Stdout, "\n") {
		if strings.HasPrefix(l, "args=") {
			has := strings.Contains(l, "selinux=0")
			now, all = now || has, all && has
		}
	}
	if off && now && all || !off && !now {
		return false, nil
	}
	if c.Check {
		return true, nil
	}
	arg := "--remove-args=selinux"
	if off {
		arg = "--args=selinux=0"
	}
	p, err = c.run([]string{exe, "--update-kernel=ALL", arg}, &progOptions{Env: cLocale})
	if err == nil && p.RC != 0 {
		err = Errorf("unable to change the kernel's arguments: "+strings.TrimSpace(p.Stderr), "rc", p.RC)
	}
	return true, err
}
