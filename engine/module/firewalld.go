package module

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type forwardPort struct {
	Port   string `arg:"port,required" doc:"Port that is forwarded."`
	Proto  string `arg:"proto,required,choices=udp|tcp" doc:"Its protocol."`
	ToPort string `arg:"toport,required" doc:"Port it goes to."`
	ToAddr string `arg:"toaddr" default:"" doc:"Address it goes to."`
}

type firewalldArgs struct {
	IcmpBlock          *string       `arg:"icmp_block" doc:"ICMP type to block."`
	IcmpBlockInversion *string       `arg:"icmp_block_inversion" doc:"Whether ICMP blocks are inverted."`
	Immediate          bool          `arg:"immediate,default=false" doc:"Change the running firewall too."`
	Interface          *string       `arg:"interface" doc:"Interface to put into the zone."`
	Masquerade         *string       `arg:"masquerade" doc:"Whether the zone masquerades."`
	Offline            *bool         `arg:"offline" doc:"Ignore immediate where firewalld does not run."`
	Permanent          *bool         `arg:"permanent" doc:"Change the saved configuration."`
	Port               *string       `arg:"port" doc:"Port or range with protocol: 8080/tcp."`
	PortForward        []forwardPort `arg:"port_forward" doc:"Port to forward."`
	Protocol           *string       `arg:"protocol" doc:"Protocol to let in."`
	RichRule           *string       `arg:"rich_rule" doc:"Rule in firewalld's language."`
	Service            *string       `arg:"service" doc:"Service known to firewalld."`
	Source             *string       `arg:"source" doc:"Source address or network of the zone."`
	State              string        `arg:"state,required,choices=absent|disabled|enabled|present" doc:"enabled or disabled for settings, present or absent for zones."`
	Target             *string       `arg:"target,choices=default|ACCEPT|DROP|%%REJECT%%" doc:"What happens to other traffic."`
	Timeout            int           `arg:"timeout,default=0" doc:"Seconds until an immediate rule goes away."`
	Zone               *string       `arg:"zone" doc:"Zone; firewalld's default zone when not given."`
}

var firewalldDef = &Def{
	Name:  "ansible.posix.firewalld",
	Short: "Manage arbitrary ports/services with firewalld",
	Args:  func() any { return &firewalldArgs{} },
	Run:   runFirewalld,
	MutuallyExclusive: [][]string{{"icmp_block", "icmp_block_inversion", "service", "protocol", "port", "port_forward", "rich_rule",
		"interface", "masquerade", "source", "target"}},
	RequiredBy: [][]string{{"interface", "zone"}, {"target", "zone"}, {"source", "permanent"}},
}

// fwRule is one setting of a zone: the names of firewalld's methods for it and
// their arguments, and what is said about a change.
type fwRule struct {
	method  string // "Service": queryService, addService, removeService
	flag    string // of firewall-offline-cmd: "service"
	args    []string
	timed   bool // the running firewall takes a timeout
	added   string
	removed string
}

// firewall is a way to firewalld's settings.
type firewall interface {
	defaultZone() (string, error)
	// permanent tells whether it is the saved or the running configuration.
	query(permanent bool, zone string, r *fwRule) (bool, error)
	change(permanent bool, zone string, r *fwRule, on bool, timeout int) error
	zones(permanent bool) ([]string, error)
	addZone(name string) error
	removeZone(name string) error
	target(zone string) (string, error)
	setTarget(zone, target string) error
	// interfaceZone is the zone an interface is saved in, "" for none.
	interfaceZone(name string) (string, error)
	close()
}

func runFirewalld(c *Context, args any) *Result {
	a := args.(*firewalldArgs)
	permanent := a.Permanent != nil && *a.Permanent
	immediate := a.Immediate || !permanent
	if len(a.PortForward) > 1 {
		return Fail("Only one port forward supported at a time")
	}
	rule, bad := fwRuleOf(a)
	if bad != nil {
		return bad
	}
	zoneLevel := rule == nil && a.Target == nil
	nothing := zoneLevel && (a.State == "enabled" || a.State == "disabled")
	switch {
	case rule != nil && (a.State == "present" || a.State == "absent"):
		return Fail("absent and present state can only be used in zone level operations")
	case nothing:
	case zoneLevel && a.Zone == nil:
		return Fail("No operation was given: name a service, port, rich_rule, interface, source, zone or the like")
	case rule == nil && (!permanent || a.Immediate):
		return Fail("Zone operations must be permanent. Make sure you didn't set the 'permanent' flag to 'false' or the 'immediate' flag to 'true'.")
	}
	fw, err := connectFirewall(c)
	if err != nil {
		if immediate && !(permanent && a.Offline != nil && *a.Offline) {
			return Fail("firewall is not currently running, unable to perform immediate actions without a running firewall daemon")
		}
		immediate = false
		if fw, err = offlineFirewall(c); err != nil {
			return FailErr(err)
		}
	}
	defer fw.close()
	if nothing { // only zones are present or absent, only what is in them is enabled or disabled
		return OK().Set("msg", "")
	}
	f := &fwRun{c: c, a: a, fw: fw, rule: rule, permanent: permanent, immediate: immediate}
	changed, err := f.apply(zoneLevel)
	if err != nil {
		msg := "ERROR: Exception caught: " + err.Error()
		if a.Service != nil && strings.Contains(msg, "INVALID_SERVICE") {
			msg += " " + f.kind() + ", Services are defined by port/tcp relationship and named as they are in /etc/services (on most systems)"
		}
		return Fail("%s", msg)
	}
	res := Changed(changed)
	if c.Check && changed {
		return res
	}
	return res.WithMsg(strings.Join(append([]string{f.kind()}, f.notes...), ", "))
}

type fwRun struct {
	c                    *Context
	a                    *firewalldArgs
	fw                   firewall
	rule                 *fwRule
	permanent, immediate bool
	notes                []string
}

func (f *fwRun) kind() string {
	switch {
	case f.permanent && f.immediate:
		return "Permanent and Non-Permanent(immediate) operation"
	case f.permanent:
		return "Permanent operation"
	}
	return "Non-permanent operation"
}

// fwRuleOf turns the one setting that is given into a rule.
func fwRuleOf(a *firewalldArgs) (*fwRule, *Result) {
	zone := func(format string, v string) string { return fmt.Sprintf(format, v) + "%ZONE%" }
	named := func(what, v string) (string, string) {
		return fmt.Sprintf("Changed %s %s to enabled", what, v), fmt.Sprintf("Changed %s %s to disabled", what, v)
	}
	truth := func(s *string) (given, on bool, bad *Result) {
		if s == nil {
			return false, false, nil
		}
		b, ok := parseBool(*s)
		if !ok {
			return true, false, Fail("%q is not a truth value", *s)
		}
		return true, b, nil
	}
	var r *fwRule
	switch {
	case a.Service != nil:
		r = &fwRule{method: "Service", flag: "service", args: []string{*a.Service}, timed: true}
		r.added, r.removed = named("service", *a.Service)
	case a.Protocol != nil:
		r = &fwRule{method: "Protocol", flag: "protocol", args: []string{*a.Protocol}, timed: true}
		r.added, r.removed = named("protocol", *a.Protocol)
	case a.Port != nil:
		port, proto, ok := strings.Cut(strings.TrimSpace(*a.Port), "/")
		if !ok || proto == "" {
			return nil, Fail("improper port format (missing protocol?)")
		}
		r = &fwRule{method: "Port", flag: "port", args: []string{port, proto}, timed: true}
		r.added, r.removed = named("port", port+"/"+proto)
	case len(a.PortForward) == 1:
		p := a.PortForward[0]
		r = &fwRule{method: "ForwardPort", flag: "forward-port", args: []string{p.Port, p.Proto, p.ToPort, p.ToAddr}, timed: true}
		r.added, r.removed = named("port_forward", fmt.Sprintf("port=%s:proto=%s:toport=%s:toaddr=%s", p.Port, p.Proto, p.ToPort, p.ToAddr))
	case a.RichRule != nil:
		r = &fwRule{method: "RichRule", flag: "rich-rule", args: []string{*a.RichRule}, timed: true}
		r.added, r.removed = named("rich_rule", *a.RichRule)
	case a.IcmpBlock != nil:
		r = &fwRule{method: "IcmpBlock", flag: "icmp-block", args: []string{*a.IcmpBlock}, timed: true}
		r.added, r.removed = named("icmp-block", *a.IcmpBlock)
	case a.Source != nil:
		r = &fwRule{method: "Source", flag: "source", args: []string{*a.Source}}
		r.added, r.removed = zone("Added %s to zone ", *a.Source), zone("Removed %s from zone ", *a.Source)
	case a.Interface != nil:
		r = &fwRule{method: "Interface", flag: "interface", args: []string{*a.Interface}}
		r.added, r.removed = zone("Changed %s to zone ", *a.Interface), zone("Removed %s from zone ", *a.Interface)
	}
	if given, on, bad := truth(a.Masquerade); bad != nil {
		return nil, bad
	} else if given {
		r = &fwRule{method: "Masquerade", flag: "masquerade", timed: true, added: "Added masquerade to zone %ZONE%", removed: "Removed masquerade from zone %ZONE%"}
		if !on {
			a.State = flipped(a.State)
		}
	}
	if given, on, bad := truth(a.IcmpBlockInversion); bad != nil {
		return nil, bad
	} else if given {
		r = &fwRule{method: "IcmpBlockInversion", flag: "icmp-block-inversion"}
		r.added, r.removed = named("icmp-block-inversion", *a.IcmpBlockInversion)
		if !on {
			a.State = flipped(a.State)
		}
	}
	return r, nil
}

func flipped(state string) string {
	switch state {
	case "enabled":
		return "disabled"
	case "disabled":
		return "enabled"
	}
	return state
}

func (f *fwRun) apply(zoneLevel bool) (bool, error) {
	if zoneLevel {
		return f.applyZone()
	}
	zone := ""
	if f.a.Zone != nil {
		zone = *f.a.Zone
	}
	if zone == "" {
		var err error
		if zone, err = f.fw.defaultZone(); err != nil {
			return false, err
		}
	}
	on := f.a.State == "enabled" || f.a.State == "present"
	if f.rule == nil {
		return f.applyTarget(zone, on)
	}
	changed := false
	for _, permanent := range []bool{true, false} {
		if permanent && !f.permanent || !permanent && !f.immediate {
			continue
		}
		now, err := f.fw.query(permanent, zone, f.rule)
		if err != nil {
			return changed, err
		}
		if now == on {
			continue
		}
		changed = true
		if f.c.Check {
			continue
		}
		if permanent && on && f.rule.method == "Interface" {
			if old, err := f.fw.interfaceZone(f.rule.args[0]); err == nil && old != "" && old != zone {
				if err := f.fw.change(true, old, f.rule, false, 0); err != nil {
					return changed, err
				}
			}
		}
		if err := f.fw.change(permanent, zone, f.rule, on, f.a.Timeout); err != nil {
			return changed, err
		}
	}
	if changed {
		note := f.rule.removed
		if on {
			note = f.rule.added
		}
		f.notes = append(f.notes, strings.ReplaceAll(note, "%ZONE%", zone))
	}
	return changed, nil
}

func (f *fwRun) applyTarget(zone string, on bool) (bool, error) {
	want, note := *f.a.Target, fmt.Sprintf("Set zone %s target to %s", zone, *f.a.Target)
	now, err := f.fw.target(zone)
	if err != nil {
		return false, err
	}
	if !on {
		if now != want {
			return false, nil
		}
		want, note = "default", fmt.Sprintf("Reset zone %s target to default", zone)
	}
	if now == want {
		return false, nil
	}
	f.notes = append(f.notes, note)
	if f.c.Check {
		return true, nil
	}
	return true, f.fw.setTarget(zone, want)
}

func (f *fwRun) applyZone() (bool, error) {
	name := *f.a.Zone
	all, err := f.fw.zones(true)
	if err != nil {
		return false, err
	}
	there := false
	for _, z := range all {
		there = there || z == name
	}
	want := f.a.State == "present"
	if there == want {
		return false, nil
	}
	verb := "Removed"
	if want {
		verb = "Added"
	}
	f.notes = append(f.notes, fmt.Sprintf("%s zone %s", verb, name), fmt.Sprintf("Changed zone %s to %s", name, f.a.State))
	if f.c.Check {
		return true, nil
	}
	if want {
		return true, f.fw.addZone(name)
	}
	return true, f.fw.removeZone(name)
}

type firewalldInfoArgs struct {
	ActiveZones bool     `arg:"active_zones,default=false" doc:"Report active zones only."`
	Zones       []string `arg:"zones" doc:"Report these zones only."`
}

var firewalldInfoDef = &Def{
	Name:  "ansible.posix.firewalld_info",
	Short: "Gather information about firewalld",
	Args:  func() any { return &firewalldInfoArgs{} },
	Run:   runFirewalldInfo,
}

func runFirewalldInfo(c *Context, args any) *Result {
	a := args.(*firewalldInfoArgs)
	info, collected, undefined, err := firewallInfo(c, a.ActiveZones, a.Zones)
	if err != nil {
		return Fail("firewalld probably not be running (Error: %s)", err)
	}
	return OK().Set("active_zones", a.ActiveZones).Set("collected_zones", collected).Set("undefined_zones", undefined).Set("firewalld_info", value.Value(info))
}
