package run

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// gatherTask is the implicit first task of a play, nil where none is wanted.
func (ps *playState) gatherTask() *playbook.Task {
	kw := keywords{t: ps.playTemplar(""), node: ps.play}
	f := ps.play.Get(playbook.KeyGatherFacts)
	want := kw.boolean(playbook.KeyGatherFacts, true)
	switch ps.r.o.Gathering {
	case "explicit":
		want = f.Set && want
	}
	if !want {
		return nil
	}
	args := value.NewDict()
	set := func(key string, k playbook.Key, def value.Value) {
		if f := ps.play.Get(k); f.Set {
			args.Set(key, f.Val)
			args.SetPos(key, f.Pos)
		} else if def != nil {
			args.Set(key, def)
		}
	}
	set("gather_subset", playbook.KeyGatherSubset, ps.r.o.GatherSubset)
	var timeout value.Value
	if ps.r.o.GatherTimeout > 0 {
		timeout = int64(ps.r.o.GatherTimeout)
	}
	set("gather_timeout", playbook.KeyGatherTimeout, timeout)
	var factPath value.Value
	if ps.r.o.FactPath != "" {
		factPath = ps.r.o.FactPath
	}
	set("fact_path", playbook.KeyFactPath, factPath)
	t := ps.implicit("Gathering Facts", "gather_facts", args)
	// a play with tags of its own gathers only where they are selected
	if f := ps.play.Get(playbook.KeyTags); !f.Set || !value.Truth(f.Val) {
		t.SetOwn(playbook.KeyTags, value.NewList("always"))
	}
	return t
}

// loadFacts takes over what the fact cache knows of the play's hosts.
func (ps *playState) loadFacts() {
	if ps.r.o.FactCache == nil {
		return
	}
	for _, h := range ps.all {
		st := ps.r.o.Store.Host(h)
		if st.Facts().Len() > 0 {
			continue
		}
		if f, ok := ps.r.o.FactCache.Get(h); ok {
			st.SetFacts(f)
			ps.r.gathered[h] = ps.r.gathered[h] || f.Has("module_setup")
		}
	}
}

// startsAt tests whether a host begins here by --start-at-task.
func (ps *playState) startsAt(h *hostRun, t *playbook.Task) bool {
	if t.Implicit && t.Short == "gather_facts" { // facts are wanted all the same
		return slices.ContainsFunc(playbook.Flatten(ps.entries), func(t *playbook.Task) bool { return ps.isStart(h, t) && ps.selected(h, t) })
	}
	if !ps.isStart(h, t) || !ps.selected(h, t) {
		return false
	}
	ps.r.started, h.seeks = true, false
	return true
}

// isStart compares a task with what --start-at-task says: a name, a pattern, or
// "role : name".
func (ps *playState) isStart(h *hostRun, t *playbook.Task) bool {
	if t.Implicit {
		return false
	}
	name := t.Name
	if isTemplate(name) {
		tr := ps.newTaskRun(h, t, nil, nil)
		if v, err := tr.t.RenderLenient(name, t.Pos); err == nil {
			name = value.Str(v)
		}
	}
	full := name
	if name == "" {
		full = t.Action
	}
	if t.Role != nil {
		full = t.Role.FullName + " : " + full
	}
	for _, n := range []string{name, full} {
		if ok, _ := path.Match(ps.r.o.StartAt, n); ok || n == ps.r.o.StartAt && n != "" {
			return true
		}
	}
	return false
}

// stepState remembers what the person said with --step.
type stepState struct{ continueAll bool }

// stepAsk asks before a task with --step.
func (ps *playState) stepAsk(ctx context.Context, ev *event.Task) (skip bool, err error) {
	in, ok := ps.r.o.Input.(lineReader)
	if !ps.r.o.Step || ps.step.continueAll || !ok {
		return false, nil
	}
	text := fmt.Sprintf("Perform task: TASK: %s (N)o/(y)es/(c)ontinue: ", ev.Name)
	a, err := in.Line(ctx, text)
	if err != nil && err != io.EOF {
		return true, err
	}
	ps.r.o.Sink.Event(event.Message{Text: text, Banner: true})
	switch strings.ToLower(strings.TrimSpace(a)) {
	case "y", "yes":
		return false, nil
	case "c", "continue":
		ps.step.continueAll = true
		return false, nil
	}
	return true, nil
}

func isTemplate(v value.Value) bool {
	s, ok := v.(string)
	return ok && templar.IsTemplate(s)
}

// controllerOnly tells whether a task never leaves the controller.
func controllerOnly(t *playbook.Task) bool {
	if t.Kind == playbook.IncludeTasks || t.Kind == playbook.IncludeRole {
		return true
	}
	d, ok := action.Lookup(t.Resolved)
	return ok && d.NoHost && t.Resolved != "ansible.builtin.pause"
}

// bareContext is an action context without arguments, for meta tasks.
func (tr *taskRun) bareContext(ctx context.Context) *action.Context {
	return &action.Context{Context: ctx, Templar: tr.t, Host: action.Host{Name: tr.h.name}}
}

func asFloat(v value.Value) (float64, error) {
	switch x := v.(type) {
	case int64:
		return float64(x), nil
	case float64:
		return x, nil
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(value.Str(v)), 64)
	if err != nil {
		return 0, fmt.Errorf("could not convert string to float: %s", value.Quote(value.Str(v)))
	}
	return f, nil
}
