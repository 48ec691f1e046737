package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vars"
)

// once executes the task without its loop, or for one item of it.
func (tr *taskRun) once(ctx context.Context, view *vars.View, t *templar.Templar, loopErr error) *execution {
	x := &execution{}
	kw := keywords{t: t, node: tr.task}
	x.noLog = kw.boolean(playbook.KeyNoLog, tr.r.o.NoLog) || kw.err != nil // rather hide too much
	set := tr.settings(&kw)
	x.delegate, tr.delegate = set.delegate, set.delegate
	x.delegateFacts = set.delegateFacts
	fieldErr := kw.err
	if f := (*fieldError)(nil); errors.As(fieldErr, &f) && f.field == "delegate_to" {
		x.delegate = value.Str(playbook.Get(tr.task, playbook.KeyDelegateTo).Val) // shown as written
	}
	if errors.As(fieldErr, new(*noHostError)) { // that comes before any condition
		return tr.merge(x, tr.aborted(fieldErr))
	}
	if set.delegate != "" {
		view = view.Local(value.DictOf("ansible_delegated_vars", value.DictOf(set.delegate, tr.r.o.Store.DelegatedVars(set.delegate, tr.h.name))))
		t = tr.templar(view)
	}

	ok, falseCond, err := tr.conditions(t)
	if err != nil {
		if loopErr != nil { // the condition may have wanted the item
			return tr.merge(x, tr.loopFailure(loopErr))
		}
		var ce *conditionError
		if errors.As(err, &ce) {
			ce.place = tr.place(err)
		}
		return tr.merge(x, tr.aborted(err))
	}
	if !ok {
		x.status = event.Skipped
		x.dict = value.DictOf("changed", false, "skipped", true, "skip_reason", "Conditional result was False", "false_condition", falseCond)
		x.delegate = ""
		return x
	}
	if loopErr != nil {
		return tr.merge(x, tr.loopFailure(loopErr))
	}
	if fieldErr != nil {
		return tr.merge(x, tr.aborted(fieldErr))
	}
	switch tr.task.Kind {
	case playbook.IncludeTasks, playbook.IncludeRole:
		return tr.merge(x, tr.include(view, t))
	}
	if x.notify, err = tr.notifyNames(t); err != nil {
		return tr.merge(x, tr.aborted(err))
	}
	if set.timeout > 0 {
		var cancel context.CancelFunc
		limited, cancel := context.WithTimeout(ctx, time.Duration(set.timeout*float64(time.Second)))
		defer cancel()
		y := tr.attempt(limited, view, t, set, x)
		if limited.Err() == context.DeadlineExceeded && ctx.Err() == nil {
			y.status = event.Failed
			y.dict = value.DictOf("failed", true, "changed", false, "msg", fmt.Sprintf("The %s action failed to execute in the expected time frame (%d) and was terminated", tr.task.Action, int(set.timeout)),
				"timedout", value.DictOf("period", int64(set.timeout)))
		}
		return y
	}
	return tr.attempt(ctx, view, t, set, x)
}

// noHostError is a delegate_to that came to nothing.
type noHostError struct{ raw string }

func (e *noHostError) Error() string {
	return "Empty hostname produced from delegate_to: \"" + e.raw + "\""
}

// aborted is failure for errors that end a loop at once.
func (tr *taskRun) aborted(err error) *execution {
	x := tr.failure(err)
	x.abort = true
	return x
}

// loopFailure words an error in the loop's expression: without the place.
func (tr *taskRun) loopFailure(err error) *execution {
	var te *templar.Error
	if errors.As(err, &te) && te.IsUndefined {
		err = errors.New(twice(te.Error()))
	}
	return tr.failure(err)
}

// merge gives a failed or finished execution the traits worked out before.
func (tr *taskRun) merge(x, y *execution) *execution {
	y.noLog, y.delegate, y.delegateFacts, y.notify = x.noLog, x.delegate, x.delegateFacts, x.notify
	return y
}

// conditions tests `when`; falseCond is the one that did not hold.
func (tr *taskRun) conditions(t *templar.Templar) (ok bool, falseCond value.Value, err error) {
	return testAll(t, playbook.Conditions(tr.task), tr)
}

func testAll(t *templar.Templar, conds []playbook.Field, tr *taskRun) (bool, value.Value, error) {
	for _, c := range conds {
		if text, ok := value.Text(c.Val); ok {
			if w := templar.CondWarning(text); w != "" {
				tr.emit(event.Warning{Msg: w})
			}
		}
		ok, err := t.Cond(c.Val, c.Pos)
		if err != nil {
			return false, nil, &conditionError{cond: value.Str(c.Val), err: err}
		}
		if !ok {
			return false, c.Val, nil
		}
	}
	return true, nil, nil
}

// conditionError is a condition that could not be evaluated.
type conditionError struct {
	cond, place string
	err         error
}

func (e *conditionError) Error() string {
	msg := e.err.Error()
	var te *templar.Error
	if errors.As(e.err, &te) && te.IsUndefined {
		msg = fmt.Sprintf("error while evaluating conditional (%s): %s", e.cond, twice(msg))
	}
	return fmt.Sprintf("The conditional check '%s' failed. The error was: %s%s", e.cond, msg, e.place)
}
func (e *conditionError) Unwrap() error { return e.err }

// settings are the rendered keywords of one execution.
type settings struct {
	check, diff   bool
	async, poll   int
	retries       int // attempts after the first; negative: until holds
	delay         float64
	timeout       float64
	delegate      string
	delegateFacts bool
	env           []string
	attempts      bool // more than one is possible, so they are counted
}

func (tr *taskRun) settings(kw *keywords) settings {
	s := settings{
		check:         kw.boolean(playbook.KeyCheckMode, tr.r.o.Check),
		diff:          kw.boolean(playbook.KeyDiff, tr.r.o.Diff),
		async:         int(kw.number(playbook.KeyAsync, 0)),
		poll:          int(kw.number(playbook.KeyPoll, float64(tr.r.o.PollInterval))),
		delay:         kw.number(playbook.KeyDelay, 5),
		timeout:       kw.number(playbook.KeyTimeout, float64(tr.r.o.TaskTimeout)),
		delegateFacts: kw.boolean(playbook.KeyDelegateFacts, false),
		retries:       -1,
	}
	until := playbook.Get(tr.task, playbook.KeyUntil)
	if until.Set {
		s.retries = 3
	}
	if v, ok := kw.get(playbook.KeyRetries); ok && v != nil {
		s.retries = max(int(kw.number(playbook.KeyRetries, 3)), 0)
	}
	raw := value.Str(playbook.Get(tr.task, playbook.KeyDelegateTo).Val)
	if d, ok := kw.text(playbook.KeyDelegateTo); ok {
		s.delegate = d
		if d == "" && raw != "" {
			kw.fail(&noHostError{raw})
		}
	}
	s.env = tr.environment(kw)
	kw.check(tr.r)
	tr.checkDebugger(kw)
	return s
}

// environment merges the environments of all levels, innermost last.
func (tr *taskRun) environment(kw *keywords) []string {
	all := playbook.All(tr.task, playbook.KeyEnvironment)
	if len(all) == 0 {
		return tr.r.o.Environment
	}
	env := value.NewDict()
	for _, level := range all {
		for _, f := range playbook.Items(level) {
			v, err := kw.t.Render(f.Val, f.Pos)
			if d, ok := f.Val.(*value.Dict); ok && err != nil && gathers(tr.task.Resolved) {
				v, err = renderable(kw.t, d), nil // facts that are wanted here are about to be gathered
			}
			if err != nil {
				var te *templar.Error
				if errors.As(err, &te) && te.IsUndefined {
					if gathers(tr.task.Resolved) && (strings.Contains(err.Error(), "ansible_env") || strings.Contains(err.Error(), "'env'")) {
						continue // the facts that are wanted here are about to be gathered
					}
					err = &fieldError{field: "environment", err: err}
				}
				kw.fail(err)
				continue
			}
			if isOmit(kw.t, v) || v == nil || value.Str(v) == "" {
				continue
			}
			d, ok := v.(*value.Dict)
			if !ok {
				whole, _ := tr.ps.magic(tr.task, tr.h)("environment")
				tr.emit(event.Warning{Msg: "could not parse environment value, skipping: " + value.Repr(whole)})
				continue
			}
			env.Update(d)
		}
	}
	out := append([]string(nil), tr.r.o.Environment...)
	for k, v := range env.All() {
		if isOmit(kw.t, v) {
			continue
		}
		out = append(out, value.Str(k)+"="+value.Str(v))
	}
	return out
}

// renderable returns the entries of a dictionary that can be rendered.
func renderable(t *templar.Templar, d *value.Dict) *value.Dict {
	out := value.NewDict()
	for k, v := range d.All() {
		if r, err := t.Render(v, d.PosOf(value.Str(k))); err == nil {
			out.Set(k, r)
		}
	}
	return out
}

// gathers tells whether a module gathers facts.
func gathers(name string) bool {
	return name == "ansible.builtin.gather_facts" || name == "ansible.builtin.setup"
}

// act renders the arguments and runs the action.
func (tr *taskRun) act(ctx context.Context, view *vars.View, t *templar.Templar, s settings, x *execution, n int) (*value.Dict, error) {
	name := tr.task.Resolved
	if isTemplate(name) {
		v, err := t.Render(tr.task.Action, tr.task.Pos)
		if err != nil {
			return nil, err
		}
		task, own := *tr.task, *tr
		task.Action = value.Str(v)
		var ok bool
		if task.Resolved, ok = tr.r.o.Loader.Resolve(task.Action, tr.task); !ok {
			return nil, fmt.Errorf("couldn't resolve module/action '%s'. This often indicates a misspelling, missing collection, or incorrect module path.", task.Action)
		}
		task.Short = playbook.ShortAction(task.Resolved)
		own.task = &task
		tr, name = &own, task.Resolved
	}
	def, native := action.Lookup(name)
	c := &action.Context{Context: ctx, Action: tr.task.Action, Name: name, ArgsPos: tr.task.ArgsPos, Templar: t,
		Find: tr.ps.finder(tr.task), ReadFile: tr.r.o.ReadFile, Input: tr.r.o.Input,
		SearchPath: func(kind string) []string { return tr.ps.searchStack(tr.task) }}
	args, err := tr.arguments(t, native && def.RawArgs)
	if err != nil {
		return nil, err
	}
	c.Args = args
	c.OpenVault = tr.r.o.OpenVault
	c.Native = tr.r.o.Native
	c.FactsModules = tr.r.o.FactsModules
	c.TaskName = tr.ev.Name
	c.Say = func(text string) { tr.emit(event.Message{Text: text}) }
	c.Task = action.Task{Check: s.check, Diff: s.diff, NoLog: x.noLog, Verbosity: tr.r.o.Verbosity, Async: s.async, Poll: s.poll,
		Env: s.env, Delegate: s.delegate, Attempt: n}
	c.Warn = func(msg string) { tr.emit(event.Warning{Msg: msg}) }
	c.Run = &runView{tr: tr}
	c.Defaults = otherDefaults{tr: tr, t: t}
	wire := &wiring{tr: tr, view: view, t: t, s: s, c: c, x: x}
	c.Host = action.Host{Name: tr.h.name}
	if !native || !def.NoHost {
		if err := wire.target(); err != nil {
			return nil, err
		}
	}
	wire.connect()
	if native {
		if s.check && def.NoCheck {
			return value.DictOf("changed", false, "skipped", true, "msg", fmt.Sprintf("This action (%s) does not support check mode.", tr.task.Action)), nil
		}
		if s.async > 0 && !def.Async && def.NoHost {
			return nil, fmt.Errorf("This action (%s) does not support async.", tr.task.Action)
		}
		d, err := def.Run(c)
		if d == nil && err == nil {
			d = value.NewDict()
		}
		if te := (*templar.Error)(nil); err != nil && def.NoHost && !def.BareErrors && !errors.As(err, &te) {
			err = &actionError{err}
		}
		tr.effects(c, d, x)
		return d, err
	}
	if tr.r.o.PyAction != nil {
		if d, ok, err := tr.r.o.PyAction(c, name); ok {
			tr.effects(c, d, x)
			return d, err
		}
	}
	d, err := c.Module(name, args, nil)
	if d != nil {
		if name == "ansible.builtin.setup" {
			d.Set("_ansible_verbose_override", true) // nobody wants to read all facts
		}
		tr.effects(c, d, x)
	}
	return d, err
}
