package module

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

type ufwArgs struct {
	Comment      *string `arg:"comment" doc:"Comment of the rule."`
	Default      *string `arg:"default,alias=policy,choices=allow|deny|reject" doc:"Policy of a direction."`
	Delete       bool    `arg:"delete,default=false" doc:"Remove the rule."`
	Direction    *string `arg:"direction,choices=in|incoming|out|outgoing|routed" doc:"Direction of a rule or policy."`
	FromIP       string  `arg:"from_ip,alias=from,alias=src,default=any" doc:"Source address."`
	FromPort     *string `arg:"from_port" doc:"Source port."`
	Insert       *int    `arg:"insert" doc:"Number the rule gets."`
	InsertRel    string  `arg:"insert_relative_to,default=zero,choices=zero|first-ipv4|last-ipv4|first-ipv6|last-ipv6" doc:"What that number counts from."`
	Interface    *string `arg:"interface,alias=if" doc:"Interface of the rule."`
	InterfaceIn  *string `arg:"interface_in,alias=if_in" doc:"Interface packets come in by."`
	InterfaceOut *string `arg:"interface_out,alias=if_out" doc:"Interface packets leave by."`
	Log          bool    `arg:"log,default=false" doc:"Log new connections."`
	Logging      *string `arg:"logging,choices=on|off|low|medium|high|full" doc:"Log level of the firewall."`
	Name         *string `arg:"name,alias=app" doc:"Application profile."`
	Proto        *string `arg:"proto,alias=protocol,choices=ah|any|esp|ipv6|tcp|udp|gre|igmp|vrrp" doc:"Protocol."`
	Route        bool    `arg:"route,default=false" doc:"Apply to routed traffic."`
	Rule         *string `arg:"rule,choices=allow|deny|limit|reject" doc:"What the rule does."`
	State        *string `arg:"state,choices=disabled|enabled|reloaded|reset" doc:"State of the firewall."`
	ToIP         string  `arg:"to_ip,alias=dest,alias=to,default=any" doc:"Destination address."`
	ToPort       *string `arg:"to_port,alias=port" doc:"Destination port."`
}

var ufwDef = &Def{
	Name:              "community.general.ufw",
	Short:             "Manage firewall with UFW",
	Args:              func() any { return &ufwArgs{} },
	Run:               runUFW,
	MutuallyExclusive: [][]string{{"name", "proto", "logging"}, {"direction", "interface_in"}, {"direction", "interface_out"}},
	RequiredOneOf:     [][]string{{"state", "default", "rule", "logging"}},
	RequiredBy:        [][]string{{"interface", "direction"}},
}

var ufwFiles = []string{"/etc/ufw/ufw.conf", "/etc/default/ufw", "/lib/ufw/user.rules", "/lib/ufw/user6.rules", "/etc/ufw/user.rules",
	"/etc/ufw/user6.rules", "/var/lib/ufw/user.rules", "/var/lib/ufw/user6.rules"}

// ufwState is what ufw keeps: settings, and its rules as "### tuple" lines.
type ufwState struct {
	settings map[string]string
	tuples   []string
}

func readUFW() ufwState {
	s := ufwState{settings: map[string]string{}}
	for _, f := range ufwFiles {
		b, _ := readFile(f)
		for _, l := range strings.Split(string(b), "\n") {
			if strings.HasPrefix(l, "### tuple") {
				s.tuples = append(s.tuples, l)
			} else if k, v, ok := strings.Cut(l, "="); ok && !strings.HasPrefix(l, "#") {
				s.settings[strings.TrimSpace(k)] = strings.Trim(strings.TrimSpace(v), `"`)
			}
		}
	}
	return s
}

func (s ufwState) equal(o ufwState) bool {
	for _, k := range []string{"ENABLED", "LOGLEVEL", "DEFAULT_INPUT_POLICY", "DEFAULT_OUTPUT_POLICY", "DEFAULT_FORWARD_POLICY"} {
		if s.settings[k] != o.settings[k] {
			return false
		}
	}
	return slices.Equal(s.tuples, o.tuples)
}

// ufwRun collects the commands as they are reported.
type ufwRun struct {
	*Context
	exe      string
	commands []string
}

func (u *ufwRun) ufw(args ...string) (*progResult, error) {
	shown := []string{u.exe}
	for i, a := range args {
		if i > 0 && (args[i-1] == "app" || args[i-1] == "comment") {
			a = "'" + a + "'"
		}
		shown = append(shown, a)
	}
	u.commands = append(u.commands, strings.Join(shown, " "))
	p, err := u.run(append([]string{u.exe}, args...), &progOptions{Env: cLocale, Cancel: cancelFinish})
	if err == nil && p.RC != 0 {
		err = Errorf(or(p.Stderr, p.Stdout), "commands", u.commands)
	}
	return p, err
}

func runUFW(c *Context, args any) *Result {
	a := args.(*ufwArgs)
	exe, err := c.findProgram("ufw")
	if err != nil {
		return FailErr(err)
	}
	if a.Direction != nil && a.Rule != nil && *a.Direction != "in" && *a.Direction != "out" && a.Interface != nil && *a.Interface != "" {
		return Fail("direction must be in or out for rules with an interface")
	}
	u := &ufwRun{Context: c, exe: exe}
	before := readUFW()
	changed := false
	for _, step := range []func() (bool, error){
		func() (bool, error) { return u.state(a, before) }, func() (bool, error) { return u.logging(a, before) },
		func() (bool, error) { return u.policy(a, before) }, func() (bool, error) { return u.rule(a, before) },
	} {
		did, err := step()
		if err != nil {
			return FailErr(err)
		}
		changed = changed || did
	}
	if c.Check {
		return Changed(changed).Set("commands", u.commands)
	}
	changed = changed || !before.equal(readUFW())
	p, err := u.ufw("status", "verbose")
	if err != nil {
		return FailErr(err)
	}
	return Changed(changed).Set("commands", u.commands).WithMsg(strings.TrimSpace(p.Stdout))
}

func (u *ufwRun) state(a *ufwArgs, now ufwState) (bool, error) {
	if a.State == nil {
		return false, nil
	}
	verb := map[string]string{"enabled": "enable", "disabled": "disable", "reloaded": "reload", "reset": "reset"}[*a.State]
	on := now.settings["ENABLED"] == "yes"
	if u.Check {
		return *a.State == "reloaded" || *a.State == "reset" || *a.State == "enabled" && !on || *a.State == "disabled" && on, nil
	}
	_, err := u.ufw("-f", verb)
	return *a.State == "reloaded" || *a.State == "reset", err
}

func (u *ufwRun) logging(a *ufwArgs, now ufwState) (bool, error) {
	if a.Logging == nil {
		return false, nil
	}
	if u.Check {
		want := map[string]string{"on": "low"}[*a.Logging]
		return now.settings["LOGLEVEL"] != or(want, *a.Logging), nil
	}
	_, err := u.ufw("logging", *a.Logging)
	return false, err
}

func (u *ufwRun) policy(a *ufwArgs, now ufwState) (bool, error) {
	if a.Default == nil {
		return false, nil
	}
	dir := "incoming"
	if a.Direction != nil {
		dir = map[string]string{"in": "incoming", "out": "outgoing"}[*a.Direction]
		dir = or(dir, *a.Direction)
	}
	if u.Check {
		key := map[string]string{"incoming": "DEFAULT_INPUT_POLICY", "outgoing": "DEFAULT_OUTPUT_POLICY", "routed": "DEFAULT_FORWARD_POLICY"}[dir]
		want := map[string]string{"allow": "ACCEPT", "deny": "DROP", "reject": "REJECT"}[*a.Default]
		return now.settings[key] != want, nil
	}
	args := []string{"default", *a.Default}
	if a.Direction != nil {
		args = append(args, dir)
	}
	_, err := u.ufw(args...)
	return false, err
}

func (u *ufwRun) rule(a *ufwArgs, now ufwState) (bool, error) {
	if a.Rule == nil {
		return false, nil
	}
	var args []string
	if u.Check {
		args = append(args, "--dry-run")
	}
	if a.Route {
		args = append(args, "route")
	}
	if a.Delete {
		args = append(args, "delete")
	}
	if a.Insert != nil && !a.Delete {
		n, err := u.position(a)
		if err != nil {
			return false, err
		}
		if n > 0 {
			args = append(args, "insert", strconv.Itoa(n))
		}
	}
	args = append(args, *a.Rule)
	given := func(words []string, v *string) {
		if v != nil && *v != "" {
			args = append(append(args, words...), *v)
		}
	}
	if a.Direction != nil && *a.Direction != "" {
		args = append(args, strings.TrimSuffix(strings.TrimSuffix(*a.Direction, "coming"), "going"))
	}
	if a.Direction != nil {
		given([]string{"on"}, a.Interface)
	}
	given([]string{"in", "on"}, a.InterfaceIn)
	given([]string{"out", "on"}, a.InterfaceOut)
	if a.Log {
		args = append(args, "log")
	}
	given([]string{"from"}, &a.FromIP)
	given([]string{"port"}, a.FromPort)
	given([]string{"to"}, &a.ToIP)
	given([]string{"port"}, a.ToPort)
	given([]string{"proto"}, a.Proto)
	given([]string{"app"}, a.Name)
	given([]string{"comment"}, a.Comment)
	p, err := u.ufw(args...)
	if err != nil {
		if a.Delete && strings.Contains(err.Error(), "non-existent") {
			return false, nil
		}
		return false, err
	}
	if !u.Check {
		return false, nil
	}
	return ufwDryRunChanges(p.Stdout, now.tuples), nil
}

var reTuple = regexp.MustCompile(`(?m)^### tuple.*$`)

// ufwDryRunChanges tells whether the rules that a dry run prints differ from
// those that are there; it prints the files it would write, or none.
func ufwDryRunChanges(out string, now []string) bool {
	if strings.Contains(out, "Skipping adding existing rule") && !reTuple.MatchString(out) || strings.Contains(out, "Could not delete non-existent rule") {
		return false
	}
	want := reTuple.FindAllString(out, -1)
	norm := func(l []string) []string {
		l = slices.Clone(l)
		slices.Sort(l)
		return slices.Compact(l)
	}
	is4 := func(t string) bool { return !strings.Contains(t, "::/0") }
	var a, b []string
	has4, has6 := false, false
	for _, t := range want {
		has4, has6 = has4 || is4(t), has6 || !is4(t)
		a = append(a, t)
	}
	for _, t := range now {
		if is4(t) && has4 || !is4(t) && has6 || len(want) == 0 {
			b = append(b, t)
		}
	}
	return !slices.Equal(norm(a), norm(b))
}

// position turns insert_relative_to into ufw's absolute number; 0 means append.
func (u *ufwRun) position(a *ufwArgs) (int, error) {
	if a.InsertRel == "zero" {
		return *a.Insert, nil
	}
	p, err := u.ufw("status", "numbered")
	if err != nil {
		return 0, err
	}
	total, first6 := 0, 0
	for _, l := range strings.Split(p.Stdout, "\n") {
		if !strings.HasPrefix(l, "[") {
			continue
		}
		total++
		if strings.Contains(l, "(v6)") && first6 == 0 {
			first6 = total
		}
	}
	last4 := total
	if first6 > 0 {
		last4 = first6 - 1
	}
	base := map[string]int{"first-ipv4": 1, "last-ipv4": max(last4, 1), "first-ipv6": max(first6, 1), "last-ipv6": max(total, 1)}[a.InsertRel]
	if a.InsertRel == "first-ipv6" && first6 == 0 {
		base = total + 1
	}
	n := base + *a.Insert
	if n > total {
		return 0, nil
	}
	if n < 1 {
		return 0, Errorf(fmt.Sprintf("insert %d relative to %s is before the first rule", *a.Insert, a.InsertRel))
	}
	return n, nil
}
