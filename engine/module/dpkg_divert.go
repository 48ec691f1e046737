package module

import (
	"os"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

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
	var commands []string
	run := func(args ...string) (string, error) {
		full := append(slices.Clone(argv), args...)
		exe, _ := c.findProgram("dpkg-divert")
		commands = append(commands, strings.Join(append([]string{exe}, full[1:]...), " "))
		if c.Check {
			full = slices.Insert(full, 1, "--test")
			if a.Force && a.Rename { // forced, a file in the way goes
				full[2] = "--no-rename"
			}
		}
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
		if err != nil && a.Force && a.Rename && a.State == "present" && strings.Contains(err.Error(), "rename involves overwriting") {
			if rm := os.Remove(wantTo); rm != nil {
				return Errorf(pyError(rm, wantTo))
			}
			commands = commands[:len(commands)-1]
			m, err = run(args...)
		}
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
	d := divertedTo(path, "", "")
	if a.State == "present" {
		d = divertedTo(path, wantHolder, wantTo)
	}
	r := Changed(changed).Set("diversion", d).Set("commands", commands).Set("messages", messages)
	if c.Diff {
		r.AddDiff(Diff{Before: divertedTo(path, holder, to), After: d})
	}
	return r
}

func divertedTo(path, holder, to string) *value.Dict {
	state := "absent"
	if holder != "" {
		state = "present"
	}
	return value.DictOf("path", path, "state", state, "holder", orNull(holder), "divert", orNull(to))
}
