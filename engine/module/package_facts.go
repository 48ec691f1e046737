package module

import (
	"slices"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type packageFactsArgs struct {
	Manager  []string `arg:"manager,default=auto" doc:"Package managers to ask: auto, rpm, apt, dnf, apk, pacman ..."`
	Strategy string   `arg:"strategy,default=first,choices=first|all" doc:"Ask the first manager found, or all."`
}

var packageFactsDef = &Def{
	Name:  "ansible.builtin.package_facts",
	Short: "Package information as facts",
	Args:  func() any { return &packageFactsArgs{} },
	Run:   runPackageFacts,
}

// packageSources are the managers that can list packages, in the order auto asks.
var packageSources = []struct {
	name    string
	aliases []string
	list    func(c *Context) (*value.Dict, bool, error)
}{
	{"apk", nil, apkFacts},
	{"rpm", []string{"dnf", "dnf5", "yum", "zypper"}, rpmFacts},
	{"apt", nil, aptFacts},
	{"pacman", nil, pacmanFacts},
}

// knownManagers may be asked for, although some of them are only found on systems that goplay has no helper for.
var knownManagers = []string{"auto", "apk", "apt", "dnf", "dnf5", "pacman", "pkg", "pkg5", "pkg_info", "portage", "rpm", "yum", "zypper"}

func runPackageFacts(c *Context, args any) *Result {
	a := args.(*packageFactsArgs)
	all := value.NewDict()
	wanted := map[string]bool{}
	auto := false
	for _, m := range a.Manager {
		wanted[strings.ToLower(m)] = true
		auto = auto || strings.EqualFold(m, "auto")
	}
	var unknown []string
	for _, m := range a.Manager {
		if !slices.Contains(knownManagers, strings.ToLower(m)) {
			unknown = append(unknown, m)
		}
	}
	if len(unknown) > 0 {
		return Fail("Unsupported package managers requested: %s", strings.Join(unknown, ", "))
	}
	found := false
	for _, s := range packageSources {
		named := wanted[s.name]
		for _, al := range s.aliases {
			named = named || wanted[al]
		}
		if !auto && !named || found && a.Strategy == "first" {
			continue
		}
		d, there, err := s.list(c)
		if err != nil {
			c.warn("Failed to retrieve packages with " + s.name + ": " + err.Error())
			continue
		}
		if !there {
			if named && !auto {
				c.warn("Requested package manager " + s.name + " was not usable by this module")
			}
			continue
		}
		found = true
		for k, v := range d.All() {
			if old, ok := all.Get(k); ok {
				old.(*value.List).Append(v.(*value.List).Items...)
			} else {
				all.Set(k, v)
			}
		}
	}
	if !found {
		return Fail("Could not detect a supported package manager from the following list: ['%s'], or the required Python library is not installed. Check warnings for details.",
			strings.Join(a.Manager, "', '"))
	}
	r := OK()
	r.Facts = value.DictOf("packages", all)
	return r
}

func addPackage(d *value.Dict, name string, p *value.Dict) {
	if l, ok := d.At(name).(*value.List); ok {
		l.Append(p)
		return
	}
	d.Set(name, value.NewList(p))
}

func rpmFacts(c *Context) (*value.Dict, bool, error) {
	if _, err := c.findProgram("rpm"); err != nil {
		return nil, false, nil
	}
	p, err := c.rpm("", "-qa", "--qf", rpmFormat)
	if err != nil {
		return nil, false, err
	}
	if p.RC != 0 {
		return nil, false, Errorf(strings.TrimSpace(p.Stderr))
	}
	d := value.NewDict()
	for _, q := range parseRPMs(p.Stdout) {
		var epoch value.Value
		if n, ok := parseInt(q.Epoch); ok && q.Epoch != "0" {
			epoch = n
		}
		e := value.DictOf("name", q.Name, "version", q.Version, "release", q.Release, "epoch", epoch, "arch", orNull(q.Arch), "source", "rpm")
		addPackage(d, q.Name, e)
	}
	// A Debian host may have the rpm program without using it.
	return d, d.Len() > 0, nil
}

func orNull(s string) value.Value {
	if s == "" {
		return nil
	}
	return s
}

func aptFacts(c *Context) (*value.Dict, bool, error) {
	db, err := readDpkg()
	if err != nil || len(db.order) == 0 {
		return nil, false, err
	}
	d := value.NewDict()
	for _, p := range db.order {
		if p.Installed() {
			addPackage(d, p.Name, value.DictOf("name", p.Name, "version", p.Version, "arch", p.Arch, "category", p.Section, "origin", "", "source", "apt"))
		}
	}
	return d, true, nil
}

func apkFacts(c *Context) (*value.Dict, bool, error) {
	exe, err := c.findProgram("apk")
	if err != nil {
		return nil, false, nil
	}
	p, err := c.run([]string{exe, "info", "-v"}, &progOptions{Env: cLocale})
	if err != nil {
		return nil, false, err
	}
	if p.RC != 0 {
		return nil, false, Errorf(strings.TrimSpace("Unable to list packages rc=" + strconv.Itoa(p.RC) + " : " + p.Stderr))
	}
	d := value.NewDict()
	for _, l := range strings.Split(p.Stdout, "\n") {
		f := strings.Split(strings.TrimSpace(l), "-")
		if len(f) < 3 {
			continue
		}
		name := strings.Join(f[:len(f)-2], "-")
		addPackage(d, name, value.DictOf("name", name, "version", strings.Join(f[len(f)-2:], "-"), "source", "apk"))
	}
	return d, d.Len() > 0, nil
}

func pacmanFacts(c *Context) (*value.Dict, bool, error) {
	exe, err := c.findProgram("pacman")
	if err != nil {
		return nil, false, nil
	}
	p, err := c.run([]string{exe, "-Q"}, &progOptions{Env: cLocale})
	if err != nil {
		return nil, false, err
	}
	d := value.NewDict()
	for _, l := range strings.Split(p.Stdout, "\n") {
		if f := strings.Fields(l); len(f) == 2 {
			addPackage(d, f[0], value.DictOf("name", f[0], "version", f[1], "source", "pacman"))
		}
	}
	return d, d.Len() > 0, nil
}
