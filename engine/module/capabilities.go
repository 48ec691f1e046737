package module

import (
	"os"
	"slices"
	"strings"
)

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
		return Fail("Unable to get capabilities of %s", a.Path).Set("stdout", "").Set("stderr", a.Path+" (No such file or directory)\n")
	}
	name, op, flags := splitCapability(strings.ToLower(strings.TrimSpace(a.Capability)))
	if op == "" && a.State == "present" {
		return Fail("Couldn't find operator (one of: ('=', '-', '+'))")
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
		return Changed(true).WithMsg("capabilities changed")
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
