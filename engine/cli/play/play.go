// Package play is the command line of ansible-playbook: flags, prompts for
// passwords, the --list forms, and the run.
//
// It imports engine and what engine is made of; cmd/goplay calls it.
package play

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/goplay-engine/goplay/engine"
	"github.com/goplay-engine/goplay/engine/cli/common"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/run"
	"github.com/goplay-engine/goplay/engine/value"
)

const description = "Runs Ansible playbooks, executing the defined tasks on the targeted hosts."

// flags of ansible-playbook beyond the common ones.
type flags struct {
	prog string
	common.Flags
	listTasks, listTags, syntaxCheck bool
	step, flush, forceHandlers       bool
	startAt                          string
	tags, skipTags                   []string
}

// Main runs the command and returns the process's exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, prog string) int {
	fs := pflag.NewFlagSet(prog, pflag.ContinueOnError)
	f := &flags{}
	f.prog = prog
	f.Register(fs)
	fs.BoolVar(&f.listTasks, "list-tasks", false, "list all tasks that would be executed")
	fs.BoolVar(&f.listTags, "list-tags", false, "list all available tags")
	fs.BoolVar(&f.syntaxCheck, "syntax-check", false, "perform a syntax check on the playbook, but do not execute it")
	fs.BoolVar(&f.step, "step", false, "one-step-at-a-time: confirm each task before running")
	fs.StringVar(&f.startAt, "start-at-task", "", "start the playbook at the task matching this name")
	fs.StringArrayVarP(&f.tags, "tags", "t", nil, "only run plays and tasks tagged with these values")
	fs.StringArrayVar(&f.skipTags, "skip-tags", nil, "only run plays and tasks whose tags do not match these values")
	fs.BoolVar(&f.flush, "flush-cache", false, "clear the fact cache for every host in inventory")
	fs.BoolVar(&f.forceHandlers, "force-handlers", false, "run handlers even if a task fails")
	usage := "playbook [playbook ...]"
	if done, code := f.Parse(fs, prog, usage, description, args, stdout, stderr); done {
		return code
	}
	books := fs.Args()
	if len(books) == 0 {
		return common.UsageError(stderr, prog, usage, errors.New("the following arguments are required: playbook"))
	}
	return f.run(books, stdin, stdout, stderr)
}

func (f *flags) run(books []string, stdin io.Reader, stdout, stderr io.Writer) int {
	for _, b := range books {
		if _, err := os.Stat(b); err != nil && strings.Count(b, ".") < 2 {
			return common.Fail(stderr, fmt.Errorf("the playbook: %s could not be found", b), run.ExitError)
		} else if fi, err := os.Stat(b); err == nil && !fi.Mode().IsRegular() && fi.Mode()&os.ModeNamedPipe == 0 {
			return common.Fail(stderr, fmt.Errorf("the playbook: %s does not appear to be a file", b), run.ExitError)
		}
	}
	o, code := f.Options(stdin, stdout, stderr)
	if code != 0 {
		return code
	}
	o.Playbooks = books
	o.Tags, o.SkipTags = splitTags(f.tags), splitTags(f.skipTags)
	o.StartAt, o.Step, o.ForceHandlers, o.FlushCache = f.startAt, f.step, f.forceHandlers, f.flush
	listing := f.ListHosts || f.listTasks || f.listTags || f.syntaxCheck
	if !listing {
		if code := f.AskPasswords(&o, stdin, stdout, stderr); code != 0 {
			return code
		}
	}
	s, err := engine.NewSetup(o)
	if err != nil {
		return common.Fail(stderr, err, engine.ExitCode(err))
	}
	defer s.Close()
	f.SayConfig(s, f.prog)
	if err := s.CheckHosts("all"); err != nil {
		return common.FailOn(s.Screen, err, run.ExitError)
	}
	all, err := s.Books()
	if err != nil {
		return common.FailOn(s.Screen, err, engine.ExitCode(err))
	}
	if listing {
		return f.list(s, all, stdout)
	}
	ctx, stop := common.Interruptible()
	defer stop()
	sum, err := s.RunBooks(ctx, all)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			s.Screen.PrintErr("[ERROR]: User interrupted execution", "error")
			return run.ExitInterrupted
		}
		return common.FailOn(s.Screen, err, sum.Exit)
	}
	return sum.Exit
}

// splitTags takes comma-separated tags apart.
func splitTags(args []string) []string {
	var out []string
	for _, a := range args {
		for _, t := range strings.Split(a, ",") {
			if t = strings.TrimSpace(t); t != "" {
				out = append(out, t)
			}
		}
	}
	return out
}

// list prints what --list-hosts, --list-tasks, --list-tags and --syntax-check ask for.
func (f *flags) list(s *engine.Setup, books []*playbook.Playbook, stdout io.Writer) int {
	err := playbook.List(stdout, books, playbook.ListOptions{Hosts: f.ListHosts, Tasks: f.listTasks, Tags: f.listTags,
		Only: splitTags(f.tags), Skip: splitTags(f.skipTags), HostsOf: s.HostsOf,
		Render: func(p *playbook.Play, fd playbook.Field) (value.Value, error) { return s.RenderPlay(p, fd) }})
	if err != nil {
		return common.FailOn(s.Screen, err, engine.ExitCode(err))
	}
	return 0
}
