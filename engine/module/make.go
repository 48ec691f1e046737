package module

import (
	"fmt"
	"slices"
	"strings"
)

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
			return failedProgram(or(strings.TrimSpace(p.Stderr), "make failed"), p).Set("cmd", shellWords(base))
		}
	}
	return Changed(changed).Set("stdout", strings.TrimRight(p.Stdout, "\r\n")).Set("stderr", strings.TrimRight(p.Stderr, "\r\n")).Set("chdir", string(a.Chdir)).
		Set("command", shellWords(base)).Set("target", a.Target).Set("params", a.Params).Set("file", a.File).Set("jobs", a.Jobs)
}
