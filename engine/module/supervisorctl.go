package module

import (
	"strings"
)

type supervisorctlArgs struct {
	Config        *Path   `arg:"config" doc:"Configuration file of supervisor."`
	Name          string  `arg:"name,required" doc:"Program, group (ending in a colon) or all."`
	Password      *string `arg:"password,no_log" doc:"Password for the server."`
	ServerURL     *string `arg:"server_url" doc:"Address of the server."`
	Signal        *string `arg:"signal" doc:"Signal to send."`
	State         string  `arg:"state,required,choices=present|started|restarted|stopped|absent|signalled" doc:"The state wanted."`
	StopAfterTime bool    `arg:"stop_before_removing,default=false" doc:"Stop a running program before it is removed."`
	Ctl           *Path   `arg:"supervisorctl_path" doc:"Path of supervisorctl."`
	Username      *string `arg:"username" doc:"User for the server."`
}

var supervisorctlDef = &Def{
	Name:          "community.general.supervisorctl",
	NullIsMissing: true,
	Short:         "Manage the state of a program or group of programs running using supervisord",
	Args:          func() any { return &supervisorctlArgs{} },
	Run:           runSupervisorctl,
	RequiredIf:    []RequiredIf{{Key: "state", Value: "signalled", Required: []string{"signal"}}},
}

func runSupervisorctl(c *Context, args any) *Result {
	a := args.(*supervisorctlArgs)
	var base []string
	if a.Ctl != nil {
		if !exists(string(*a.Ctl)) {
			return Fail("Provided path to supervisorctl does not exist or isn't executable: %s", *a.Ctl)
		}
		base = []string{string(*a.Ctl)}
	} else {
		exe, err := c.findProgram("supervisorctl")
		if err != nil {
			return FailErr(err)
		}
		base = []string{exe}
	}
	for _, o := range []struct {
		flag string
		v    *string
	}{{"-c", (*string)(a.Config)}, {"-s", a.ServerURL}, {"-u", a.Username}, {"-p", a.Password}} {
		if o.v != nil {
			base = append(base, o.flag, *o.v)
		}
	}
	call := func(args ...string) (*progResult, error) {
		return c.run(append(append([]string(nil), base...), args...), &progOptions{Env: cLocale})
	}
	group := strings.HasSuffix(a.Name, ":")
	shown := strings.TrimSuffix(a.Name, ":")
	res := OK().Set("name", shown).Set("state", a.State)
	// matching lists the processes of the name and their states.
	matching := func() (names []string, states map[string]string, err error) {
		p, err := call("status")
		if err != nil {
			return nil, nil, err
		}
		if strings.Contains(p.Stdout, "refused connection") || strings.Contains(p.Stdout, "no such file") {
			return nil, nil, Errorf(strings.TrimSpace(p.Stdout), "name", shown)
		}
		states = map[string]string{}
		for _, l := range strings.Split(p.Stdout, "\n") {
			f := strings.Fields(l)
			if len(f) < 2 {
				continue
			}
			g, proc, isGroup := strings.Cut(f[0], ":")
			switch {
			case a.Name == "all", f[0] == a.Name, group && isGroup && g+":" == a.Name, !group && isGroup && g == proc && g == a.Name:
				names = append(names, f[0])
				states[f[0]] = f[1]
			}
		}
		return names, states, nil
	}
	step := func(verb, want string, args ...string) *Result {
		if c.Check {
			res = Changed(true)
			return nil
		}
		p, err := call(append([]string{verb}, args...)...)
		if err != nil {
			return FailErr(err)
		}
		if p.RC != 0 || want != "" && !strings.Contains(p.Stdout, want) && !strings.Contains(p.Stdout, "already started") {
			if want != "" && !strings.Contains(p.Stdout, want) || p.RC != 0 && want == "" {
				return Fail("%s", strings.TrimSpace(p.Stdout+p.Stderr)).Set("name", shown)
			}
		}
		res.Changed = true
		return nil
	}
	names, states, err := matching()
	if err != nil {
		return FailErr(err)
	}
	switch a.State {
	case "present", "absent":
		return c.supervisorProgram(a, call, res, names, states)
	case "restarted":
		if bad := step("update", ""); bad != nil {
			return bad
		}
		if c.Check {
			return res
		}
		res.Changed = false
		if names, states, err = matching(); err != nil {
			return FailErr(err)
		}
	}
	if len(names) == 0 {
		return Fail("ERROR (no such process)").Set("name", shown)
	}
	any := func(match func(string) bool) bool {
		for _, s := range states {
			if match(s) {
				return true
			}
		}
		return false
	}
	switch a.State {
	case "started":
		if any(func(s string) bool { return s != "RUNNING" && s != "STARTING" }) {
			if bad := step("start", "started", a.Name); bad != nil {
				return bad
			}
		}
	case "stopped":
		if any(func(s string) bool { return s == "RUNNING" || s == "STARTING" }) {
			if bad := step("stop", "stopped", a.Name); bad != nil {
				return bad
			}
		}
	case "restarted":
		if bad := step("restart", "started", a.Name); bad != nil {
			return bad
		}
	case "signalled":
		if any(func(s string) bool { return s == "RUNNING" || s == "STARTING" }) {
			if bad := step("signal", "signalled", *a.Signal, a.Name); bad != nil {
				return bad
			}
		}
	}
	if res.Changed && !c.Check {
		res.Set("affected", names)
	}
	return res
}

// supervisorProgram adds or removes a program by its group.
func (c *Context) supervisorProgram(a *supervisorctlArgs, call func(...string) (*progResult, error), res *Result, names []string, states map[string]string) *Result {
	there := len(names) > 0
	if there == (a.State == "present") {
		return res
	}
	if c.Check {
		return Changed(true)
	}
	res.Changed = true
	var steps [][]string
	if a.State == "present" {
		steps = [][]string{{"reread"}, {"add", a.Name}}
	} else {
		if a.StopAfterTime {
			for _, s := range states {
				if s == "RUNNING" || s == "STARTING" {
					steps = append(steps, []string{"stop", a.Name})
					break
				}
			}
		}
		steps = append(steps, []string{"reread"}, []string{"remove", a.Name})
	}
	for _, s := range steps {
		p, err := call(s...)
		if err != nil {
			return FailErr(err)
		}
		ok := map[string]string{"add": ": added process group", "remove": ": removed process group"}[s[0]]
		if ok != "" && !strings.Contains(p.Stdout, ok) {
			return Fail("%s", p.Stdout+p.Stderr).Set("name", strings.TrimSuffix(a.Name, ":")).Set("state", a.State)
		}
	}
	return res
}
