package run

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// ErrQuit is how a run ends that the person at the debugger has left.
var ErrQuit = errors.New("User interrupted execution")

// lineReader is what the debugger needs of Options.Input: a line from standard
// input, terminal or not. io.EOF ends the dialogue.
type lineReader interface {
	Line(ctx context.Context, prompt string) (string, error)
}

// wantsDebugger tells whether the task's end calls for the debugger: by the
// keyword, by the strategy debug or by the setting.
func (tr *taskRun) wantsDebugger(o *outcome) bool {
	if o.fatal != nil || len(o.includes) > 0 && o.status == event.OK {
		return false
	}
	kw := keywords{t: tr.t, node: tr.task}
	failed := o.status == event.Failed && !(o.ignored && tr.r.o.DebuggerIgnoresErrors)
	switch s, _ := kw.text(playbook.KeyDebugger); s {
	case "always":
		return true
	case "never":
		return false
	case "on_failed":
		return failed
	case "on_unreachable":
		return o.status == event.Unreachable
	case "on_skipped":
		return o.status == event.Skipped
	}
	return (tr.ps.strategy == "debug" || tr.r.o.Debugger) && (failed || o.status == event.Unreachable)
}

// checkDebugger refuses values that the keyword debugger does not have.
func (tr *taskRun) checkDebugger(kw *keywords) {
	switch s, ok := kw.text(playbook.KeyDebugger); s {
	case "always", "never", "on_failed", "on_unreachable", "on_skipped":
	default:
		if ok {
			kw.fail(fmt.Errorf("'%s' is not a valid value for debugger. Must be one of on_unreachable, on_failed, on_skipped, never, always%s", s, tr.place(nil)))
		}
	}
}

type debugEnd int

const (
	debugContinue debugEnd = iota
	debugRedo
	debugQuit
)

// debugger is one dialogue about the end of a task on a host.
type debugger struct {
	tr     *taskRun
	o      *outcome
	task   *playbook.Task // as it will run again
	over   *value.Dict    // what was assigned to task_vars
	locals *value.Dict    // other names that were assigned
	last   string
}

// debug talks with the person until the task's end is accepted; what counts is
// the outcome of the last run of the task.
func (tr *taskRun) debug(ctx context.Context) *outcome {
	o := tr.out
	if tr.turn != nil && tr.wantsDebugger(o) {
		tr.turn() // results of hosts before this one are shown first
	}
	tr.ps.dialogue.Lock()
	defer tr.ps.dialogue.Unlock()
	for ctx.Err() == nil && tr.wantsDebugger(o) {
		d := &debugger{tr: tr, o: o, task: tr.task.Copy(), over: tr.over.Clone(), locals: value.NewDict()}
		switch d.loop(ctx) {
		case debugQuit:
			o.fatal = ErrQuit
			return o
		case debugContinue:
			return o
		}
		again := tr.ps.newTaskRun(tr.h, d.task, tr.ev, tr.emit)
		again.over = d.over
		again.view = again.view.Local(d.over)
		again.t = again.templar(again.view)
		tr = again
		o = tr.finish(ctx)
	}
	return o
}

// loop reads and executes commands.
func (d *debugger) loop(ctx context.Context) debugEnd {
	in, ok := d.tr.r.o.Input.(lineReader)
	prompt := fmt.Sprintf("[%s] %s (debug)> ", d.tr.h.name, d.tr.describe())
	for {
		line, err := "EOF", error(nil)
		if ok {
			if line, err = in.Line(ctx, prompt); err != nil {
				line = "EOF"
			}
		}
		if ctx.Err() != nil {
			return debugContinue
		}
		if line = strings.TrimSpace(line); line == "" {
			line = d.last // an empty line repeats the command before it
		}
		d.last = line
		if end, ended := d.command(line); ended {
			return end
		}
	}
}

var firstWord = regexp.MustCompile(`^\w+`)

// command executes one line.
func (d *debugger) command(line string) (end debugEnd, ended bool) {
	if rest, ok := strings.CutPrefix(line, "?"); ok {
		line = "help " + rest
	}
	word := firstWord.FindString(line)
	arg := strings.TrimSpace(line[len(word):])
	switch word {
	case "":
		if line != "" {
			d.problem("SyntaxError", "invalid syntax: "+line)
		}
	case "p", "pprint":
		d.print(arg)
	case "u", "update_task":
		d.update()
	case "r", "redo":
		return debugRedo, true
	case "c", "continue":
		return debugContinue, true
	case "q", "quit", "EOF":
		d.say(ErrQuit.Error())
		return debugQuit, true
	case "h", "help":
		d.help(arg)
	default:
		d.statement(line)
	}
	return 0, false
}

func (d *debugger) say(text string) { d.tr.emit(event.Message{Text: text}) }

func (d *debugger) problem(kind, text string) {
	d.say("***" + kind + ":" + kind + "(" + value.Repr(text) + ")")
}

var debugHelp = map[string]string{
	"p": "Pretty Print", "u": "Recreate the task from ``task._ds``, and template with updated ``task_vars``",
	"r": "Schedule task for re-execution. The re-execution may not be the next result", "c": "Continue to next result",
	"q": "Quit", "h": `List available commands with "help" or detailed help with "help cmd".`,
}

func (d *debugger) help(about string) {
	if about == "" {
		d.say("\nDocumented commands (type help <topic>):\n========================================\nEOF  c  continue  h  help  p  pprint  q  quit  r  redo  u  update_task\n\n")
		return
	}
	long := map[string]string{"pprint": "p", "update_task": "u", "redo": "r", "continue": "c", "quit": "q", "EOF": "q", "help": "h"}
	key := about
	if s, ok := long[about]; ok {
		key = s
	}
	if text, ok := debugHelp[key]; ok {
		d.say(text)
		return
	}
	d.say("*** No help on " + about)
}

// update renders the task's arguments with the variables as they are now.
func (d *debugger) update() {
	fresh := d.tr.task.Copy()
	view := d.tr.view.Local(d.over)
	args := value.NewDict()
	t := d.tr.templar(view)
	for k, v := range fresh.Args.All() {
		r, err := t.Render(v, fresh.Args.PosOf(value.Str(k)))
		if err != nil {
			var te *templar.Error
			if errors.As(err, &te) && te.IsUndefined {
				d.problem("AnsibleUndefinedVariable", twice(err.Error()))
			} else {
				d.problem("AnsibleError", err.Error())
			}
			return
		}
		args.Set(k, r)
	}
	fresh.Args = args
	d.task = fresh
}
