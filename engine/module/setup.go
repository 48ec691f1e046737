package module

import (
	"time"

	"github.com/goplay-engine/goplay/engine/facts"
)

type setupArgs struct {
	GatherSubset  []string `arg:"gather_subset,default=all" doc:"Which facts to gather; a leading ! excludes."`
	GatherTimeout int      `arg:"gather_timeout,default=10" doc:"Seconds that gathering one kind of facts may take."`
	Filter        []string `arg:"filter,default=" doc:"Shell patterns of the facts to return."`
	FactPath      Path     `arg:"fact_path,default=/etc/ansible/facts.d" doc:"Folder of local facts."`
}

var setupDef = &Def{
	Name:  "ansible.builtin.setup",
	Short: "Gathers facts about remote hosts",
	Args:  func() any { return &setupArgs{} },
	Run: func(c *Context, a any) *Result {
		p := a.(*setupArgs)
		got, warnings, err := facts.Gather(c, facts.Options{
			Subset: p.GatherSubset, Filter: p.Filter, Timeout: time.Duration(p.GatherTimeout) * time.Second,
			FactPath: string(p.FactPath), Env: c.Env, Python: c.Getenv("GOPLAY_PYTHON_INTERPRETER"),
		})
		if err != nil {
			return Fail("%s", err)
		}
		r := OK()
		r.Warnings = warnings
		r.Facts = got
		return r
	},
}
