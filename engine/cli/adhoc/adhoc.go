// Package adhoc is the command line of `ansible`: one task on the hosts of a
// pattern.
//
// It imports engine and what engine is made of; cmd/goplay calls it.
package adhoc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/goplay-engine/goplay/engine"
	"github.com/goplay-engine/goplay/engine/cli/common"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/inventory"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/report"
	"github.com/goplay-engine/goplay/engine/run"
	"github.com/goplay-engine/goplay/engine/value"
)

const description = "Define and run a single task 'playbook' against a set of hosts"

type flags struct {
	common.Flags
	module, args, tree string
	oneLine            bool
	background, poll   int
	taskTimeout        int
	dir                string
}

// Main runs the command and returns the process's exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, prog string) int {
	fs := pflag.NewFlagSet(prog, pflag.ContinueOnError)
	f := &flags{}
	f.Register(fs)
	fs.StringVarP(&f.module, "module-name", "m", "", "name of the action to execute (default: module_name of ansible.cfg, else command)")
	fs.StringVarP(&f.args, "args", "a", "", "the action's options in space separated k=v format, or as JSON")
	fs.BoolVarP(&f.oneLine, "one-line", "o", false, "condense output")
	fs.StringVarP(&f.tree, "tree", "t", "", "log output to this directory")
	fs.IntVarP(&f.background, "background", "B", 0, "run asynchronously, failing after X seconds")
	fs.IntVarP(&f.poll, "poll", "P", -1, "set the poll interval if using -B")
	fs.IntVar(&f.taskTimeout, "task-timeout", 0, "set task timeout limit in seconds")
	fs.StringVar(&f.dir, "playbook-dir", "", "stands for the folder of the playbook that ad hoc commands do not have")
	const usage = "pattern"
	if done, code := f.Parse(fs, prog, usage, description, args, stdout, stderr); done {
		return code
	}
	if fs.NArg() == 0 {
		return common.UsageError(stderr, prog, usage, errors.New("the following arguments are required: pattern"))
	}
	if fs.NArg() > 1 {
		return common.UsageError(stderr, prog, usage, fmt.Errorf("unrecognized arguments: %s", strings.Join(fs.Args()[1:], " ")))
	}
	return f.run(prog, fs.Arg(0), stdin, stdout, stderr)
}

func (f *flags) run(prog, pattern string, stdin io.Reader, stdout, stderr io.Writer) int {
	f.PlaybookDir = f.dir
	if f.PlaybookDir == "" {
		f.PlaybookDir = f.Config().Str("PLAYBOOK_DIR")
	}
	if f.args == "" {
		f.args = f.Config().Str("DEFAULT_MODULE_ARGS")
	}
	if f.module == "" {
		f.module = f.Config().Str("DEFAULT_MODULE_NAME")
	}
	if f.args == "" && !f.ListHosts && needsArgs(f.module) {
		return common.Fail(stderr, fmt.Errorf("No argument passed to %s module", f.module), engine.ExitUsage)
	}
	o, code := f.Options(stdin, stdout, stderr)
	if code != 0 {
		return code
	}
	if !f.ListHosts {
		if code := f.AskPasswords(&o, stdin, stdout, stderr); code != 0 {
			return code
		}
	}
	late := &lateSink{}
	o.Sink = late
	s, err := engine.NewSetup(o)
	if err != nil {
		return common.Fail(stderr, err, engine.ExitCode(err))
	}
	defer s.Close()
	to, err := f.report(s)
	if err != nil {
		return common.FailOn(s.Screen, err, run.ExitError)
	}
	late.open(to)
	f.SayConfig(s, prog)
	if err := s.CheckHosts(pattern); err != nil {
		return common.FailOn(s.Screen, err, run.ExitError)
	}
	hosts, err := s.Inv.Match(pattern, o.Limit)
	if err != nil && !errors.As(err, new(*inventory.SubscriptError)) { // which is an error of plays alone
		return common.FailOn(s.Screen, err, run.ExitError)
	}
	if len(hosts) == 0 && len(s.Inv.AllHosts()) > 0 {
		s.Screen.Warn("No hosts matched, nothing to do", false)
	}
	if f.ListHosts {
		fmt.Fprintf(stdout, "  hosts (%d):\n", len(hosts))
		for _, h := range hosts {
			fmt.Fprintf(stdout, "    %s\n", h.Name)
		}
		return 0
	}
	if len(hosts) == 0 {
		return 0
	}
	book, err := f.book(s, pattern)
	if err != nil {
		return common.FailOn(s.Screen, err, engine.ExitCode(err))
	}
	ctx, stop := common.Interruptible()
	defer stop()
	sum, err := s.RunBooks(ctx, []*playbook.Playbook{book})
	if err != nil {
		if errors.Is(err, context.Canceled) {
			s.Screen.PrintErr("[ERROR]: User interrupted execution", "error")
			return run.ExitInterrupted
		}
		return common.FailOn(s.Screen, err, sum.Exit)
	}
	return sum.Exit
}

// lateSink holds the place of the report until the set-up has made the screen.
type lateSink struct {
	to   event.Sink
	held []event.Event
}

func (l *lateSink) Event(e event.Event) {
	if l.to == nil {
		l.held = append(l.held, e)
		return
	}
	l.to.Event(e)
}

// open passes on what was held, and everything from now on.
func (l *lateSink) open(to event.Sink) {
	l.to = to
	for _, e := range l.held {
		to.Event(e)
	}
	l.held = nil
}

// report says which outputs the command has.
func (f *flags) report(s *engine.Setup) (event.Sink, error) {
	o := report.Options{Stdout: "minimal", Dir: f.tree}
	extra := s.Config.Bool("DEFAULT_LOAD_CALLBACK_PLUGINS")
	switch {
	case f.oneLine:
		o.Stdout = "oneline"
	case extra && s.Config.StdoutCallback() != "default":
		o.Stdout = s.Config.StdoutCallback()
	}
	if extra {
		o.Enabled = s.Config.CallbacksEnabled()
	}
	if f.tree != "" {
		o.Enabled = append(o.Enabled, "tree")
	}
	return s.Report(o)
}

// book makes the playbook that holds the one task.
func (f *flags) book(s *engine.Setup, pattern string) (*playbook.Playbook, error) {
	task := value.NewDict()
	args := strings.TrimSpace(f.args)
	if strings.HasPrefix(args, "{") && strings.HasSuffix(args, "}") {
		v, err := value.ParseJSON([]byte(args))
		d, ok := v.(*value.Dict)
		if err != nil || !ok {
			return nil, fmt.Errorf("the action's options are no valid JSON: %v", err)
		}
		a := value.DictOf("module", f.module)
		a.Update(d)
		task.Set("action", a)
	} else {
		task.Set(f.module, f.args)
	}
	if f.background > 0 {
		poll := f.poll
		if poll < 0 {
			poll = int(s.Config.PollInterval().Seconds())
		}
		task.Set("async", int64(f.background))
		task.Set("poll", int64(poll))
	}
	if f.taskTimeout > 0 {
		task.Set("timeout", int64(f.taskTimeout))
	}
	return s.Loader.AdHoc(pattern, task, f.dir)
}

func needsArgs(m string) bool {
	switch strings.TrimPrefix(strings.TrimPrefix(m, "ansible.builtin."), "ansible.legacy.") {
	case "command", "shell", "raw", "script", "win_command", "win_shell":
		return true
	}
	return false
}
