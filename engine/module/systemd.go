package module

import (
	"fmt"
	"os"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type systemdArgs struct {
	Name         *string `arg:"name,alias=service,alias=unit" doc:"Name of the unit."`
	State        *string `arg:"state,choices=reloaded|restarted|started|stopped" doc:"The state wanted."`
	Enabled      *bool   `arg:"enabled" doc:"Whether the unit starts at boot."`
	Force        *bool   `arg:"force" doc:"Replace existing links."`
	Masked       *bool   `arg:"masked" doc:"Whether the unit is masked."`
	DaemonReload bool    `arg:"daemon_reload,alias=daemon-reload,default=false" doc:"Reload unit files first."`
	DaemonReexec bool    `arg:"daemon_reexec,alias=daemon-reexec,default=false" doc:"Restart the manager first."`
	Scope        string  `arg:"scope,default=system,choices=system|user|global" doc:"Which manager to talk to."`
	NoBlock      bool    `arg:"no_block,default=false" doc:"Do not wait for the operation."`
}

var systemdDef = &Def{
	Name:          "ansible.builtin.systemd_service",
	Aliases:       []string{"ansible.builtin.systemd"},
	Short:         "Manage systemd units",
	Args:          func() any { return &systemdArgs{} },
	Run:           func(c *Context, a any) *Result { return runSystemd(c, a.(*systemdArgs)) },
	RequiredOneOf: [][]string{{"state", "enabled", "masked", "daemon_reload", "daemon_reexec"}},
	RequiredBy:    [][]string{{"state", "name"}, {"enabled", "name"}, {"masked", "name"}},
}

// systemctl is the program with the options that go with every call.
type systemctl struct {
	*Context
	base []string
	env  []string
}

func (s *systemctl) call(args ...string) (*progResult, error) {
	return s.run(append(append([]string(nil), s.base...), args...), &progOptions{Env: s.env})
}

func newSystemctl(c *Context, scope string, noBlock, force bool) (*systemctl, error) {
	exe, err := c.findProgram("systemctl")
	if err != nil {
		return nil, err
	}
	s := &systemctl{Context: c, base: []string{exe}, env: []string{"LANG=C.UTF-8", "LC_ALL=C.UTF-8", "SYSTEMD_COLORS=0"}}
	if scope != "system" {
		s.base = append(s.base, "--"+scope)
	}
	if noBlock {
		s.base = append(s.base, "--no-block")
	}
	if force {
		s.base = append(s.base, "--force")
	}
	// The user's manager is found through its runtime folder, which a login
	// without a session lacks.
	if scope == "user" && c.Getenv("XDG_RUNTIME_DIR") == "" {
		s.env = append(s.env, fmt.Sprintf("XDG_RUNTIME_DIR=/run/user/%d", os.Geteuid()))
	}
	return s, nil
}

// parseShow reads `systemctl show`; values in braces go over several lines.
func parseShow(out string) *value.Dict {
	d := value.NewDict()
	key, text := "", ""
	for _, l := range strings.Split(out, "\n") {
		if key != "" {
			text += "\n" + l
			if strings.HasSuffix(strings.TrimRight(l, " "), "}") {
				d.Set(key, strings.TrimSpace(text))
				key = ""
			}
			continue
		}
		k, v, ok := strings.Cut(l, "=")
		if !ok {
			continue
		}
		if strings.HasPrefix(k, "Exec") && strings.HasPrefix(strings.TrimLeft(v, " "), "{") && !strings.HasSuffix(strings.TrimRight(v, " "), "}") {
			key, text = k, v
			continue
		}
		d.Set(k, strings.TrimSpace(v))
	}
	return d
}

// unitRunning tells whether a state counts as running: a unit on its way up does.
func unitRunning(state string) bool {
	switch state {
	case "active", "activating", "reloading", "refreshing":
		return true
	}
	return false
}

func runSystemd(c *Context, a *systemdArgs) *Result {
	s, err := newSystemctl(c, a.Scope, a.NoBlock, a.Force != nil && *a.Force)
	if err != nil {
		return FailErr(err)
	}
	for _, op := range []struct {
		on  bool
		cmd string
	}{{a.DaemonReload, "daemon-reload"}, {a.DaemonReexec, "daemon-reexec"}} {
		if !op.on || c.Check {
			continue
		}
		p, err := s.call(op.cmd)
		if err != nil {
			return FailErr(err)
		}
		if p.RC != 0 && !systemdOffline(p) {
			return Fail("failure %d during %s: %s", p.RC, op.cmd, p.Stderr)
		}
		if p.RC != 0 {
			c.warn(fmt.Sprintf("daemon is offline or this is a chroot, %s was ignored", op.cmd))
		}
	}
	res := OK()
	res.Set("name", nil).Set("status", value.NewDict())
	if a.Name == nil {
		return res
	}
	unit := *a.Name
	res.Set("name", unit)
	if unit == "" {
		return res
	}
	if i := strings.IndexAny(unit, "*?["); i >= 0 {
		return Fail("This module does not currently support using glob patterns, found '%s' in service name: %s", unit[i:i+1], unit)
	}
	u := &unitRun{systemctl: s, a: a, unit: unit, res: res}
	if err := u.look(); err != nil {
		return FailErr(err)
	}
	for _, step := range []func() *Result{u.mask, u.enable, u.state} {
		if bad := step(); bad != nil {
			return bad
		}
	}
	return res
}

// systemdOffline tells whether systemctl refused because no manager runs.
func systemdOffline(p *progResult) bool {
	t := p.Stdout + p.Stderr
	return strings.Contains(t, "ignoring request") || strings.Contains(t, "ignoring command") || strings.Contains(t, "not been booted with systemd")
}

// unitRun is one unit being brought into its state.
type unitRun struct {
	*systemctl
	a       *systemdArgs
	unit    string
	res     *Result
	status  *value.Dict
	found   bool
	script  bool // a System V script without a unit
	offline bool
}

func (u *unitRun) get(k string) string { return value.Str(u.status.At(k)) }

func (u *unitRun) look() error {
	u.status = value.NewDict()
	base := strings.TrimSuffix(u.unit, ".service")
	_, err := os.Stat("/etc/init.d/" + base)
	initd := err == nil && !strings.Contains(base, "/")
	p, err := u.call("show", u.unit)
	if err != nil {
		return err
	}
	switch {
	case p.RC == 0 && strings.TrimSpace(p.Stdout) != "" && !systemdOffline(p):
		u.status = parseShow(p.Stdout)
		u.res.Set("status", u.status)
		load := u.get("LoadState")
		masked := load == "masked"
		u.found = load != "not-found" && load != "" || masked
		u.script = !u.found && initd
		if load == "error" || load == "bad-setting" {
			u.warn(fmt.Sprintf("Error loading unit file '%s': %s", u.unit, u.get("LoadError")))
		}
	case systemdOffline(p) || u.a.Scope == "global" || strings.Contains(p.Stderr, "neither a valid invocation ID nor unit name"):
		// The last is what systemctl says of templates (getty@.service).
		u.offline = systemdOffline(p) || u.a.Scope == "global"
		q, err := u.call("is-enabled", u.unit)
		if err != nil {
			return err
		}
		u.status.Set("UnitFileState", strings.TrimSpace(q.Stdout))
		u.found = strings.TrimSpace(q.Stdout) != "" && strings.TrimSpace(q.Stdout) != "not-found"
		u.script = !u.found && initd
	default:
		msg := strings.TrimSpace(p.Stderr)
		return Errorf(or(msg, "systemctl show failed"), "cmd", strings.Join(u.base, " "), "rc", p.RC, "stdout", p.Stdout, "stderr", p.Stderr)
	}
	return nil
}

func (u *unitRun) missing() *Result {
	if u.found || u.script {
		return nil
	}
	return Fail("Could not find the requested service %s: host", u.unit)
}

func (u *unitRun) mask() *Result {
	if u.a.Masked == nil {
		return nil
	}
	masked := u.get("LoadState") == "masked" || u.get("UnitFileState") == "masked" || u.get("UnitFileState") == "masked-runtime"
	if masked == *u.a.Masked {
		return nil
	}
	action := "unmask"
	if *u.a.Masked {
		action = "mask"
	}
	u.res.Changed = true
	if u.Check {
		return nil
	}
	p, err := u.call(action, u.unit)
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return Fail("Failed to %s the service (%s): %s", action, u.unit, strings.TrimSpace(p.Stderr))
	}
	u.found = true
	return nil
}

func (u *unitRun) enable() *Result {
	if u.a.Enabled == nil {
		return nil
	}
	if bad := u.missing(); bad != nil {
		return bad
	}
	want := *u.a.Enabled
	state := u.get("UnitFileState")
	enabled := false
	switch state {
	case "enabled", "enabled-runtime", "static", "generated", "transient":
		enabled = true
	case "indirect", "alias", "disabled", "linked", "linked-runtime":
	case "masked", "masked-runtime":
		enabled = want // what is masked can be neither enabled nor disabled
		if want {
			enabled = sysvEnabled(u.unit)
		}
	default:
		p, err := u.call("is-enabled", u.unit)
		if err != nil {
			return FailErr(err)
		}
		out := strings.TrimSpace(p.Stdout)
		enabled = p.RC == 0 && out != "indirect" && out != "alias" || p.RC != 0 && u.script && sysvEnabled(u.unit)
	}
	u.res.Set("enabled", enabled)
	if enabled != want {
		action := "disable"
		if want {
			action = "enable"
		}
		u.res.Changed = true
		if !u.Check {
			p, err := u.call(action, u.unit)
			if err != nil {
				return FailErr(err)
			}
			if p.RC != 0 {
				return Fail("Unable to %s service %s: %s", action, u.unit, p.Stdout+p.Stderr)
			}
		}
		u.res.Set("enabled", want)
	}
	return nil
}

// sysvEnabled tells whether a System V script has start links in its runlevels.
func sysvEnabled(unit string) bool {
	base := strings.TrimSuffix(unit, ".service")
	for _, level := range []string{"2", "3", "4", "5", "S"} {
		entries, _ := os.ReadDir("/etc/rc" + level + ".d")
		for _, e := range entries {
			if n := e.Name(); len(n) > 3 && n[0] == 'S' && n[3:] == base {
				return true
			}
		}
	}
	return false
}

func (u *unitRun) state() *Result {
	if u.a.State == nil {
		return nil
	}
	if bad := u.missing(); bad != nil {
		return bad
	}
	want := *u.a.State
	shown := want
	if want == "restarted" || want == "reloaded" {
		shown = "started"
	}
	u.res.Set("state", shown)
	if u.offline {
		u.warn("Target is a chroot or systemd is offline. This can lead to false positives or prevent the init system tools from working.")
		return nil
	}
	active := u.get("ActiveState")
	running := unitRunning(active)
	action := ""
	switch want {
	case "started":
		if !running {
			action = "start"
		}
	case "stopped":
		if running || active == "deactivating" {
			action = "stop"
		}
	default:
		action = strings.TrimSuffix(want, "ed")
		if !running {
			action = "start"
		}
	}
	if action == "" {
		return nil
	}
	u.res.Changed = true
	if u.Check {
		return nil
	}
	p, err := u.call(action, u.unit)
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return Fail("Unable to %s service %s: %s", action, u.unit, p.Stderr)
	}
	return nil
}
