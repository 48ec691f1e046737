package module

import (
	"slices"
	"sort"
	"strings"
)

type seportArgs struct {
	IgnoreState bool     `arg:"ignore_selinux_state,default=false" doc:"Work where SELinux is disabled too."`
	Local       bool     `arg:"local,default=false" doc:"Look at local changes only."`
	Ports       []string `arg:"ports,required" doc:"Ports or ranges."`
	Proto       string   `arg:"proto,required,choices=tcp|udp" doc:"Protocol."`
	Reload      bool     `arg:"reload,default=true" doc:"Load the policy after a change."`
	SEType      string   `arg:"setype,required" doc:"Type of the ports."`
	State       string   `arg:"state,default=present,choices=absent|present" doc:"Whether the ports have the type."`
}

var seportDef = &Def{
	Name:  "community.general.seport",
	Short: "Manages SELinux network port type definitions",
	Args:  func() any { return &seportArgs{} },
	Run:   runSeport,
}

// semanagePorts lists port definitions: type and protocol to ports.
func parseSemanagePorts(out string) map[[2]string][]string {
	m := map[[2]string][]string{}
	for _, l := range strings.Split(out, "\n") {
		f := strings.Fields(strings.ReplaceAll(l, ",", " "))
		if len(f) < 3 || f[1] != "tcp" && f[1] != "udp" {
			continue
		}
		k := [2]string{f[0], f[1]}
		m[k] = append(m[k], f[2:]...)
	}
	return m
}

func runSeport(c *Context, args any) *Result {
	a := args.(*seportArgs)
	if !selinuxEnabled() && !a.IgnoreState {
		return Fail("SELinux is disabled on this host.")
	}
	list := []string{"semanage", "port", "-l", "-n"}
	if a.Local {
		list = append(list, "-C")
	}
	p, err := c.tool(list...)
	if err != nil {
		return FailErr(err)
	}
	all := parseSemanagePorts(p.Stdout)
	res := OK().Set("ports", a.Ports).Set("proto", a.Proto).Set("setype", a.SEType).Set("state", a.State)
	var base []string
	if !a.Reload {
		base = []string{"-N"}
	}
	for _, port := range a.Ports {
		port = strings.TrimSpace(port)
		has := slices.Contains(all[[2]string{a.SEType, a.Proto}], port)
		if has == (a.State == "present") {
			continue
		}
		verb := "-d"
		if a.State == "present" {
			verb = "-a"
			for k, ports := range all {
				if k[1] == a.Proto && slices.Contains(ports, port) {
					verb = "-m" // it has another type
				}
			}
		}
		res.Changed = true
		argv := append(append([]string{"semanage", "port"}, base...), verb, "-t", a.SEType, "-p", a.Proto, port)
		if err := c.change(argv...); err != nil {
			return FailErr(err)
		}
	}
	return res
}

type sefcontextArgs struct {
	Ftype       string  `arg:"ftype,default=a,choices=a|b|c|d|f|l|p|s" doc:"Kind of files: a all, f regular, d folders ..."`
	IgnoreState bool    `arg:"ignore_selinux_state,default=false" doc:"Work where SELinux is disabled too."`
	Reload      bool    `arg:"reload,default=true" doc:"Load the policy after a change."`
	SELevel     *string `arg:"selevel,alias=serange" doc:"Level of the files."`
	SEType      *string `arg:"setype" doc:"Type of the files."`
	SEUser      *string `arg:"seuser" doc:"User of the files."`
	State       string  `arg:"state,default=present,choices=absent|present" doc:"Whether the rule is there."`
	Substitute  *string `arg:"substitute,alias=equal" doc:"Path whose rules apply."`
	Target      string  `arg:"target,alias=path,required" doc:"Path expression."`
}

var sefcontextDef = &Def{
	Name:              "community.general.sefcontext",
	NullIsMissing:     true,
	Short:             "Manages SELinux file context mapping definitions",
	Args:              func() any { return &sefcontextArgs{} },
	Run:               runSefcontext,
	MutuallyExclusive: [][]string{{"setype", "substitute"}, {"substitute", "ftype"}, {"substitute", "seuser"}, {"substitute", "selevel"}},
	RequiredIf:        []RequiredIf{{Key: "state", Value: "present", Required: []string{"setype", "substitute"}, AnyOf: true}},
}

var ftypeNames = map[string]string{"a": "all files", "b": "block device", "c": "character device", "d": "directory", "f": "regular file",
	"l": "symbolic link", "p": "named pipe", "s": "socket"}

// findFcontext looks a rule up in `semanage fcontext -l`.
func findFcontext(out, target, ftype string) (user, setype, level string, ok bool) {
	for _, l := range strings.Split(out, "\n") {
		rest, has := strings.CutPrefix(l, target)
		if !has || rest == "" || rest[0] != ' ' {
			continue
		}
		rest = strings.TrimSpace(rest)
		ctx, has := strings.CutPrefix(rest, ftypeNames[ftype])
		f := strings.SplitN(strings.TrimSpace(ctx), ":", 4)
		if !has || len(f) < 3 {
			continue
		}
		if len(f) == 4 {
			level = f[3]
		}
		user, setype, ok = f[0], f[2], true
	}
	return user, setype, level, ok
}

func runSefcontext(c *Context, args any) *Result {
	a := args.(*sefcontextArgs)
	if !selinuxEnabled() && !a.IgnoreState {
		return Fail("SELinux is disabled on this host.")
	}
	p, err := c.tool("semanage", "fcontext", "-l", "-n")
	if err != nil {
		return FailErr(err)
	}
	res := OK().Set("target", a.Target).Set("ftype", a.Ftype).Set("state", a.State)
	base := []string{"semanage", "fcontext"}
	if !a.Reload {
		base = append(base, "-N")
	}
	if a.Substitute != nil {
		res.Set("equal", *a.Substitute)
		now := ""
		for _, l := range strings.Split(p.Stdout, "\n") {
			if from, to, ok := strings.Cut(l, " = "); ok && strings.TrimSpace(from) == a.Target {
				now = strings.TrimSpace(to)
			}
		}
		switch {
		case a.State == "present" && now == *a.Substitute, a.State == "absent" && now == "":
			return res
		case a.State == "present" && now != "":
			base = append(base, "-m", "-e", *a.Substitute, a.Target)
		case a.State == "present":
			base = append(base, "-a", "-e", *a.Substitute, a.Target)
		default:
			base = append(base, "-d", "-e", now, a.Target)
		}
		res.Changed = true
		if err := c.change(base...); err != nil {
			return FailErr(err)
		}
		return res
	}
	user, setype, level, there := findFcontext(p.Stdout, a.Target, a.Ftype)
	want := func(v *string, now string) bool { return v == nil || *v == now }
	var argv []string
	switch {
	case a.State == "absent" && !there:
		return res
	case a.State == "absent":
		argv = append(base, "-d", "-f", a.Ftype, a.Target)
	case there && want(a.SEType, setype) && want(a.SEUser, user) && want(a.SELevel, level):
		return res
	default:
		verb := "-a"
		if there {
			verb = "-m"
		}
		argv = append(base, verb, "-f", a.Ftype, "-t", *a.SEType)
		if a.SEUser != nil {
			argv = append(argv, "-s", *a.SEUser)
		}
		if a.SELevel != nil {
			argv = append(argv, "-r", *a.SELevel)
		}
		argv = append(argv, a.Target)
	}
	if a.SEType != nil {
		res.Set("setype", *a.SEType)
	}
	res.Changed = true
	if err := c.change(argv...); err != nil {
		return FailErr(err)
	}
	return res
}

type pacmanArgs struct {
	Executable  string   `arg:"executable,default=pacman" doc:"pacman or a helper with its options."`
	ExtraArgs   string   `arg:"extra_args" default:"" doc:"Further options."`
	Force       bool     `arg:"force,default=false" doc:"Remove without looking at dependencies; refresh all lists."`
	Name        []string `arg:"name,alias=package,alias=pkg" doc:"Packages, groups, files or URLs."`
	Reason      *string  `arg:"reason,choices=explicit|dependency" doc:"Install reason to set."`
	ReasonFor   string   `arg:"reason_for,default=new,choices=new|all" doc:"For which packages."`
	RemoveNosav bool     `arg:"remove_nosave,default=false" doc:"Remove configuration files without copies."`
	State       string   `arg:"state,default=present,choices=present|installed|latest|absent|removed" doc:"The state wanted."`
	UpdateCache *bool    `arg:"update_cache,alias=update-cache" doc:"Refresh the package lists."`
	UpdateExtra string   `arg:"update_cache_extra_args" default:"" doc:"Options for that."`
	Upgrade     *bool    `arg:"upgrade" doc:"Upgrade all packages."`
	UpgradeArgs string   `arg:"upgrade_extra_args" default:"" doc:"Options for that."`
}

var pacmanDef = &Def{
	Name:              "community.general.pacman",
	Short:             "Manage packages with pacman",
	Args:              func() any { return &pacmanArgs{} },
	Run:               runPacman,
	MutuallyExclusive: [][]string{{"name", "upgrade"}},
	RequiredOneOf:     [][]string{{"name", "update_cache", "upgrade"}},
}

func runPacman(c *Context, args any) *Result {
	a := args.(*pacmanArgs)
	exe := a.Executable
	words := func(s string) []string { w, _ := shlexSplit(s); return w }
	res := OK()
	installed := func() (map[string]string, error) {
		p, err := c.tool(exe, "-Q")
		if err != nil {
			return nil, err
		}
		m := map[string]string{}
		for _, l := range strings.Split(p.Stdout, "\n") {
			if f := strings.Fields(l); len(f) == 2 {
				m[f[0]] = f[1]
			}
		}
		return m, nil
	}
	if a.UpdateCache != nil && *a.UpdateCache {
		argv := []string{exe, "--sync", "--refresh"}
		if a.Force {
			argv = append(argv, "--refresh")
		}
		if c.Check {
			res.Changed = true
		} else {
			p, err := c.tool(append(argv, words(a.UpdateExtra)...)...)
			if err != nil {
				return FailErr(wrapError(err, "could not update package db"))
			}
			res.Changed = strings.Contains(p.Stdout, "downloading") || a.Force
		}
		res.Set("cache_updated", res.Changed)
	}
	if a.Upgrade != nil && *a.Upgrade {
		p, err := c.tryTool(exe, "--query", "--upgrades")
		if err != nil {
			return FailErr(err)
		}
		if strings.TrimSpace(p.Stdout) == "" {
			return res.WithMsg("Nothing to upgrade")
		}
		res.Changed = true
		if err := c.change(append([]string{exe, "--sync", "--sysupgrade", "--quiet", "--noconfirm"}, words(a.UpgradeArgs)...)...); err != nil {
			return FailErr(wrapError(err, "Could not upgrade"))
		}
		return res.WithMsg("System upgraded")
	}
	if len(a.Name) == 0 {
		return res.WithMsg("Updated package db")
	}
	have, err := installed()
	if err != nil {
		return FailErr(err)
	}
	groups := func(name string) []string {
		p, err := c.tryTool(exe, "--sync", "--groups", name)
		if err != nil || p.RC != 0 {
			return nil
		}
		var out []string
		for _, l := range strings.Split(p.Stdout, "\n") {
			if f := strings.Fields(l); len(f) == 2 {
				out = append(out, f[1])
			}
		}
		return out
	}
	var todo, files []string
	absent := a.State == "absent" || a.State == "removed"
	for _, n := range splitNames(a.Name) {
		_, there := have[n]
		switch {
		case strings.Contains(n, "://") || strings.Contains(n, ".pkg.tar"):
			files = append(files, n)
		case there && absent, a.State == "latest", !there && !absent:
			if !there {
				if g := groups(n); len(g) > 0 {
					for _, m := range g {
						if _, ok := have[m]; !ok || a.State == "latest" {
							todo = append(todo, m)
						}
					}
					continue
				}
			}
			todo = append(todo, n)
		case absent:
			for _, m := range groups(n) {
				if _, ok := have[m]; ok {
					todo = append(todo, m)
				}
			}
		}
	}
	if len(todo)+len(files) == 0 {
		return res.Set("packages", []string{}).WithMsg("package(s) already " + map[bool]string{true: "absent", false: "installed"}[absent])
	}
	if absent {
		argv := []string{exe, "--remove", "--noconfirm", "--noprogressbar"}
		if a.Force {
			argv = append(argv, "--nodeps", "--nodeps")
		}
		if a.RemoveNosav {
			argv = append(argv, "--nosave")
		}
		argv = append(append(argv, words(a.ExtraArgs)...), todo...)
		if err := c.change(argv...); err != nil {
			return FailErr(wrapError(err, "failed to remove package(s)"))
		}
		res.Changed = true
		return res.Set("packages", todo).WithMsg("Removed package(s)")
	}
	base := []string{"--noconfirm", "--noprogressbar", "--needed"}
	for op, names := range map[string][]string{"--sync": todo, "--upgrade": files} {
		if len(names) == 0 {
			continue
		}
		argv := append(append(append([]string{exe, op}, base...), words(a.ExtraArgs)...), names...)
		if c.Check {
			p, err := c.tryTool(append(append([]string{exe, op, "--needed", "--print-format", "%n %v"}, words(a.ExtraArgs)...), names...)...)
			if err != nil {
				return FailErr(err)
			}
			if p.RC != 0 {
				return failedProgram("Failed to list package(s) to install: "+strings.TrimSpace(p.Stderr), p)
			}
			for _, l := range strings.Split(p.Stdout, "\n") {
				if f := strings.Fields(l); len(f) == 2 && have[f[0]] != f[1] {
					res.Changed = true
				}
			}
			continue
		}
		if _, err := c.tool(argv...); err != nil {
			return FailErr(wrapError(err, "failed to install package(s)"))
		}
	}
	if !c.Check {
		now, err := installed()
		if err != nil {
			return FailErr(err)
		}
		var diff []string
		for k, v := range now {
			if have[k] != v {
				diff = append(diff, k)
			}
		}
		sort.Strings(diff)
		res.Changed = res.Changed || len(diff) > 0
		res.Set("packages", diff)
		if a.Reason != nil {
			flag := map[string]string{"dependency": "--asdeps", "explicit": "--asexplicit"}[*a.Reason]
			set := diff
			if a.ReasonFor == "all" {
				set = splitNames(a.Name)
			}
			if len(set) > 0 {
				if err := c.change(append([]string{exe, "--database", flag}, set...)...); err != nil {
					return FailErr(err)
				}
			}
		}
	}
	return res.WithMsg(map[bool]string{true: "Installed package(s)", false: "package(s) already installed"}[res.Changed])
}
