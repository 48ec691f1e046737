package module

import (
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
		for _, l := range strings.Split(strings.TrimSpace(p.Stdout), "\n") { // an empty line is between two files
			if !strings.HasPrefix(l, "#") && p.Stdout != "" {
				out = append(out, strings.TrimSpace(l))
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
	return res.Set("acl", acl).WithMsg(msg)
}
