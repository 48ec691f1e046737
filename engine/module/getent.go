package module

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type getentArgs struct {
	Database string  `arg:"database,required" doc:"Name of the database: passwd, group, hosts, services ..."`
	Key      *string `arg:"key" doc:"Entry to look up; without it the whole database is returned."`
	Service  *string `arg:"service" doc:"Name service to ask instead of those configured."`
	Split    *string `arg:"split" doc:"Character that parts the fields."`
	FailKey  bool    `arg:"fail_key,default=true" doc:"Fail when the key is not there."`
}

var getentDef = &Def{
	Name:  "ansible.builtin.getent",
	Short: "A wrapper to the unix getent utility",
	Args:  func() any { return &getentArgs{} },
	Run: func(c *Context, a any) *Result {
		r, err := getent(c, a.(*getentArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

func getent(c *Context, p *getentArgs) (*Result, error) {
	exe, err := c.findProgram("getent")
	if err != nil {
		return nil, err
	}
	argv := []string{exe}
	if p.Service != nil {
		argv = append(argv, "-s", *p.Service)
	}
	argv = append(argv, p.Database)
	if p.Key != nil {
		argv = append(argv, *p.Key)
	}
	sep := deref(p.Split)
	if p.Split == nil {
		switch p.Database {
		case "passwd", "shadow", "group", "gshadow":
			sep = ":"
		}
	}
	res, err := c.run(argv, nil)
	if err != nil {
		return nil, err
	}
	tree := value.NewDict()
	r := OK()
	facts := func() *Result {
		r.Facts = value.DictOf("getent_"+p.Database, tree)
		return r
	}
	switch res.RC {
	case 0:
		seen := map[string]int{}
		for _, l := range SplitLines(res.Stdout) {
			var f []string
			if sep == "" {
				f = strings.Fields(l)
			} else {
				f = strings.Split(l, sep)
			}
			if len(f) == 0 {
				continue
			}
			rest := value.From(f[1:])
			seen[f[0]]++
			switch seen[f[0]] {
			case 1:
				tree.Set(f[0], rest)
			case 2:
				tree.Set(f[0], value.NewList(tree.At(f[0]), rest))
			default:
				tree.At(f[0]).(*value.List).Append(rest)
			}
		}
		return facts(), nil
	case 1:
		return nil, Errorf("Missing arguments, or database unknown.")
	case 2:
		const msg = "One or more supplied key could not be found in the database."
		if p.FailKey {
			return nil, Errorf(msg)
		}
		if p.Key != nil {
			tree.Set(*p.Key, nil)
		}
		return facts().WithMsg(msg), nil
	case 3:
		return nil, Errorf("Enumeration not supported on this database.")
	}
	return nil, Errorf("Unexpected failure!")
}
