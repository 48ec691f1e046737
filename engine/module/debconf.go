package module

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type debconfArgs struct {
	Name     string  `arg:"name,alias=pkg,required" doc:"Package."`
	Question *string `arg:"question,alias=selection,alias=setting" doc:"Name of the setting."`
	Unseen   bool    `arg:"unseen,default=false" doc:"Do not mark the question as seen."`
	Value    *string `arg:"value,alias=answer" doc:"Answer."`
	VType    *string `arg:"vtype,choices=boolean|error|multiselect|note|password|seen|select|string|text|title" doc:"Type of the setting."`
}

var debconfDef = &Def{
	Name:             "ansible.builtin.debconf",
	Short:            "Configure a .deb package",
	Args:             func() any { return &debconfArgs{} },
	Run:              runDebconf,
	RequiredTogether: [][]string{{"question", "vtype", "value"}},
}

func runDebconf(c *Context, args any) *Result {
	a := args.(*debconfArgs)
	show, err := c.findProgram("debconf-show")
	if err != nil {
		return FailErr(err)
	}
	p, err := c.run([]string{show, a.Name}, &progOptions{Env: cLocale})
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return failedProgram(strings.TrimSpace(p.Stderr), p)
	}
	current := value.NewDict()
	for _, l := range strings.Split(p.Stdout, "\n") {
		k, v, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l), "*")), ":")
		if ok {
			current.Set(k, strings.TrimSpace(v))
		}
	}
	res := OK()
	if a.Question == nil {
		res.HasMsg = true
		return res.Set("current", current)
	}
	if a.VType == nil || a.Value == nil { // null counts as given
		return Fail("when supplying a question you must supply a valid vtype and value")
	}
	q, want := *a.Question, *a.Value
	if *a.VType == "boolean" {
		want = strings.ToLower(want)
		switch want {
		case "yes", "on", "1":
			want = "true"
		case "no", "off", "0":
			want = "false"
		}
	}
	old, had := value.Text(current.At(q))
	if *a.VType == "password" { // shown as omitted, so ask for it
		if exe, err := c.findProgram("debconf-communicate"); err == nil {
			if p, err := c.run([]string{exe, a.Name}, &progOptions{Stdin: []byte("GET " + q + "\n"), Env: cLocale}); err == nil {
				old, had = strings.CutPrefix(strings.TrimSpace(p.Stdout), "0 ")
			}
		}
	}
	same := had && old == want
	if *a.VType == "multiselect" {
		same = had && sameSet(old, want)
	}
	res.Changed = !same
	hide := func(s string) string {
		if *a.VType == "password" {
			return "<<REDACTED>>"
		}
		return s
	}
	prev := ""
	if had {
		prev = hide(old)
	}
	if res.Changed && !c.Check {
		set, err := c.findProgram("debconf-set-selections")
		if err != nil {
			return FailErr(err)
		}
		argv := []string{set}
		if a.Unseen {
			argv = append(argv, "-u")
		}
		line := fmt.Sprintf("%s %s %s %s\n", a.Name, q, *a.VType, want)
		p, err := c.run(argv, &progOptions{Stdin: []byte(line), Env: cLocale, Cancel: cancelFinish})
		if err != nil {
			return FailErr(err)
		}
		if p.RC != 0 {
			return failedProgram(strings.TrimSpace(p.Stderr), p)
		}
	}
	res.HasMsg = true
	if !res.Changed {
		return res.Set("current", current)
	}
	res.Set("current", value.DictOf(q, hide(want))).Set("previous", value.DictOf(q, prev))
	if c.Diff {
		res.AddDiff(Diff{Before: value.DictOf(q, prev), After: value.DictOf(q, hide(want))})
	}
	return res
}

func sameSet(a, b string) bool {
	set := func(s string) map[string]bool {
		m := map[string]bool{}
		for _, e := range strings.Split(s, ",") {
			if e = strings.TrimSpace(e); e != "" {
				m[e] = true
			}
		}
		return m
	}
	x, y := set(a), set(b)
	if len(x) != len(y) {
		return false
	}
	for k := range x {
		if !y[k] {
			return false
		}
	}
	return true
}

type dpkgSelectionsArgs struct {
	Name      string `arg:"name,required" doc:"Package."`
	Selection string `arg:"selection,required,choices=install|hold|deinstall|purge" doc:"Selection wanted."`
}

var dpkgSelectionsDef = &Def{
	Name:  "ansible.builtin.dpkg_selections",
	Short: "Dpkg package selection selections",
	Args:  func() any { return &dpkgSelectionsArgs{} },
	Run: func(c *Context, args any) *Result {
		a := args.(*dpkgSelectionsArgs)
		db, err := readDpkg()
		if err != nil {
			return FailErr(err)
		}
		p := db.find(a.Name)
		if p == nil || p.Want == "" || p.Want == "unknown" {
			return Fail("Failed to find package '%s' to perform selection '%s'.", a.Name, a.Selection)
		}
		res := Changed(p.Want != a.Selection).Set("before", p.Want).Set("after", a.Selection)
		if !res.Changed || c.Check {
			return res
		}
		dpkg, err := c.findProgram("dpkg")
		if err != nil {
			return FailErr(err)
		}
		out, err := c.run([]string{dpkg, "--set-selections"}, &progOptions{Stdin: []byte(a.Name + " " + a.Selection), Env: cLocale, Cancel: cancelFinish})
		if err != nil {
			return FailErr(err)
		}
		if out.RC != 0 {
			return failedProgram(strings.TrimSpace(out.Stderr), out)
		}
		return res
	},
}
