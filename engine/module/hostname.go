package module

import (
	"fmt"
	"os"
	"strings"

	"github.com/goplay-engine/goplay/engine/facts"
	"github.com/goplay-engine/goplay/engine/value"
)

type hostnameArgs struct {
	Name string  `arg:"name,required" doc:"Name of the host."`
	Use  *string `arg:"use,choices=alpine|debian|freebsd|generic|macos|macosx|darwin|openbsd|openrc|redhat|sles|solaris|systemd" doc:"How to set it; found out when not given."`
}

var hostnameDef = &Def{
	Name:  "ansible.builtin.hostname",
	Short: "Manage hostname",
	Args:  func() any { return &hostnameArgs{} },
	Run:   runHostname,
}

func runHostname(c *Context, args any) *Result {
	a := args.(*hostnameArgs)
	use := "generic"
	switch {
	case a.Use != nil:
		use = *a.Use
	case exists("/run/systemd/system"):
		use = "systemd"
	default:
		switch value.Str(facts.Distribution().At("os_family")) {
		case "Debian":
			use = "debian"
		case "RedHat":
			use = "redhat"
		case "Alpine":
			use = "alpine"
		case "Gentoo":
			use = "openrc"
		case "Suse":
			use = "sles"
		}
	}
	live, _ := os.Hostname()
	file := "/etc/hostname"
	switch use {
	case "openrc":
		file = "/etc/conf.d/hostname"
	case "sles":
		file = "/etc/HOSTNAME"
	}
	saved, err := readFile(file)
	if err != nil && !notExist(err) {
		return Fail("failed to read hostname: %s", strerror(err))
	}
	text := a.Name + "\n"
	savedName := strings.TrimSpace(string(saved))
	if use == "openrc" {
		savedName = strings.Trim(configValue(string(saved), "hostname"), `"`)
		text = setConfigLine(or(string(saved), ""), "hostname", `"`+a.Name+`"`)
	}
	changed := live != a.Name || savedName != a.Name
	res := Changed(changed).Set("name", a.Name)
	if changed && !c.Check {
		if use == "systemd" && len(a.Name) > 64 {
			return Fail("name cannot be longer than 64 characters on systemd servers, try a shorter name")
		}
		done := false
		if use == "systemd" {
			var err error
			if done, err = c.hostnamectl(a.Name); err != nil {
				return FailErr(err)
			}
		}
		if !done { // else hostnamectl has set both
			if savedName != a.Name {
				n, err := c.createBytes(file, []byte(text), false)
				if err == nil {
					err = n.Commit(false)
				}
				if err != nil {
					return Fail("failed to update hostname: %s", err)
				}
			}
			if live != a.Name {
				if err := setHostname(a.Name); err != nil {
					return Fail("Command failed: setting the hostname: %s", strerror(err))
				}
			}
		}
	}
	if c.Diff && changed {
		res.AddDiff(Diff{Before: "hostname = " + live + "\n", After: "hostname = " + a.Name + "\n"})
	}
	short, domain, _ := strings.Cut(a.Name, ".")
	full := a.Name
	if got, _, err := facts.Gather(c, facts.Options{Subset: []string{"!all", "!min", "platform"}, Filter: []string{"ansible_fqdn", "ansible_domain"}}); err == nil {
		full = value.Str(got.At("ansible_fqdn"))
		_, domain, _ = strings.Cut(full, ".")
	}
	res.Facts = value.DictOf("ansible_hostname", short, "ansible_nodename", a.Name, "ansible_fqdn", full, "ansible_domain", domain)
	return res
}

func exists(p string) bool { _, err := os.Stat(p); return err == nil }

func configValue(text, key string) string {
	for _, l := range strings.Split(text, "\n") {
		if k, v, ok := strings.Cut(l, "="); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// hostnamectl sets the running, static and pretty names; false where it cannot.
// A name that it finds invalid is an error.
func (c *Context) hostnamectl(name string) (bool, error) {
	exe, err := c.findProgram("hostnamectl")
	if err != nil {
		return false, nil
	}
	for _, kind := range []string{"--transient", "--static", "--pretty"} {
		p, err := c.run([]string{exe, kind, "set-hostname", name}, &progOptions{Env: cLocale})
		if err != nil {
			return false, nil
		}
		if strings.Contains(p.Stderr, "Invalid hostname") {
			return false, Errorf(fmt.Sprintf("Command failed rc=%d, out=%s, err=%s", p.RC, p.Stdout, p.Stderr))
		}
		if p.RC != 0 {
			c.warn(fmt.Sprintf("hostnamectl %s failed (%s), setting the name directly", kind, strings.TrimSpace(p.Stderr)))
			return false, nil
		}
	}
	return true, nil
}
