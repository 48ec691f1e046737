package module

import (
	"os"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

type sysvinitArgs struct {
	Arguments string   `arg:"arguments,alias=args" default:"" doc:"Further arguments for the script."`
	Daemonize bool     `arg:"daemonize,default=false" doc:"Has no effect: scripts that keep our pipes open do not hold us up."`
	Enabled   *bool    `arg:"enabled" doc:"Whether the service starts at boot."`
	Name      string   `arg:"name,alias=service,required" doc:"Name of the service."`
	Pattern   *string  `arg:"pattern" doc:"Text to look for in the process list when the script knows no status."`
	Runlevels []string `arg:"runlevels" doc:"Runlevels in which it starts."`
	Sleep     int      `arg:"sleep,default=1" doc:"Seconds between stop and start of a restart."`
	State     *string  `arg:"state,choices=started|stopped|restarted|reloaded" doc:"The state wanted."`
}

var sysvinitDef = &Def{
	Name:          "ansible.builtin.sysvinit",
	Short:         "Manage SysV services",
	Args:          func() any { return &sysvinitArgs{} },
	Run:           runSysvinit,
	RequiredOneOf: [][]string{{"state", "enabled"}},
}

func runSysvinit(c *Context, args any) *Result {
	a := args.(*sysvinitArgs)
	m := &initScripts{c}
	if _, err := m.script(a.Name); err != nil {
		return Fail("Could not find the requested service %s: ", a.Name)
	}
	status := value.NewDict()
	res := OK().Set("name", a.Name).Set("status", status)
	note := func(what string, changed bool, p *progResult) {
		d := value.DictOf("changed", changed, "rc", nil, "stdout", nil, "stderr", nil)
		if p != nil {
			d = value.DictOf("changed", changed, "rc", int64(p.RC), "stdout", p.Stdout, "stderr", p.Stderr)
		}
		if what == "enabled" && len(a.Runlevels) > 0 {
			d.Set("runlevels", value.From(a.Runlevels))
		}
		status.Set(what, d)
		res.Changed = res.Changed || changed
	}
	note("enabled", false, nil)
	if a.Enabled != nil {
		now := sysvEnabled(a.Name)
		if len(a.Runlevels) > 0 {
			now = true
			for _, l := range a.Runlevels {
				now = now && startLink(l, a.Name) == *a.Enabled
			}
			now = now == *a.Enabled
		}
		var p *progResult
		var err error
		changed := now != *a.Enabled
		if changed && !c.Check {
			if len(a.Runlevels) > 0 {
				p, err = m.setRunlevels(a.Name, a.Runlevels, *a.Enabled)
			} else {
				p, err = m.setEnabled(a.Name, "", *a.Enabled)
			}
			if err != nil {
				return FailErr(err)
			}
			if p.RC != 0 {
				return failedProgram("Failed to change whether "+a.Name+" starts at boot: "+strings.TrimSpace(p.Stderr), p)
			}
		}
		note("enabled", changed, p)
	}
	if a.State == nil {
		note("null", false, nil)
		return res
	}
	running, known, err := m.running(a.Name)
	if err != nil {
		return FailErr(err)
	}
	if !known && a.Pattern != nil {
		running = processMatches(*a.Pattern)
		if !running {
			c.warn("Unable to determine if service is up, assuming it is down")
		}
	}
	var acts []string
	switch {
	case *a.State == "started" && !running:
		acts = []string{"start"}
	case *a.State == "stopped" && running:
		acts = []string{"stop"}
	case *a.State == "reloaded":
		acts = []string{map[bool]string{true: "reload", false: "start"}[running]}
	case *a.State == "restarted" && running:
		acts = []string{"stop", "start"}
	case *a.State == "restarted":
		acts = []string{"start"}
	}
	var last *progResult
	for i, act := range acts {
		if c.Check {
			break
		}
		if i > 0 {
			if err := c.sleep(time.Duration(a.Sleep) * time.Second); err != nil {
				return FailErr(err)
			}
		}
		if last, err = m.runScript(a.Name, act, a.Arguments); err != nil {
			return FailErr(err)
		}
		if last.RC != 0 {
			return failedProgram("Failed to "+act+" service: "+a.Name, last)
		}
	}
	note(*a.State, len(acts) > 0, last)
	return res
}

// startLink tells whether a service starts in a runlevel.
func startLink(level, name string) bool {
	entries, _ := os.ReadDir("/etc/rc" + level + ".d")
	for _, e := range entries {
		if n := e.Name(); len(n) > 3 && n[0] == 'S' && n[3:] == name {
			return true
		}
	}
	return false
}

// runScript calls the script itself, as the reference does; act asks the service program.
func (m *initScripts) runScript(name, action, arguments string) (*progResult, error) {
	s, err := m.script(name)
	if err != nil {
		return nil, err
	}
	more, err := shlexSplit(arguments)
	if err != nil {
		return nil, Errorf("arguments: " + err.Error())
	}
	return m.run(append([]string{s, action}, more...), &progOptions{Env: cLocale})
}

func (m *initScripts) setRunlevels(name string, levels []string, on bool) (*progResult, error) {
	if exe, err := m.findProgram("update-rc.d"); err == nil {
		verb := map[bool]string{true: "enable", false: "disable"}[on]
		return m.run(append([]string{exe, name, verb}, levels...), &progOptions{Env: cLocale})
	}
	exe, err := m.findProgram("chkconfig")
	if err != nil {
		return nil, Errorf("cannot change whether " + name + " starts at boot: neither update-rc.d nor chkconfig is installed")
	}
	return m.run([]string{exe, "--level", strings.Join(levels, ""), name, map[bool]string{true: "on", false: "off"}[on]}, &progOptions{Env: cLocale})
}
