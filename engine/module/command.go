package module

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// The task's text and cmd both arrive as _raw_params.
type commandArgs struct {
	Raw        *string  `arg:"_raw_params"`
	UsesShell  bool     `arg:"_uses_shell,default=false"`
	Argv       []string `arg:"argv" doc:"The command as a list rather than text."`
	Chdir      *Path    `arg:"chdir" doc:"Folder to change into before running the command."`
	Executable *string  `arg:"executable" doc:"Shell to use (shell only)."`
	Expand     bool     `arg:"expand_argument_vars,default=true" doc:"Expand $NAME and ~ in the arguments (command only)."`
	Creates    *Path    `arg:"creates" doc:"File name or pattern; when it exists the command is not run."`
	Removes    *Path    `arg:"removes" doc:"File name or pattern; when it does not exist the command is not run."`
	Stdin      *string  `arg:"stdin" doc:"Text for the command's standard input."`
	AddNewline bool     `arg:"stdin_add_newline,default=true" doc:"Append a newline to stdin."`
	StripEnds  bool     `arg:"strip_empty_ends,default=true" doc:"Strip empty lines from the end of the output."`
}

var commandDef = &Def{
	Name:     "ansible.builtin.command",
	Short:    "Execute commands on targets",
	ShownAs:  "ansible.legacy.command",
	FreeForm: true,
	Args:     func() any { return &commandArgs{} },
	Run:      runCommand,
}

var shellDef = &Def{
	Name:     "ansible.builtin.shell",
	Short:    "Execute shell commands on targets",
	ShownAs:  "ansible.legacy.command",
	FreeForm: true,
	Args:     func() any { return &commandArgs{} },
	Run: func(c *Context, a any) *Result {
		a.(*commandArgs).UsesShell = true
		c.setParam("_uses_shell", true)
		return runCommand(c, a)
	},
}

func runCommand(c *Context, a any) *Result {
	p := a.(*commandArgs)
	r := OK().Set("cmd", nil).Set("stdout", "").Set("stderr", "").Set("rc", nil).
		Set("start", nil).Set("end", nil).Set("delta", nil)
	r.HasMsg = true
	fail := func(rc value.Value, msg string) *Result {
		r.Failed, r.Msg = true, msg
		return r.Set("rc", rc)
	}
	raw := ""
	if p.Raw != nil {
		raw = *p.Raw
	}
	if p.Executable != nil && !p.UsesShell {
		c.warn(fmt.Sprintf("As of Ansible 2.4, the parameter 'executable' is no longer supported with the 'command' module. Not using '%s'.", *p.Executable))
	}
	if strings.TrimSpace(raw) == "" && len(p.Argv) == 0 {
		return fail(256, "no command given")
	}
	if raw != "" && len(p.Argv) > 0 {
		return fail(256, "only command or argv can be given, not both")
	}
	argv := p.Argv
	var shown value.Value
	switch {
	case p.UsesShell:
		sh := "/bin/sh"
		if p.Executable != nil {
			sh = *p.Executable
		}
		shown = raw
		if len(p.Argv) > 0 {
			raw, shown = shellWords(p.Argv), value.From(p.Argv)
		}
		argv = []string{sh, "-c", raw}
	case raw != "":
		var err error
		if argv, err = shlexSplit(raw); err != nil {
			return fail(256, fmt.Sprintf("the command cannot be split into words: %s", err))
		}
		if len(argv) == 0 {
			return fail(256, "no command given")
		}
		shown = value.From(argv)
	default:
		shown = value.From(argv)
	}
	r.Set("cmd", shown)
	dir := ""
	if p.Chdir != nil {
		dir = string(*p.Chdir)
		fi, err := os.Stat(dir)
		if err == nil && !fi.IsDir() {
			err = syscall.ENOTDIR
		}
		if err != nil {
			return fail(nil, "Unable to change directory before execution: "+pyErrorB(err, dir))
		}
	}
	would := "Did not"
	if c.Check {
		would = "Would not"
	}
	if p.Creates != nil && globAny(c.absolute(dir), string(*p.Creates)) {
		return r.WithMsg(fmt.Sprintf("%s run command since '%s' exists", would, *p.Creates)).
			Set("stdout", fmt.Sprintf("skipped, since %s exists", *p.Creates)).Set("rc", 0)
	}
	if p.Removes != nil && !globAny(c.absolute(dir), string(*p.Removes)) {
		return r.WithMsg(fmt.Sprintf("%s run command since '%s' does not exist", would, *p.Removes)).
			Set("stdout", fmt.Sprintf("skipped, since %s does not exist", *p.Removes)).Set("rc", 0)
	}
	if c.Check {
		r.Msg = "Command would have run if not in check mode"
		if p.Creates == nil && p.Removes == nil {
			r.Skipped = true
		} else {
			r.Changed = true
		}
		return r.Set("rc", 0)
	}
	if !p.UsesShell && p.Expand {
		expanded := make([]string, len(argv))
		for i, w := range argv {
			expanded[i] = ExpandPath(w, c.Getenv)
		}
		argv = expanded
	}
	o := &progOptions{Dir: dir}
	if p.Stdin != nil {
		text := *p.Stdin
		if p.AddNewline && text != "" {
			text += "\n"
		}
		o.Stdin = []byte(text)
	}
	zone, start := c.zone(), time.Now()
	res, err := c.run(argv, o)
	end := time.Now()
	if err != nil {
		return FailErr(err)
	}
	r.Changed = true
	out, errText := res.Stdout, res.Stderr
	if p.StripEnds {
		out, errText = strings.TrimRight(out, "\r\n"), strings.TrimRight(errText, "\r\n")
	}
	const stamp = "2006-01-02 15:04:05.000000"
	r.Set("stdout", out).Set("stderr", errText).Set("rc", res.RC)
	r.Set("start", start.In(zone).Format(stamp)).Set("end", end.In(zone).Format(stamp)).Set("delta", pyDelta(end.Sub(start)))
	if res.RC != 0 {
		r.Failed, r.Msg = true, "non-zero return code"
	}
	return r
}

// pyDelta prints a duration as Python's str(timedelta).
func pyDelta(d time.Duration) string {
	us := d.Microseconds()
	s := us / 1e6
	t := fmt.Sprintf("%d:%02d:%02d", s/3600%24, s/60%60, s%60)
	if f := us % 1e6; f != 0 {
		t += fmt.Sprintf(".%06d", f)
	}
	if days := s / 86400; days > 0 {
		unit := "days"
		if days == 1 {
			unit = "day"
		}
		t = fmt.Sprintf("%d %s, %s", days, unit, t)
	}
	return t
}
