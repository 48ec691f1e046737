package run

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vars"
)

// loopItems renders loop: or with_x:. looped is false where the task has none.
func (tr *taskRun) loopItems() (items []value.Value, looped bool, err error) {
	task := tr.task
	if !task.Loop.Set {
		return nil, false, nil
	}
	if task.LoopWith == "" {
		v, err := tr.t.RenderKeeping(task.Loop.Val, task.Loop.Pos)
		if err != nil {
			return nil, true, err
		}
		switch x := v.(type) {
		case *value.List:
			return x.Items, true, nil
		case value.Tuple:
			return x, true, nil
		case value.Iterable:
			err := x.Iterate(func(e value.Value) bool { items = append(items, e); return true })
			return items, true, err
		}
		return nil, true, fmt.Errorf("Invalid data passed to 'loop', it requires a list, got this instead: %s. Hint: If you passed a list/dict of just one element, try adding wantlist=True to your lookup invocation or use q/query instead of lookup.", value.Str(v))
	}
	items, err = tr.lookupItems()
	return items, true, err
}

// lookupItems calls the lookup of with_x.
func (tr *taskRun) lookupItems() ([]value.Value, error) {
	task := tr.task
	v, err := tr.t.RenderKeeping(task.Loop.Val, task.Loop.Pos)
	if err != nil {
		if task.LoopWith != "first_found" {
			return nil, err
		}
		// Paths with undefined variables stay as they are, and are not found.
		if v, err = tr.t.RenderLenient(task.Loop.Val, task.Loop.Pos); err != nil {
			return nil, err
		}
	}
	var terms []value.Value
	switch x := v.(type) {
	case *value.List:
		terms = x.Items
	case value.Tuple:
		terms = x
	case *value.Dict:
		switch n := strings.TrimPrefix(task.LoopWith, "ansible.builtin."); n {
		case "list", "indexed_items", "flattened":
			return nil, fmt.Errorf("with_%s expects a list", n)
		case "dict", "first_found":
			terms = []value.Value{v}
		default: // whoever walks a dictionary meets its keys
			terms = x.Keys()
		}
	default:
		terms = []value.Value{v}
	}
	items, err := tr.t.Lookup(task.LoopWith, terms, tr.lookupKind())
	if err != nil {
		return nil, err
	}
	// What lookups give comes from outside: no template in it is rendered.
	marked := make([]value.Value, len(items))
	for i, e := range items {
		marked[i] = value.MarkUnsafe(e)
	}
	return marked, nil
}

// lookupKind tells with_first_found in which of a role's folders the action of
// the task would look.
func (tr *taskRun) lookupKind() *value.Dict {
	if tr.task.LoopWith != "first_found" {
		return nil
	}
	for _, kind := range []string{"template", "var", "file"} {
		if strings.Contains(tr.task.Resolved, kind) {
			return value.DictOf("_subdir", kind+"s")
		}
	}
	return nil
}

// loopNames are the variables a loop sets.
type loopNames struct {
	item, index string
	extended    bool
	allItems    bool
	pause       float64
	label       playbook.Field
	breakWhen   playbook.Field
}

func (tr *taskRun) loopControl() (loopNames, error) {
	n := loopNames{item: "item", allItems: true}
	lc := tr.task.LoopControl
	if lc == nil {
		return n, nil
	}
	get := func(f playbook.Field) (value.Value, error) {
		if !f.Set {
			return nil, nil
		}
		return tr.t.Render(f.Val, f.Pos)
	}
	v, err := get(lc.LoopVar)
	if err != nil {
		return n, err
	}
	if v != nil {
		n.item = value.Str(v)
	}
	if v, err = get(lc.IndexVar); err != nil {
		return n, err
	} else if v != nil {
		n.index = value.Str(v)
	}
	if v, err = get(lc.Extended); err != nil {
		return n, err
	} else if v != nil {
		n.extended, _ = ToBool(v)
	}
	if v, err = get(lc.ExtendedAllitems); err != nil {
		return n, err
	} else if v != nil {
		n.allItems, _ = ToBool(v)
	}
	if v, err = get(lc.Pause); err != nil {
		return n, err
	} else if v != nil {
		f, err := asFloat(v)
		if err != nil {
			return n, fmt.Errorf("The field 'pause' has an invalid value (%s), and could not be converted to an float. The error was: %w", value.Str(v), err)
		}
		n.pause = f
	}
	n.label, n.breakWhen = lc.Label, lc.BreakWhen
	return n, nil
}

// runLoop executes the task once per item.
func (tr *taskRun) runLoop(ctx context.Context, items []value.Value) {
	o := tr.out
	names, err := tr.loopControl()
	if err != nil {
		x := tr.failure(err)
		tr.adopt(x)
		o.dict, o.status, o.looped = x.dict, x.status, false
		return
	}
	if len(items) == 0 {
		o.dict = value.DictOf("changed", false, "skipped", true, "skipped_reason", "No items in the list", "results", value.NewList())
		o.status = event.Skipped
		return
	}
	if _, _, ok := tr.view.Lookup(names.item); ok {
		tr.emit(event.Warning{Msg: fmt.Sprintf("%s: The loop variable '%s' is already in use. You should set the `loop_var` value in the `loop_control` option for the task to something else to avoid variable collisions and unexpected behavior.", tr.describe(), names.item)})
	}
	results := value.NewList()
	carried := value.NewDict() // what earlier items leave for later ones
	anyFailed, anyChanged, allSkipped := false, false, true
	decided, byCondition := false, false // failed_when outranks how items ended
	var last *execution
	for i, item := range items {
		if ctx.Err() != nil {
			break
		}
		if i > 0 && names.pause > 0 && !sleep(ctx, time.Duration(names.pause*float64(time.Second))) {
			break
		}
		local := carried.Clone()
		local.Set(names.item, item)
		local.Set("ansible_loop_var", names.item)
		if names.index != "" {
			local.Set(names.index, int64(i))
			local.Set("ansible_index_var", names.index)
		}
		if names.extended {
			local.Set("ansible_loop", extended(items, i, names.allItems))
		}
		view := tr.view.Local(local)
		t := tr.templar(view)
		x := tr.once(ctx, view, t, nil)
		last = x
		tr.adopt(x)
		if x.abort {
			o.dict, o.status, o.looped = x.dict, x.status, false
			return
		}
		d := x.dict
		d.Set(names.item, item)
		d.Set("ansible_loop_var", names.item)
		if names.index != "" {
			d.Set(names.index, int64(i))
			d.Set("ansible_index_var", names.index)
		}
		if names.extended {
			d.Set("ansible_loop", local.At("ansible_loop"))
		}
		label := item
		if v, err := t.RenderKeeping(item, value.Pos{}); err == nil {
			label = v
		}
		if names.label.Set {
			// The label sees what this item has just registered.
			lt := t
			if tr.task.Register != "" {
				lt = t.With(templar.DictVars{Dict: value.DictOf(tr.task.Register, value.MarkUnsafe(d))})
			}
			if v, err := lt.Render(names.label.Val, names.label.Pos); err == nil {
				label = v
			} else {
				label = nil
				d.Set("failed", true)
				d.Set("msg", "Failed to template loop_control.label: "+twice(err.Error()))
				x.status = event.Failed
			}
		}
		d.Set("_ansible_item_label", label)
		if v, ok := d.GetStr("failed_when_result"); ok {
			decided = true
			byCondition = byCondition || value.Truth(v)
		}
		anyFailed = anyFailed || x.status == event.Failed || x.status == event.Unreachable
		anyChanged = anyChanged || value.Truth(d.At("changed"))
		allSkipped = allSkipped && x.status == event.Skipped
		if x.include == nil {
			ignored := (x.status == event.Failed && tr.ignoreWith(view)) || x.status == event.Unreachable && tr.ignore(playbook.KeyIgnoreUnreachable)
			tr.emit(event.Result{Task: tr.ev, Host: tr.h.name, Delegate: tr.labels(x.delegate, x.status), Status: x.status, Ignored: ignored,
				Item: true, Label: label, Dict: d, NoLog: x.noLog, ShowDiff: tr.showDiff(), Verbose: !x.noLog && value.Truth(d.At("_ansible_verbose_always"))})
		}
		results.Append(d)
		tr.carry(carried, x)
		if x.status == event.Unreachable {
			break
		}
		if names.breakWhen.Set {
			stop := true
			for _, c := range playbook.Items(names.breakWhen) {
				ok, err := tr.templar(view.Local(carried)).Cond(c.Val, c.Pos)
				if err != nil || !ok {
					stop = false
				}
			}
			if stop {
				break
			}
		}
	}
	if decided {
		anyFailed = byCondition
	}
	tr.sumUp(results, anyFailed, anyChanged, allSkipped, last)
}

// takeWarnings moves what an item warns of to the result of the loop, and returns the item without it.
func takeWarnings(to, item *value.Dict) *value.Dict {
	for _, k := range []string{"warnings", "deprecations"} {
		l, ok := item.At(k).(*value.List)
		if !ok {
			continue
		}
		all, _ := to.At(k).(*value.List)
		if all == nil {
			all = value.NewList()
			to.Set(k, all)
		}
		all.Items = append(all.Items, l.Items...)
		item = item.Clone()
		item.Delete(k)
	}
	return item
}

// ignoreWith is ignore with an item's variables in sight.
func (tr *taskRun) ignoreWith(v *vars.View) bool {
	kw := keywords{t: tr.templar(v), node: tr.task}
	return kw.boolean(playbook.KeyIgnoreErrors, false)
}

// carry makes what an item set visible to the items after it.
func (tr *taskRun) carry(to *value.Dict, x *execution) {
	if tr.task.Register != "" {
		to.Set(tr.task.Register, value.MarkUnsafe(x.dict))
	}
	if f, ok := x.dict.At("ansible_facts").(*value.Dict); ok && x.status != event.Failed {
		switch tr.task.Resolved {
		case "ansible.builtin.set_fact", "ansible.builtin.include_vars":
			to.Update(f)
		}
	}
}

// sumUp makes the result of the whole loop.
func (tr *taskRun) sumUp(results *value.List, anyFailed, anyChanged, allSkipped bool, last *execution) {
	o := tr.out
	d := value.DictOf("results", results, "skipped", false)
	o.dict = d
	failed := anyFailed && (last == nil || last.status != event.Unreachable)
	for i, x := range results.Items { // the keys in the order in which the items bring them
		item, ok := x.(*value.Dict)
		if !ok {
			continue
		}
		if value.Truth(item.At("changed")) && !d.Has("changed") {
			d.Set("changed", anyChanged)
		}
		if failed && value.Truth(item.At("failed")) && !d.Has("failed") {
			d.Set("failed", true)
			d.Set("msg", "One or more items failed")
		}
		results.Items[i] = takeWarnings(d, item)
	}
	switch {
	case last != nil && last.status == event.Unreachable:
		o.status = event.Unreachable
		d.Set("unreachable", true)
		d.Set("msg", value.Str(last.dict.At("msg")))
	case anyFailed:
		o.status = event.Failed
		d.Set("failed", true)
		d.Set("msg", "One or more items failed")
	case allSkipped:
		o.status = event.Skipped
		d.Set("msg", "All items skipped")
	default:
		o.status = event.OK
		if anyChanged {
			o.status = event.Changed
		}
		d.Set("msg", "All items completed")
	}
	d.Set("changed", anyChanged)
	d.Set("skipped", o.status == event.Skipped)
	if o.status == event.Failed && tr.ev.NoLog {
		o.noLog = true
	}
}

// extended is ansible_loop.
func extended(items []value.Value, i int, all bool) *value.Dict {
	n := len(items)
	d := value.NewDict()
	if all {
		d.Set("allitems", value.NewList(items...))
	}
	d.Set("index", int64(i+1))
	d.Set("index0", int64(i))
	d.Set("first", i == 0)
	d.Set("last", i == n-1)
	d.Set("length", int64(n))
	d.Set("revindex", int64(n-i))
	d.Set("revindex0", int64(n-i-1))
	if i > 0 {
		d.Set("previtem", items[i-1])
	}
	if i < n-1 {
		d.Set("nextitem", items[i+1])
	}
	return d
}

// sleep waits unless the run is ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
