package run

import (
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// effects notes what a result changes in the run; it is applied when results
// are processed, in the order of hosts and items.
func (tr *taskRun) effects(c *action.Context, d *value.Dict, x *execution) {
	if d == nil {
		return
	}
	host := tr.h.name
	if facts, ok := d.At("ansible_facts").(*value.Dict); ok && facts.Len() > 0 {
		tr.factEffect(c.Name, facts, value.Truth(d.At("_ansible_facts_cacheable")), x, host)
	}
	tr.inventoryEffect(c.Name, d)
	if st, ok := d.At("ansible_stats").(*value.Dict); ok {
		x.changes = append(x.changes, func(ps *playState) { ps.r.addStats(host, st) })
	}
}

// inventoryEffect applies add_host and group_by at once: whether they changed
// anything is part of the result.
func (tr *taskRun) inventoryEffect(name string, d *value.Dict) {
	var changed bool
	var err error
	tr.r.mu.Lock()
	defer tr.r.mu.Unlock()
	if add, ok := d.At("add_host").(*value.Dict); ok && name == "ansible.builtin.add_host" {
		changed, err = tr.ps.addHost(add)
	} else if g, ok := d.GetStr("add_group"); ok && name == "ansible.builtin.group_by" {
		changed, err = tr.r.o.Inventory.AddGroup(value.Str(g), texts(d.At("parent_groups")), tr.h.name)
	} else {
		return
	}
	d.Set("changed", changed)
	if err != nil {
		d.Set("failed", true)
		d.Set("msg", err.Error())
	}
}

func texts(v value.Value) []string {
	var out []string
	switch x := v.(type) {
	case *value.List:
		for _, e := range x.Items {
			out = append(out, value.Str(e))
		}
	case nil:
	default:
		out = append(out, value.Str(v))
	}
	return out
}

// factEffect stores facts with the host they belong to.
func (tr *taskRun) factEffect(name string, facts *value.Dict, cacheable bool, x *execution, host string) {
	runOnce := tr.runOnce()
	x.changes = append(x.changes, func(ps *playState) {
		hosts := []string{host}
		if runOnce {
			hosts = ps.batchNames()
		}
		if x.delegate != "" && x.delegateFacts {
			hosts = []string{x.delegate}
		}
		if name == "ansible.builtin.set_fact" || name == "ansible.builtin.include_vars" {
			ps.r.warnReserved(facts) // setup itself has a fact gather_subset
		}
		for _, h := range hosts {
			st := ps.r.o.Store.Host(h)
			switch name {
			case "ansible.builtin.include_vars":
				st.Include(facts)
			case "ansible.builtin.set_fact":
				st.Set(facts)
				if cacheable {
					st.SetFacts(facts)
					ps.cacheFacts(h, facts)
				}
			default:
				st.SetFacts(facts)
				ps.cacheFacts(h, facts)
				ps.r.gathered[h] = ps.r.gathered[h] || gathers(name)
			}
		}
	})
}

func (ps *playState) cacheFacts(host string, facts *value.Dict) {
	if ps.r.o.FactCache == nil {
		return
	}
	if err := ps.r.o.FactCache.Set(host, facts); err != nil {
		ps.r.warn("error in 'jsonfile' cache plugin while trying to write facts of %s: %s", host, err)
	}
}

func (ps *playState) batchNames() []string {
	out := make([]string, len(ps.batch))
	for i, h := range ps.batch {
		out[i] = h.name
	}
	return out
}

// addHost puts what add_host returned into the inventory.
func (ps *playState) addHost(d *value.Dict) (bool, error) {
	name := value.Str(d.At("host_name"))
	hv, _ := d.At("host_vars").(*value.Dict)
	changed, err := ps.r.o.Inventory.AddHost(name, hv, texts(d.At("groups")))
	if changed && !slices.Contains(ps.everyone(), name) {
		made := append(slices.Clone(ps.everyone()[len(ps.all):]), name)
		ps.made.Store(&made)
	}
	return changed, err
}

// addStats keeps what set_stats returned.
func (r *Runner) addStats(host string, st *value.Dict) {
	data, _ := st.At("data").(*value.Dict)
	perHost, _ := ToBool(st.At("per_host"))
	aggregate := true
	if b, ok := ToBool(st.At("aggregate")); ok {
		aggregate = b
	}
	key := "_run"
	if perHost {
		key = host
	}
	d := r.custom[key]
	if d == nil {
		d = value.NewDict()
		r.custom[key] = d
	}
	for k, v := range data.All() {
		old, had := d.Get(k)
		if had && aggregate {
			v = aggregated(old, v)
		}
		d.Set(k, v)
	}
}

// aggregated adds up numbers, joins texts and lists, merges dictionaries.
func aggregated(a, b value.Value) value.Value {
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return x + y
		}
	case float64:
		if y, ok := b.(float64); ok {
			return x + y
		}
	case string:
		if y, ok := value.Text(b); ok {
			return x + y
		}
	case *value.List:
		if y, ok := b.(*value.List); ok {
			return value.NewList(append(append([]value.Value{}, x.Items...), y.Items...)...)
		}
	case *value.Dict:
		if y, ok := b.(*value.Dict); ok {
			n := x.Clone()
			n.Update(y)
			return n
		}
	}
	return b
}

func (tr *taskRun) runOnce() bool {
	kw := keywords{t: tr.t, node: tr.task}
	return kw.boolean(playbook.KeyRunOnce, false)
}

// runView is what actions may use of the run.
type runView struct{ tr *taskRun }

// Facts returns the host's facts.
func (v *runView) Facts() *value.Dict {
	f := v.tr.r.o.Store.Host(v.tr.h.name).Facts()
	if f == nil {
		return value.NewDict()
	}
	return f
}

// HostVar returns a variable of another host, rendered.
func (v *runView) HostVar(host, name string) (value.Value, bool) {
	if !v.tr.r.o.Inventory.Has(host) {
		return nil, false
	}
	t := v.tr.r.o.Engine.New(v.tr.r.o.Store.HostView(host), templarScope(v.tr.ps))
	x, ok, err := t.Var(name)
	return x, ok && err == nil
}

// notifyNames renders the names a task notifies.
func (tr *taskRun) notifyNames(t *templar.Templar) ([]string, error) {
	var out []string
	for _, f := range tr.task.NotifyNames() {
		v, err := t.Render(f.Val, f.Pos)
		if err != nil {
			return nil, err
		}
		if isOmit(t, v) {
			continue
		}
		out = append(out, texts(v)...)
	}
	return out, nil
}

// process applies an outcome: facts, registered variables, counts, handlers,
// failure. It runs in host order, never while other results are processed.
func (ps *playState) process(o *outcome, runOnceHosts []*hostRun) error {
	r := ps.r
	if o.fatal != nil {
		return o.fatal
	}
	for _, c := range o.changes {
		c(ps)
	}
	hosts := []*hostRun{o.host}
	if runOnceHosts != nil {
		hosts = runOnceHosts
	}
	clean := cleaned(o.dict)
	clean.Delete("invocation") // items of a loop keep theirs
	ps.r.warnReservedName(o.task.Register)
	for _, h := range hosts {
		if reg := o.task.Register; reg != "" && clean != nil {
			r.o.Store.Host(h.name).SetVar(reg, registered(o.task, clean))
		}
	}
	if role := o.task.Role; role != nil && o.status != event.Skipped && o.status != event.Unreachable {
		for _, h := range hosts {
			mark(ps.roleTasks, role.Hash, h.name)
		}
	}
	name := o.host.name
	switch o.status {
	case event.OK, event.Changed, event.Skipped:
		r.count(name, func(c *event.Counts) {
			switch {
			case o.status == event.Skipped:
				c.Skipped++
			default:
				c.OK++
				if o.status == event.Changed || value.Truth(o.dict.At("changed")) {
					c.Changed++
				}
			}
		})
		if o.changed() {
			ps.notify(o)
		}
	case event.Failed:
		if o.ignored {
			r.count(name, func(c *event.Counts) {
				c.OK++
				c.Ignored++
				if value.Truth(o.dict.At("changed")) {
					c.Changed++
				}
			})
			if o.changed() {
				ps.notify(o)
			}
			return nil
		}
		for _, h := range hosts {
			ps.failHost(h, o)
		}
	case event.Unreachable:
		if o.ignoredUnreachable {
			r.count(name, func(c *event.Counts) { c.OK++; c.Ignored++ })
			return nil
		}
		r.count(name, func(c *event.Counts) { c.Unreachable++ })
		for _, h := range hosts {
			h.dead = true
			h.cur.stop()
			r.dead.add(h.name)
		}
	}
	return nil
}

// failHost unwinds a host to its rescue, or takes it out of the play.
func (ps *playState) failHost(h *hostRun, o *outcome) {
	r := ps.r
	rescued := h.cur.fail()
	h.failedResult = cleaned(o.dict)
	h.failedTask = taskDict(o)
	if !rescued {
		h.failed = true
		h.late = len(h.cur.stack) > 0
		r.failed.add(h.name)
	}
	if h != o.host { // fails with the host that ran for all
		return
	}
	r.count(h.name, func(c *event.Counts) {
		if rescued {
			c.Rescued++
		} else {
			c.Failed++
		}
	})
}

// registered is the value of `register`: text from outside, except where the
// task only handed on what the playbook has.
func registered(t *playbook.Task, d *value.Dict) value.Value {
	switch t.Resolved {
	case "ansible.builtin.set_fact", "ansible.builtin.include_vars":
		out := value.NewDict()
		for k, v := range d.All() {
			if value.Str(k) == "ansible_facts" {
				v = value.Copy(v)
			} else { // messages may quote templates
				v = value.MarkUnsafe(v)
			}
			out.Set(k, v)
		}
		return out
	}
	return value.MarkUnsafe(d)
}

// taskDict is ansible_failed_task.
func taskDict(o *outcome) *value.Dict {
	name := o.ev.Own
	if o.task.Name == "" { // the banner shows the action instead
		name = ""
	}
	return value.DictOf("name", name, "action", o.task.Action, "args", value.MarkUnsafe(o.task.Args), "register", o.task.Register)
}

// cleaned is what is registered: without the engine's private keys.
func cleaned(d *value.Dict) *value.Dict {
	if d == nil {
		return nil
	}
	out := value.NewDictCap(d.Len())
	for k, v := range d.All() {
		name, _ := value.Text(k)
		if strings.HasPrefix(name, "_ansible_") {
			continue
		}
		if name == "results" {
			if l, ok := v.(*value.List); ok {
				n := value.NewList()
				for _, e := range l.Items {
					if ed, ok := e.(*value.Dict); ok {
						n.Append(cleaned(ed))
					} else {
						n.Append(e)
					}
				}
				v = n
			}
		}
		out.Set(k, v)
	}
	return out
}
