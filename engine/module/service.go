package module

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/facts"
)

type serviceArgs struct {
	Name      string  `arg:"name,required" doc:"Name of the service."`
	State     *string `arg:"state,choices=started|stopped|reloaded|restarted" doc:"The state wanted."`
	Enabled   *bool   `arg:"enabled" doc:"Whether the service starts at boot."`
	Arguments string  `arg:"arguments,alias=args" default:"" doc:"Further arguments for the service's script."`
	Pattern   *string `arg:"pattern" doc:"Text to look for in the process list where a service cannot tell its state."`
	Runlevel  string  `arg:"runlevel,default=default" doc:"Runlevel of OpenRC."`
	Sleep     *int    `arg:"sleep" doc:"Seconds between stop and start of a restart."`
	Use       *string `arg:"use" doc:"Service manager to use; found out when not given."`
	// What only systemd knows; the module for it takes over where it runs.
	DaemonReload *bool   `arg:"daemon_reload,alias=daemon-reload" doc:"Reload systemd's unit files first."`
	DaemonReexec *bool   `arg:"daemon_reexec,alias=daemon-reexec" doc:"Restart systemd first."`
	Masked       *bool   `arg:"masked" doc:"Whether the unit is masked (systemd)."`
	NoBlock      *bool   `arg:"no_block" doc:"Do not wait (systemd)."`
	Force        *bool   `arg:"force" doc:"Replace existing links (systemd)."`
	Scope        *string `arg:"scope,choices=system|user|global" doc:"Which manager to talk to (systemd)."`
}

var serviceDef = &Def{
	Name:  "ansible.builtin.service",
	Short: "Manage services",
	Args:  func() any { return &serviceArgs{} },
	Run:   runService,
}

func runService(c *Context, args any) *Result {
	a := args.(*serviceArgs)
	mgr := "auto"
	if a.Use != nil {
		mgr = strings.TrimPrefix(strings.TrimPrefix(*a.Use, "ansible.builtin."), "ansible.legacy.")
	}
	if mgr == "auto" {
		mgr = facts.ServiceMgr()
	}
	on := func(b *bool) bool { return b != nil && *b }
	switch mgr {
	case "systemd", "systemd_service":
		for _, name := range []string{
			flag(a.Pattern != nil, "pattern"), flag(a.Runlevel != "default", "runlevel"), flag(a.Sleep != nil, "sleep"), flag(a.Arguments != "", "arguments"),
		} {
			if name != "" {
				c.warn(fmt.Sprintf("Ignoring \"%s\" as it is not used in \"systemd\"", name))
			}
		}
		scope := "system"
		if a.Scope != nil {
			scope = *a.Scope
		}
		return runSystemd(c, &systemdArgs{Name: &a.Name, State: a.State, Enabled: a.Enabled, Force: a.Force, Masked: a.Masked,
			DaemonReload: on(a.DaemonReload), DaemonReexec: on(a.DaemonReexec), NoBlock: on(a.NoBlock), Scope: scope})
	case "openrc":
		return runScript(c, a, &openRC{c})
	}
	return runScript(c, a, &initScripts{c})
}

// scriptManager is a service manager that works with scripts.
type scriptManager interface {
	// running: known is false where the script cannot tell.
	running(name string) (running, known bool, err error)
	act(name, action, arguments string) (*progResult, error)
	enabled(name, runlevel string) (bool, error)
	setEnabled(name, runlevel string, on bool) (*progResult, error)
}

func runScript(c *Context, a *serviceArgs, m scriptManager) *Result {
	res := OK().Set("name", a.Name)
	if a.Masked != nil || a.DaemonReload != nil && *a.DaemonReload {
		return Fail("masked and daemon_reload need systemd, which does not run here")
	}
	if a.Enabled != nil {
		now, err := m.enabled(a.Name, a.Runlevel)
		if err != nil {
			return FailErr(err)
		}
		res.Set("enabled", *a.Enabled)
		if now != *a.Enabled {
			res.Changed = true
			if !c.Check {
				p, err := m.setEnabled(a.Name, a.Runlevel, *a.Enabled)
				if err != nil {
					return FailErr(err)
				}
				if p.RC != 0 {
					return Fail("Unable to change whether %s starts at boot: %s", a.Name, strings.TrimSpace(p.Stdout+p.Stderr)).Set("rc", p.RC)
				}
			}
		}
	}
	if a.State == nil {
		return res
	}
	var running bool
	if a.Pattern != nil {
		running = processMatches(*a.Pattern)
	} else {
		r, known, err := m.running(a.Name)
		if err != nil {
			return FailErr(err)
		}
		if running = r; !known {
			running = processMatches(a.Name)
		}
	}
	var actions []string
	want := *a.State
	switch {
	case want == "started" && !running, want == "reloaded" && !running:
		actions = []string{"start"}
	case want == "stopped" && running:
		actions = []string{"stop"}
	case want == "reloaded":
		actions = []string{"reload"}
	case want == "restarted" && a.Sleep != nil:
		actions = []string{"stop", "sleep", "start"}
	case want == "restarted":
		actions = []string{"restart"}
	}
	res.Set("state", map[string]string{"stopped": "stopped"}[want])
	if want != "stopped" {
		res.Set("state", "started")
	}
	if len(actions) == 0 {
		return res
	}
	res.Changed = true
	if c.Check {
		return res
	}
	for _, act := range actions {
		if act == "sleep" {
			if err := c.sleep(time.Duration(*a.Sleep) * time.Second); err != nil {
				return FailErr(err)
			}
			continue
		}
		p, err := m.act(a.Name, act, a.Arguments)
		if err != nil {
			return FailErr(err)
		}
		if p.RC != 0 && !(act == "stop" && len(actions) > 1) {
			return Fail("Unable to %s service %s: %s", act, a.Name, strings.TrimSpace(or(p.Stderr, p.Stdout))).Set("rc", p.RC)
		}
	}
	return res
}

// processMatches tells whether a process other than ours has text in its command line.
func processMatches(text string) bool {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	own := strconv.Itoa(os.Getpid())
	for _, d := range dirs {
		if filepath.Base(d) == own {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(d))
		if strings.Contains(processTitle(pid), text) {
			return true
		}
	}
	return false
}

// initScripts are the System V scripts in /etc/init.d.
type initScripts struct{ *Context }

func (m *initScripts) script(name string) (string, error) {
	for _, d := range []string{"/etc/init.d", "/etc/rc.d/init.d"} {
		p := filepath.Join(d, name)
		if st, err := os.Stat(p); err == nil && !st.IsDir() {
			return p, nil
		}
	}
	return "", Errorf("Could not find the requested service " + name + ": host")
}

func (m *initScripts) running(name string) (bool, bool, error) {
	s, err := m.script(name)
	if err != nil {
		return false, false, err
	}
	p, err := m.run([]string{s, "status"}, &progOptions{Env: cLocale})
	if err != nil {
		return false, false, err
	}
	out := strings.ToLower(p.Stdout + p.Stderr)
	switch {
	case p.RC == 0 && strings.Contains(out, "not running"), p.RC == 3, strings.Contains(out, "is stopped"), strings.Contains(out, "is dead"):
		return false, true, nil
	case p.RC == 0:
		return true, true, nil
	case p.RC == 1 || p.RC == 2 || p.RC == 4 || p.RC == 69:
		return false, true, nil
	}
	return false, false, nil
}

func (m *initScripts) act(name, action, arguments string) (*progResult, error) {
	s, err := m.script(name)
	if err != nil {
		return nil, err
	}
	argv := []string{s, action}
	if svc, err := m.findProgram("service"); err == nil {
		argv = []string{svc, name, action}
	}
	if arguments != "" {
		more, err := shlexSplit(arguments)
		if err != nil {
			return nil, Errorf("arguments: " + err.Error())
		}
		argv = append(argv, more...)
	}
	return m.run(argv, &progOptions{Env: cLocale})
}

func (m *initScripts) enabled(name, _ string) (bool, error) {
	if _, err := m.script(name); err != nil {
		return false, err
	}
	return sysvEnabled(name), nil
}

func (m *initScripts) setEnabled(name, _ string, on bool) (*progResult, error) {
	if exe, err := m.findProgram("update-rc.d"); err == nil {
		p, err := m.run([]string{exe, name, "defaults"}, &progOptions{Env: cLocale})
		if err != nil || p.RC != 0 || on && sysvEnabled(name) {
			return p, err
		}
		return m.run([]string{exe, name, map[bool]string{true: "enable", false: "disable"}[on]}, &progOptions{Env: cLocale})
	}
	exe, err := m.findProgram("chkconfig")
	if err != nil {
		return nil, Errorf("cannot change whether " + name + " starts at boot: neither update-rc.d nor chkconfig is installed")
	}
	return m.run([]string{exe, name, map[bool]string{true: "on", false: "off"}[on]}, &progOptions{Env: cLocale})
}

// openRC is Gentoo's and Alpine's service manager.
type openRC struct{ *Context }

func (m *openRC) running(name string) (bool, bool, error) {
	p, err := m.run([]string{"rc-service", name, "status"}, &progOptions{Env: cLocale})
	if err != nil {
		return false, false, err
	}
	if strings.Contains(p.Stderr, "does not exist") {
		return false, false, Errorf("Could not find the requested service " + name + ": host")
	}
	return p.RC == 0, true, nil
}

func (m *openRC) act(name, action, arguments string) (*progResult, error) {
	argv := []string{"rc-service", name, action}
	if arguments != "" {
		argv = append(argv, strings.Fields(arguments)...)
	}
	return m.run(argv, &progOptions{Env: cLocale})
}

func (m *openRC) enabled(name, runlevel string) (bool, error) {
	p, err := m.run([]string{"rc-update", "show", runlevel}, &progOptions{Env: cLocale})
	if err != nil {
		return false, err
	}
	for _, l := range strings.Split(p.Stdout, "\n") {
		if n, _, ok := strings.Cut(l, "|"); ok && strings.TrimSpace(n) == name {
			return true, nil
		}
	}
	return false, nil
}

func (m *openRC) setEnabled(name, runlevel string, on bool) (*progResult, error) {
	verb := map[bool]string{true: "add", false: "delete"}[on]
	return m.run([]string{"rc-update", verb, name, runlevel}, &progOptions{Env: cLocale})
}
