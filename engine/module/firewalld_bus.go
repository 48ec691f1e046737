package module

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"github.com/goplay-engine/goplay/engine/value"
)

const (
	fwName   = "org.fedoraproject.FirewallD1"
	fwPath   = dbus.ObjectPath("/org/fedoraproject/FirewallD1")
	fwConfig = dbus.ObjectPath("/org/fedoraproject/FirewallD1/config")
)

// busFirewall talks to the running firewalld over D-Bus: no Python starts,
// as it would for firewall-cmd.
type busFirewall struct {
	c    *Context
	conn *dbus.Conn
}

func connectFirewall(c *Context) (firewall, error) {
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(c))
	if err != nil {
		return nil, err
	}
	var owned bool
	if err := conn.BusObject().CallWithContext(c, "org.freedesktop.DBus.NameHasOwner", 0, fwName).Store(&owned); err != nil || !owned {
		conn.Close()
		return nil, errors.New("firewalld does not run")
	}
	return &busFirewall{c, conn}, nil
}

func (b *busFirewall) close() { b.conn.Close() }

func (b *busFirewall) call(path dbus.ObjectPath, method string, out any, args ...any) error {
	call := b.conn.Object(fwName, path).CallWithContext(b.c, fwName+method, 0, args...)
	err := call.Err
	if err == nil && out != nil {
		err = call.Store(out)
	}
	var e dbus.Error
	if errors.As(err, &e) {
		text := ""
		if len(e.Body) > 0 {
			text = fmt.Sprint(e.Body[0])
		}
		if strings.HasPrefix(text, "INVALID_RULE") {
			return errors.New(text)
		}
		return fmt.Errorf("%s: %s", e.Name, text)
	}
	return err
}

func (b *busFirewall) defaultZone() (z string, err error) {
	err = b.call(fwPath, ".getDefaultZone", &z)
	return z, err
}

func (b *busFirewall) zonePath(zone string) (p dbus.ObjectPath, err error) {
	err = b.call(fwConfig, ".config.getZoneByName", &p, zone)
	return p, err
}

func anys(s []string) []any {
	out := make([]any, len(s))
	for i, e := range s {
		out[i] = e
	}
	return out
}

func (b *busFirewall) query(permanent bool, zone string, r *fwRule) (on bool, err error) {
	if !permanent {
		return on, b.call(fwPath, ".zone.query"+r.method, &on, append([]any{zone}, anys(r.args)...)...)
	}
	p, err := b.zonePath(zone)
	if err != nil {
		return false, err
	}
	err = b.call(p, ".config.zone.query"+r.method, &on, anys(r.args)...)
	return on, err
}

func (b *busFirewall) change(permanent bool, zone string, r *fwRule, on bool, timeout int) error {
	verb := "remove"
	if on {
		verb = "add"
	}
	if permanent {
		p, err := b.zonePath(zone)
		if err != nil {
			return err
		}
		return b.call(p, ".config.zone."+verb+r.method, nil, anys(r.args)...)
	}
	args := append([]any{zone}, anys(r.args)...)
	switch {
	case r.method == "Interface" && on:
		return b.call(fwPath, ".zone.changeZoneOfInterface", nil, args...)
	case on && r.timed:
		args = append(args, int32(timeout))
	}
	return b.call(fwPath, ".zone."+verb+r.method, nil, args...)
}

func (b *busFirewall) zones(bool) (names []string, err error) {
	err = b.call(fwConfig, ".config.getZoneNames", &names)
	return names, err
}

func (b *busFirewall) addZone(name string) error {
	return b.call(fwConfig, ".config.addZone2", nil, name, map[string]dbus.Variant{"forward": dbus.MakeVariant(false)})
}

func (b *busFirewall) removeZone(name string) error {
	p, err := b.zonePath(name)
	if err != nil {
		return err
	}
	return b.call(p, ".config.zone.remove", nil)
}

func (b *busFirewall) target(zone string) (t string, err error) {
	p, err := b.zonePath(zone)
	if err != nil {
		return "", err
	}
	err = b.call(p, ".config.zone.getTarget", &t)
	return t, err
}

func (b *busFirewall) setTarget(zone, target string) error {
	p, err := b.zonePath(zone)
	if err != nil {
		return err
	}
	return b.call(p, ".config.zone.setTarget", nil, target)
}

func (b *busFirewall) interfaceZone(name string) (z string, err error) {
	err = b.call(fwConfig, ".config.getZoneOfInterface", &z, name)
	return z, err
}

// firewallInfo describes zones of the running firewall.
func firewallInfo(c *Context, activeOnly bool, want []string) (info *value.Dict, collected, undefined []string, err error) {
	fw, err := connectFirewall(c)
	if err != nil {
		return nil, nil, nil, err
	}
	defer fw.close()
	b := fw.(*busFirewall)
	collected, undefined = []string{}, []string{}
	var all []string
	if err := b.call(fwPath, ".zone.getZones", &all); err != nil {
		return nil, nil, nil, err
	}
	chosen := all
	if activeOnly {
		var active map[string]map[string][]string
		if err := b.call(fwPath, ".zone.getActiveZones", &active); err != nil {
			return nil, nil, nil, err
		}
		chosen = nil
		for _, z := range all {
			if _, ok := active[z]; ok {
				chosen = append(chosen, z)
			}
		}
	}
	if len(want) > 0 && !activeOnly {
		chosen = nil
		for _, z := range want {
			if slices.Contains(all, z) {
				chosen = append(chosen, z)
			} else {
				undefined = append(undefined, z)
			}
		}
	}
	def, err := b.defaultZone()
	if err != nil {
		return nil, nil, nil, err
	}
	version, err := b.conn.Object(fwName, fwPath).GetProperty(fwName + ".version")
	if err != nil {
		return nil, nil, nil, err
	}
	zones := value.NewDict()
	for _, z := range chosen {
		var s map[string]dbus.Variant
		if err := b.call(fwPath, ".zone.getZoneSettings2", &s, z); err != nil {
			return nil, nil, nil, err
		}
		zones.Set(z, zoneSettings(s))
		collected = append(collected, z)
	}
	v, _ := version.Value().(string)
	return value.DictOf("version", v, "default_zone", def, "zones", zones), collected, undefined, nil
}

func zoneSettings(s map[string]dbus.Variant) *value.Dict {
	d := value.NewDict()
	for _, k := range [][2]string{{"target", ""}, {"services", "l"}, {"ports", "l"}, {"icmp_blocks", "l"}, {"masquerade", "b"}, {"forward_ports", "l"},
		{"interfaces", "l"}, {"sources", "l"}, {"rules_str", "l"}, {"protocols", "l"}, {"source_ports", "l"}, {"icmp_block_inversion", "b"}, {"forward", "b"}} {
		name := k[0]
		if name == "rules_str" {
			name = "rich_rules"
		}
		v, ok := s[k[0]]
		switch {
		case ok:
			d.Set(name, busValue(v.Value()))
		case k[1] == "l":
			d.Set(name, value.NewList())
		case k[1] == "b":
			d.Set(name, false)
		default:
			d.Set(name, "default")
		}
	}
	return d
}

// busValue turns what D-Bus delivers into plain values.
func busValue(v any) value.Value {
	switch x := v.(type) {
	case []any:
		l := value.NewList()
		for _, e := range x {
			l.Append(busValue(e))
		}
		return l
	case [][]any:
		l := value.NewList()
		for _, e := range x {
			l.Append(busValue(e))
		}
		return l
	case dbus.Variant:
		return busValue(x.Value())
	}
	return value.From(v)
}

// toolFirewall is firewall-offline-cmd, for hosts where firewalld does not run.
type toolFirewall struct {
	c   *Context
	exe string
}

func offlineFirewall(c *Context) (firewall, error) {
	exe, err := c.findProgram("firewall-offline-cmd")
	if err != nil {
		return nil, Errorf("firewalld is not installed on this host: " + err.Error())
	}
	return &toolFirewall{c, exe}, nil
}

func (t *toolFirewall) close() {}

func (t *toolFirewall) call(args ...string) (*progResult, error) {
	return t.c.run(append([]string{t.exe}, args...), &progOptions{Env: cLocale})
}

func (t *toolFirewall) must(args ...string) (string, error) {
	p, err := t.call(args...)
	if err != nil {
		return "", err
	}
	if p.RC != 0 {
		return "", errors.New(strings.TrimPrefix(strings.TrimSpace(or(p.Stderr, p.Stdout)), "Error: "))
	}
	return strings.TrimSpace(p.Stdout), nil
}

func (t *toolFirewall) flag(verb string, r *fwRule) string {
	s := "--" + verb + "-" + r.flag
	switch {
	case r.method == "Port":
		s += "=" + r.args[0] + "/" + r.args[1]
	case r.method == "ForwardPort":
		s += fmt.Sprintf("=port=%s:proto=%s:toport=%s", r.args[0], r.args[1], r.args[2])
		if r.args[3] != "" {
			s += ":toaddr=" + r.args[3]
		}
	case len(r.args) > 0:
		s += "=" + r.args[0]
	}
	return s
}

func (t *toolFirewall) defaultZone() (string, error) { return t.must("--get-default-zone") }

func (t *toolFirewall) query(_ bool, zone string, r *fwRule) (bool, error) {
	p, err := t.call("--zone="+zone, t.flag("query", r))
	if err != nil {
		return false, err
	}
	switch strings.TrimSpace(p.Stdout) {
	case "yes":
		return true, nil
	case "no":
		return false, nil
	}
	return false, errors.New(strings.TrimSpace(or(p.Stderr, p.Stdout)))
}

func (t *toolFirewall) change(_ bool, zone string, r *fwRule, on bool, _ int) error {
	verb := "remove"
	if on {
		verb = "add"
	}
	_, err := t.must("--zone="+zone, t.flag(verb, r))
	return err
}

func (t *toolFirewall) zones(bool) ([]string, error) {
	s, err := t.must("--get-zones")
	return strings.Fields(s), err
}

func (t *toolFirewall) addZone(name string) error {
	_, err := t.must("--new-zone=" + name)
	return err
}

func (t *toolFirewall) removeZone(name string) error {
	_, err := t.must("--delete-zone=" + name)
	return err
}

func (t *toolFirewall) target(zone string) (string, error) {
	return t.must("--zone="+zone, "--get-target")
}

func (t *toolFirewall) setTarget(zone, target string) error {
	_, err := t.must("--zone="+zone, "--set-target="+target)
	return err
}

func (t *toolFirewall) interfaceZone(name string) (string, error) {
	s, err := t.must("--get-zone-of-interface=" + name)
	if err != nil || strings.Contains(s, "no zone") {
		return "", nil
	}
	return s, nil
}
