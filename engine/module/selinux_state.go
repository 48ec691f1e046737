package module

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

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
	p, err := c.run([]string{exe, "-P", a.Name + "=" + want}, &progOptions{Env: cLocale, Cancel: cancelFinish})
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
	p, err = c.run([]string{exe, "--update-kernel=ALL", arg}, &progOptions{Env: cLocale, Cancel: cancelFinish})
	if err == nil && p.RC != 0 {
		err = Errorf("unable to change the kernel's arguments: "+strings.TrimSpace(p.Stderr), "rc", p.RC)
	}
	return true, err
}
