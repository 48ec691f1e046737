package module

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

type aclArgs struct {
	Default     bool    `arg:"default,default=false" doc:"Work on the default ACL of a folder."`
	Entity      string  `arg:"entity" default:"" doc:"User or group of the entry."`
	Entry       *string `arg:"entry" doc:"Entry as etype:entity:permissions (old form)."`
	Etype       *string `arg:"etype,choices=group|mask|other|user" doc:"Kind of entry."`
	Follow      bool    `arg:"follow,default=true" doc:"Follow symbolic links."`
	Path        Path    `arg:"path,alias=name,required" doc:"File or folder."`
	Permissions *string `arg:"permissions" doc:"Any of r, w, x and X."`
	Mask        string  `arg:"recalculate_mask,default=default,choices=default|mask|no_mask" doc:"What happens to the mask."`
	Recursive   bool    `arg:"recursive,alias=recurse,default=false" doc:"Go into folders."`
	State       string  `arg:"state,default=query,choices=absent|present|query" doc:"Whether the entry is there."`
	NFSv4       bool    `arg:"use_nfsv4_acls,default=false" doc:"Use NFSv4 ACLs."`
}

var aclDef = &Def{
	Name:  "ansible.posix.acl",
	Short: "Set and retrieve file ACL information",
	Args:  func() any { return &aclArgs{} },
	Run:   runACL,
}

func runACL(c *Context, args any) *Result {
	a := args.(*aclArgs)
	if a.NFSv4 {
		return Fail("use_nfsv4_acls is not supported: set NFSv4 ACLs with nfs4_setfacl in a command task")
	}
	path := string(a.Path)
	if !exists(path) {
		return Fail("Path not found or not accessible.")
	}
	etype, entity, perms := "", a.Entity, ""
	if a.Etype != nil {
		etype = *a.Etype
	}
	if a.Permissions != nil {
		perms = *a.Permissions
	}
	if a.Entry != nil && *a.Entry != "" {
		if etype != "" || entity != "" || perms != "" {
			return Fail("'entry' MUST NOT be set when 'entity', 'etype' or 'permissions' are set.")
		}
		f := strings.Split(*a.Entry, ":")
		if f[0] == "default" || f[0] == "d" {
			a.Default = true
			f = f[1:]
		}
		if len(f) < 2 || len(f) > 3 {
			return Fail("'entry' MUST have 3 or 4 sections divided by ':' when 'state=present'.")
		}
		etype, entity = map[string]string{"u": "user", "g": "group", "m": "mask", "o": "other"}[f[0]], f[1]
		etype = or(etype, f[0])
		if len(f) == 3 {
			perms = f[2]
		}
	}
	if a.State == "present" && perms == "" {
		return Fail("'permissions' MUST be set when 'state=present'.")
	}
	if a.State == "absent" && perms != "" {
		return Fail("'permissions' MUST NOT be set when 'state=absent'.")
	}
	if a.State != "query" && etype == "" {
		return Fail("'etype' MUST be set when 'state=%s'.", a.State)
	}
	flags := func() []string {
		var f []string
		if a.Recursive {
			f = append(f, "--recursive")
		}
		if !a.Follow {
			f = append(f, "--physical")
		}
		if a.Default {
			f = append(f, "--default")
		}
		return f
	}
	list := func() ([]string, error) {
		argv := append([]string{"getfacl", "--omit-header", "--absolute-names"}, flags()...)
		p, err := c.tool(append(argv, "--", path)...)
		if err != nil {
			return nil, err
		}
		var out []string
		for _, l := range strings.Split(p.Stdout, "\n") {
			l, _, _ = strings.Cut(l, "\t#")
			if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
				out = append(out, l)
			}
		}
		return out, nil
	}
	res := OK()
	msg := "current acl"
	if a.State != "query" {
		entry := etype + ":" + entity
		// The flags hold for the entries that come after them.
		set := append([]string{"setfacl"}, flags()...)
		if a.State == "present" {
			entry += ":" + perms
			set = append(set, map[string]string{"mask": "--mask", "no_mask": "--no-mask"}[a.Mask])
			set = append(set, "-m", entry)
			msg = entry + " is present"
		} else {
			if a.Mask != "default" {
				set = append(set, map[string]string{"mask": "--mask", "no_mask": "--no-mask"}[a.Mask])
			}
			set = append(set, "-x", entry)
			msg = entry + " is absent"
		}
		set = slices.DeleteFunc(set, func(s string) bool { return s == "" })
		p, err := c.tool(append(slices.Insert(slices.Clone(set), 1, "--test"), "--", path)...)
		if err != nil {
			return FailErr(err)
		}
		for _, l := range strings.Split(strings.TrimSpace(p.Stdout), "\n") {
			// setfacl ends lines of unchanged ACLs in "*,*".
			if l != "" && !strings.HasSuffix(l, "*,*") {
				res.Changed = true
			}
		}
		if res.Changed {
			if err := c.change(append(set, "--", path)...); err != nil {
				return FailErr(err)
			}
		}
	}
	acl, err := list()
	if err != nil {
		return FailErr(err)
	}
	if a.Recursive {
		slices.Sort(acl)
		acl = slices.Compact(acl)
	}
	return res.Set("acl", acl).WithMsg(msg)
}

type capabilitiesArgs struct {
	Path       string `arg:"path,alias=key,required" doc:"File."`
	Capability string `arg:"capability,alias=cap,required" doc:"Capability with operator and flags, as cap_net_raw+ep."`
	State      string `arg:"state,default=present,choices=absent|present" doc:"Whether the file has it."`
}

var capabilitiesDef = &Def{
	Name:  "community.general.capabilities",
	Short: "Manage Linux capabilities",
	Args:  func() any { return &capabilitiesArgs{} },
	Run:   runCapabilities,
}

func splitCapability(s string) (name, op, flags string) {
	i := strings.IndexAny(s, "=-+")
	if i < 0 {
		return s, "", ""
	}
	return s[:i], s[i : i+1], s[i+1:]
}

func sortedLetters(s string) string {
	r := []rune(s)
	slices.Sort(r)
	return string(r)
}

func runCapabilities(c *Context, args any) *Result {
	a := args.(*capabilitiesArgs)
	if _, err := os.Stat(a.Path); err != nil {
		return Fail("Path not found: %s", a.Path)
	}
	name, op, flags := splitCapability(strings.ToLower(strings.TrimSpace(a.Capability)))
	if op == "" && a.State == "present" {
		return Fail("Couldn't find operator (one of: ['=', '-', '+'])")
	}
	p, err := c.tool("getcap", "-v", a.Path)
	if err != nil {
		return FailErr(err)
	}
	var now []string
	if text := strings.TrimSpace(p.Stdout); text != a.Path && text != "" {
		rest := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(text, a.Path), " ="))
		for _, group := range strings.Fields(rest) {
			names, o, f := splitCapability(group)
			for _, n := range strings.Split(names, ",") {
				now = append(now, n+o+f)
			}
		}
	}
	has, same := -1, false
	for i, e := range now {
		n, o, f := splitCapability(e)
		if n == name {
			has = i
			// getcap writes = where + was set.
			same = sortedLetters(f) == sortedLetters(flags) && (o == op || o == "=" && op == "+" || o == "+" && op == "=")
		}
	}
	res := OK().Set("state", a.State)
	var want []string
	switch {
	case a.State == "present" && same, a.State == "absent" && has < 0:
		return res
	case a.State == "present" && has >= 0:
		want = slices.Clone(now)
		want[has] = name + op + flags
	case a.State == "present":
		want = append(slices.Clone(now), name+op+flags)
	default:
		want = slices.Delete(slices.Clone(now), has, has+1)
	}
	res.Changed = true
	if c.Check {
		return res.WithMsg("capabilities changed")
	}
	if len(want) == 0 {
		err = c.change("setcap", "-r", a.Path)
	} else {
		err = c.change("setcap", strings.Join(want, " "), a.Path)
	}
	if err != nil {
		return FailErr(wrapError(err, "Unable to set capabilities of %s", a.Path))
	}
	return res.Set("stdout", "").WithMsg("capabilities changed")
}

type dpkgDivertArgs struct {
	Divert *Path   `arg:"divert" doc:"Where the diverted file goes."`
	Force  bool    `arg:"force,default=false" doc:"Replace a diversion of another holder."`
	Holder *string `arg:"holder" doc:"Package that keeps its own file."`
	Path   Path    `arg:"path,required" doc:"File to divert."`
	Rename bool    `arg:"rename,default=false" doc:"Move the file itself."`
	State  string  `arg:"state,default=present,choices=absent|present" doc:"Whether it is diverted."`
}

var dpkgDivertDef = &Def{
	Name:  "community.general.dpkg_divert",
	Short: "Override a debian package's version of a file",
	Args:  func() any { return &dpkgDivertArgs{} },
	Run:   runDpkgDivert,
}

func runDpkgDivert(c *Context, args any) *Result {
	a := args.(*dpkgDivertArgs)
	path := string(a.Path)
	lookup := func() (holder, to string, err error) {
		p, err := c.tool("dpkg-divert", "--listpackage", path)
		if err != nil {
			return "", "", err
		}
		if holder = strings.TrimSpace(p.Stdout); holder == "" {
			return "", "", nil
		}
		p, err = c.tool("dpkg-divert", "--truename", path)
		if err != nil {
			return "", "", err
		}
		return holder, strings.TrimSpace(p.Stdout), nil
	}
	holder, to, err := lookup()
	if err != nil {
		return FailErr(err)
	}
	wantHolder, wantTo := "LOCAL", path+".distrib"
	if a.Holder != nil && *a.Holder != "" {
		wantHolder = *a.Holder
	}
	if a.Divert != nil {
		wantTo = string(*a.Divert)
	}
	argv := []string{"dpkg-divert", map[bool]string{true: "--rename", false: "--no-rename"}[a.Rename]}
	if c.Check {
		argv = append(argv, "--test")
	}
	var commands []string
	run := func(args ...string) (string, error) {
		full := append(slices.Clone(argv), args...)
		exe, _ := c.findProgram("dpkg-divert")
		commands = append(commands, strings.Join(append([]string{exe}, full[1:]...), " "))
		p, err := c.tool(full...)
		if err != nil {
			return "", err
		}
		return strings.TrimSpace(p.Stdout), nil
	}
	messages := []string{}
	changed := false
	step := func(args ...string) error {
		m, err := run(args...)
		if err == nil {
			messages = append(messages, m)
			changed = changed || !strings.HasPrefix(m, "Leaving") && !strings.HasPrefix(m, "No diversion")
		}
		return err
	}
	add := []string{"--local"}
	if wantHolder != "LOCAL" {
		add = []string{"--package", wantHolder}
	}
	if a.Divert != nil {
		add = append(add, "--divert", wantTo)
	}
	switch {
	case a.State == "absent":
		err = step("--remove", path)
	case holder != "" && (holder != wantHolder || to != wantTo):
		if !a.Force {
			return Fail("Set force=true to replace the diversion of %s by %s to %s", path, holder, to).Set("commands", commands).Set("messages", messages)
		}
		if err = step("--remove", path); err == nil && !c.Check {
			err = step(append(add, "--add", path)...)
		}
	default:
		err = step(append(add, "--add", path)...)
	}
	if err != nil {
		return FailErr(err)
	}
	d := map[string]any{"path": path, "state": a.State, "holder": nil, "divert": nil}
	if a.State == "present" {
		d["holder"], d["divert"] = wantHolder, wantTo
	}
	return Changed(changed).Set("diversion", d).Set("commands", commands).Set("messages", messages)
}

type makeArgs struct {
	Chdir  Path    `arg:"chdir,required" doc:"Folder to run in."`
	File   *Path   `arg:"file" doc:"Another makefile."`
	Jobs   *int    `arg:"jobs" doc:"How many jobs at once."`
	Make   *Path   `arg:"make" doc:"Path of make."`
	Params any     `arg:"params,type=dict" doc:"Variables to set."`
	Target *string `arg:"target" doc:"What to make."`
}

var makeDef = &Def{
	Name:  "community.general.make",
	Short: "Run targets in a Makefile",
	Args:  func() any { return &makeArgs{} },
	Run:   runMake,
}

func runMake(c *Context, args any) *Result {
	a := args.(*makeArgs)
	exe := ""
	if a.Make != nil {
		exe = string(*a.Make)
	} else {
		var err error
		if exe, err = c.findProgram("gmake"); err != nil {
			if exe, err = c.findProgram("make"); err != nil {
				return FailErr(err)
			}
		}
	}
	base := []string{exe}
	if a.Jobs != nil {
		base = append(base, "-j", fmt.Sprint(*a.Jobs))
	}
	if a.File != nil {
		base = append(base, "-f", string(*a.File))
	}
	if a.Target != nil {
		base = append(base, *a.Target)
	}
	for _, kv := range dictPairs(a.Params) {
		if kv[1] == "" {
			base = append(base, kv[0])
		} else {
			base = append(base, kv[0]+"="+kv[1])
		}
	}
	opt := &progOptions{Dir: string(a.Chdir), Env: cLocale}
	p, err := c.run(append(slices.Clone(base), "-q"), opt)
	if err != nil {
		return FailErr(err)
	}
	changed := p.RC != 0
	if changed && !c.Check {
		if p, err = c.run(base, opt); err != nil {
			return FailErr(err)
		}
		if p.RC != 0 {
			return failedProgram(or(strings.TrimSpace(p.Stderr), "make failed"), p)
		}
	}
	res := Changed(changed).Set("stdout", p.Stdout).Set("stderr", p.Stderr).Set("chdir", string(a.Chdir)).Set("command", strings.Join(base, " "))
	return res
}

type gitConfigArgs struct {
	AddMode *string `arg:"add_mode,choices=add|replace-all" doc:"Add a value or replace all."`
	File    *Path   `arg:"file" doc:"File to work on, with scope file."`
	ListAll bool    `arg:"list_all,default=false" doc:"List the settings."`
	Name    *string `arg:"name" doc:"Setting."`
	Repo    *Path   `arg:"repo" doc:"Repository, with scope local."`
	Scope   *string `arg:"scope,choices=file|local|global|system" doc:"Which settings."`
	State   string  `arg:"state,default=present,choices=present|absent" doc:"Whether it is set."`
	Value   *string `arg:"value" doc:"Value; without it the setting is read."`
}

var gitConfigDef = &Def{
	Name:              "community.general.git_config",
	Short:             "Update git configuration",
	Args:              func() any { return &gitConfigArgs{} },
	Run:               runGitConfig,
	MutuallyExclusive: [][]string{{"list_all", "name"}, {"list_all", "value"}, {"list_all", "state"}},
	RequiredIf:        []RequiredIf{{Key: "scope", Value: "local", Required: []string{"repo"}}, {Key: "scope", Value: "file", Required: []string{"file"}}},
	RequiredOneOf:     [][]string{{"list_all", "name"}},
}

func runGitConfig(c *Context, args any) *Result {
	a := args.(*gitConfigArgs)
	base := []string{"git", "config", "--includes"}
	dir := "/"
	scope := ""
	if a.Scope != nil {
		scope = *a.Scope
	} else if !a.ListAll {
		scope = "system"
	}
	switch scope {
	case "":
	case "file":
		base = append(base, "-f", string(*a.File))
	case "local":
		dir = string(*a.Repo)
		base = append(base, "--local")
	default:
		base = append(base, "--"+scope)
	}
	call := func(args ...string) (*progResult, error) {
		return c.run(append(slices.Clone(base), args...), &progOptions{Dir: dir, Env: cLocale})
	}
	if a.ListAll {
		p, err := call("-l")
		if err != nil {
			return FailErr(err)
		}
		m := map[string]string{}
		for _, l := range strings.Split(p.Stdout, "\n") {
			if k, v, ok := strings.Cut(l, "="); ok {
				m[k] = v
			}
		}
		r := OK().Set("config_values", m)
		r.HasMsg = true
		return r
	}
	p, err := call("--get-all", *a.Name)
	if err != nil {
		return FailErr(err)
	}
	if p.RC > 1 {
		return failedProgram(strings.TrimSpace(p.Stderr), p)
	}
	old := strings.Split(strings.TrimSuffix(p.Stdout, "\n"), "\n")
	if p.Stdout == "" {
		old = nil
	}
	res := OK()
	res.HasMsg = true
	var argv []string
	after := ""
	switch {
	case a.State == "absent" && len(old) == 0:
		return res
	case a.State == "absent":
		argv = []string{"--unset-all", *a.Name}
	case a.Value == nil:
		return res.Set("config_value", strings.Join(old, "\n"))
	case a.AddMode != nil && *a.AddMode == "add" && slices.Contains(old, *a.Value), len(old) == 1 && old[0] == *a.Value:
		return res
	case a.AddMode != nil && *a.AddMode == "add":
		argv, after = []string{"--add", *a.Name, *a.Value}, *a.Value
	default:
		argv, after = []string{"--replace-all", *a.Name, *a.Value}, *a.Value
	}
	res.Changed = true
	res.Msg = "setting changed"
	if c.Diff {
		head := strings.Join(base, " ")
		line := func(s string) string {
			if s == "" {
				return "\n"
			}
			return s + "\n"
		}
		res.AddDiff(Diff{Before: line(strings.Join(old, "\n")), After: line(after), BeforeHeader: head, AfterHeader: head})
	}
	if c.Check {
		return res
	}
	if p, err = call(argv...); err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return failedProgram(strings.TrimSpace(p.Stderr), p)
	}
	return res
}
