package module

import (
	"slices"
	"strings"
)

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
	NullIsMissing:     true,
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
	failed := func(p *progResult, args ...string) *Result {
		return Fail("%s", p.Stderr).Set("rc", p.RC).Set("cmd", shellWords(c.programPath(append(slices.Clone(base), args...))))
	}
	if a.Name == nil { // git says how it is used
		p, err := call()
		if err != nil {
			return FailErr(err)
		}
		return failed(p)
	}
	p, err := call("--get-all", *a.Name)
	if err != nil {
		return FailErr(err)
	}
	if p.RC > 1 {
		return failed(p, "--get-all", *a.Name)
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
		return res.WithMsg("no setting to unset")
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
		head := strings.Join(c.programPath(base), " ")
		if a.State == "absent" && !c.Check {
			head += " --unset"
		}
		head += " " + *a.Name
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
		return failed(p, argv...)
	}
	return res
}
