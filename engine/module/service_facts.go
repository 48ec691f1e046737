package module

import (
	"os"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type serviceFactsArgs struct{}

var serviceFactsDef = &Def{
	Name:  "ansible.builtin.service_facts",
	Short: "Return service state information as fact data",
	Args:  func() any { return &serviceFactsArgs{} },
	Run:   runServiceFacts,
}

func runServiceFacts(c *Context, _ any) *Result {
	all := value.NewDict()
	scriptFacts(c, all)
	if err := systemdUnitFacts(c, all); err != nil {
		return FailErr(err)
	}
	openrcFacts(c, all)
	if all.Len() == 0 {
		r := OK().WithMsg("Failed to find any services. This can be due to privileges or some other configuration issue.")
		r.Skipped = true
		return r
	}
	r := OK()
	r.Facts = value.DictOf("services", all)
	return r
}

// scriptFacts asks the System V scripts, where the service program is there.
func scriptFacts(c *Context, all *value.Dict) {
	exe, err := c.findProgram("service")
	if err != nil {
		return
	}
	if _, err := os.Stat("/etc/init.d"); err != nil {
		return
	}
	p, err := c.run([]string{exe, "--status-all"}, &progOptions{Env: cLocale})
	if err != nil {
		return
	}
	for _, l := range strings.Split(p.Stdout+"\n"+p.Stderr, "\n") {
		f := strings.Fields(l)
		if len(f) < 4 || f[0] != "[" || f[2] != "]" {
			continue
		}
		state := map[string]string{"+": "running", "-": "stopped"}[f[1]]
		if state == "" {
			state = "unknown"
		}
		all.Set(f[3], value.DictOf("name", f[3], "state", state, "source", "sysv"))
	}
}

// systemdUnitFacts lists what is loaded and the unit files that are not.
func systemdUnitFacts(c *Context, all *value.Dict) error {
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		return nil
	}
	s, err := newSystemctl(c, "system", false, false)
	if err != nil {
		return nil
	}
	units, err := s.call("list-units", "--no-pager", "--type", "service", "--all", "--plain", "--no-legend")
	if err != nil {
		return err
	}
	for _, l := range strings.Split(units.Stdout, "\n") {
		f := strings.Fields(strings.TrimLeft(l, "●*○× "))
		if len(f) < 4 || !strings.HasSuffix(f[0], ".service") {
			continue
		}
		state, status := "stopped", f[2]
		for _, w := range f[1:4] {
			if w == "not-found" || w == "masked" || w == "failed" {
				status = w
			}
		}
		if f[3] == "running" {
			state = "running"
		}
		all.Set(f[0], value.DictOf("name", f[0], "state", state, "status", status, "source", "systemd"))
	}
	files, err := s.call("list-unit-files", "--no-pager", "--type", "service", "--all", "--no-legend")
	if err != nil {
		return err
	}
	var ask []string
	for _, l := range strings.Split(files.Stdout, "\n") {
		f := strings.Fields(l)
		if len(f) < 2 || !strings.HasSuffix(f[0], ".service") {
			continue
		}
		if e, ok := all.At(f[0]).(*value.Dict); ok {
			if st := value.Str(e.At("status")); st != "not-found" && st != "masked" && st != "failed" {
				e.Set("status", f[1])
			}
			continue
		}
		if !strings.HasSuffix(f[0], "@.service") {
			ask = append(ask, f[0])
		}
		all.Set(f[0], value.DictOf("name", f[0], "state", "unknown", "status", f[1], "source", "systemd"))
	}
	if len(ask) == 0 {
		return nil
	}
	// One call for all of them; the answers come in the order of the names.
	shown, err := s.call(append([]string{"show", "--property=ActiveState", "--"}, ask...)...)
	if err != nil {
		return err
	}
	for i, block := range strings.Split(strings.TrimSpace(shown.Stdout), "\n\n") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(block), "ActiveState="); ok && i < len(ask) {
			all.At(ask[i]).(*value.Dict).Set("state", v)
		}
	}
	return nil
}

func openrcFacts(c *Context, all *value.Dict) {
	exe, err := c.findProgram("rc-status")
	if err != nil {
		return
	}
	p, err := c.run([]string{exe, "-a", "-s", "-m"}, &progOptions{Env: cLocale})
	if err != nil {
		return
	}
	for _, l := range strings.Split(p.Stdout, "\n") {
		name, state, ok := strings.Cut(l, "[")
		if f := strings.Fields(name); ok && len(f) == 1 {
			all.Set(f[0], value.DictOf("name", f[0], "state", strings.TrimSpace(strings.Trim(strings.TrimSpace(state), "]")), "source", "openrc"))
		}
	}
}
