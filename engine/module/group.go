package module

import (
	"strconv"
	"strings"
)

type groupArgs struct {
	Force     bool   `arg:"force,default=false" doc:"Remove even if it is the primary group of a user."`
	GID       *int   `arg:"gid" doc:"Number of the group."`
	GIDMin    *int   `arg:"gid_min" doc:"Lowest number to choose."`
	GIDMax    *int   `arg:"gid_max" doc:"Highest number to choose."`
	Local     bool   `arg:"local,default=false" doc:"Look at and change only local groups."`
	Name      string `arg:"name,required" doc:"Name of the group."`
	NonUnique bool   `arg:"non_unique,default=false" doc:"Allow a gid that is taken."`
	State     string `arg:"state,default=present,choices=absent|present" doc:"Whether the group exists."`
	System    bool   `arg:"system,default=false" doc:"Make a system group."`
}

var groupDef = &Def{
	Name:       "ansible.builtin.group",
	Short:      "Add or remove groups",
	Args:       func() any { return &groupArgs{} },
	Run:        runGroup,
	RequiredIf: []RequiredIf{{Key: "non_unique", Value: true, Required: []string{"gid"}}},
}

func runGroup(c *Context, args any) *Result {
	a := args.(*groupArgs)
	if a.Local && (a.GIDMin != nil || a.GIDMax != nil) {
		return Fail("'%s' can not be used with 'local'", map[bool]string{true: "gid_min", false: "gid_max"}[a.GIDMin != nil])
	}
	old, exists := groupByName(a.Name)
	if a.Local {
		if old, exists = localGroup(a.Name); !exists {
			c.warn("'local: true' specified and group was not found in /etc/group. The local group may already exist if the local group database exists somewhere other than /etc/group.")
		}
	}
	res := OK().Set("name", a.Name).Set("state", a.State)
	var argv []string
	switch {
	case a.State == "absent" && !exists:
		return res
	case a.State == "absent":
		argv = []string{"groupdel"}
		if a.Force {
			argv = append(argv, "-f")
		}
	case !exists:
		argv = []string{"groupadd"}
		if a.GID != nil {
			argv = append(argv, "-g", strconv.Itoa(*a.GID))
			if a.NonUnique {
				argv = append(argv, "-o")
			}
		}
		if a.System {
			argv = append(argv, "-r")
		}
		if a.GIDMin != nil {
			argv = append(argv, "-K", "GID_MIN="+strconv.Itoa(*a.GIDMin))
		}
		if a.GIDMax != nil {
			argv = append(argv, "-K", "GID_MAX="+strconv.Itoa(*a.GIDMax))
		}
	case a.GID != nil && *a.GID != old.GID:
		argv = []string{"groupmod", "-g", strconv.Itoa(*a.GID)}
		if a.NonUnique {
			argv = append(argv, "-o")
		}
	}
	if argv != nil {
		if c.Check && (!exists || a.State == "absent") {
			return Changed(true)
		}
		if c.Check {
			res.Changed = true
			return res.Set("system", a.System).Set("gid", old.GID)
		}
		exe, err := c.findProgram(argv[0])
		if err != nil {
			return FailErr(err)
		}
		p, err := c.run(append(append([]string{exe}, argv[1:]...), a.Name), &progOptions{Env: []string{"LC_ALL=C.UTF-8"}, Cancel: cancelFinish})
		if err != nil {
			return FailErr(err)
		}
		forgetAccounts()
		if p.RC != 0 {
			return Fail("%s", p.Stderr).Set("name", a.Name)
		}
		res.Changed = true
		if p.Stdout != "" {
			res.Set("stdout", p.Stdout)
		}
		if p.Stderr != "" {
			res.Set("stderr", p.Stderr)
		}
	}
	if a.State == "present" {
		now, _ := groupByName(a.Name)
		res.Set("system", a.System).Set("gid", now.GID)
	}
	return res
}

// localGroup reads /etc/group only.
func localGroup(name string) (groupEntry, bool) {
	data, _ := readFile("/etc/group")
	for _, l := range strings.Split(string(data), "\n") {
		if p := strings.Split(l, ":"); p[0] == name {
			return groupOf(p)
		}
	}
	return groupEntry{}, false
}
