package run

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// notify marks the handlers that a changed task names, for the host that ran it
// alone where it ran for all. add_host and group_by know only afterwards whether
// something changed, so without a loop they notify nobody, in the reference as well.
func (ps *playState) notify(o *outcome) {
	if r := o.task.Resolved; !o.looped && (r == "ansible.builtin.add_host" || r == "ansible.builtin.group_by") {
		return
	}
	h := o.host
	for _, name := range o.notify {
		found := ps.find(name, ps.r.o.Sink.Event)
		if len(found) == 0 {
			ps.r.warn("%s", missingHandler(name))
		}
		for _, t := range found {
			if !h.notified[t] && t != o.task { // a handler that runs cannot notify itself
				h.notified[t] = true
				ps.r.o.Sink.Event(event.Notified{Handler: ps.handlerName(t, ps.r.o.Sink.Event), Host: h.name})
			}
		}
	}
}

func missingHandler(name string) string {
	return fmt.Sprintf("The requested handler '%s' was not found in either the main handlers list nor in the listening handlers list", name)
}

// checkNotify makes the outcome of a task that changed and names a handler which
// is not there fatal; nothing of it is shown.
func (tr *taskRun) checkNotify() {
	o := tr.out
	if len(o.notify) == 0 || !o.changed() || !tr.r.o.ErrorOnMissingHandler || o.fatal != nil {
		return
	}
	for _, name := range o.notify {
		if len(tr.ps.find(name, tr.emit)) == 0 {
			o.fatal = &FatalError{Msg: missingHandler(name), Exit: ExitError}
			return
		}
	}
}

// find returns the handlers a name reaches: one of that name, and all that
// listen to it. tell takes warnings, for tasks that run at once ask, too.
func (ps *playState) find(name string, tell func(event.Event)) []*playbook.Task {
	var out []*playbook.Task
	handlers := *ps.handlers.Load()
	// Later lists of handlers outrank earlier ones; within a list the first of a
	// name counts.
	for end := len(handlers); end > 0 && len(out) == 0; {
		start := end - 1
		for start > 0 && handlers[start-1].Parent == handlers[start].Parent {
			start--
		}
		for _, t := range handlers[start:end] {
			if ps.named(t, name, tell) {
				out = append(out, t)
				break
			}
		}
		end = start
	}
	for _, t := range handlers {
		if len(out) > 0 && out[0] == t {
			continue
		}
		for _, l := range t.Listen {
			if l == name || t.Role != nil && (t.Role.RoleName+" : "+l == name || t.Role.FullName+" : "+l == name) {
				out = append(out, t)
				break
			}
		}
	}
	return out
}

// named tells whether a handler goes by a name: its own, "role : name" or
// "ns.col.role : name".
func (ps *playState) named(t *playbook.Task, name string, tell func(event.Event)) bool {
	own := ps.handlerName(t, tell)
	if own == "" {
		return false
	}
	if own == name {
		return true
	}
	if r := t.Role; r != nil {
		return r.RoleName+" : "+own == name || r.FullName+" : "+own == name
	}
	return false
}

// handlerName renders a handler's name, once.
func (ps *playState) handlerName(t *playbook.Task, tell func(event.Event)) string {
	if !strings.Contains(t.Name, "{{") {
		return t.Name
	}
	if n, ok := ps.ownHandlers.Load(t); ok {
		return n.(string)
	}
	// Names hold for all hosts: no host's variables are in sight.
	view := ps.r.o.Store.TaskView("", ps.vars, t, ps.magic(t, nil))
	v, err := ps.r.o.Engine.New(view, templarScope(ps)).Render(t.Name, t.Pos)
	if err != nil {
		if _, known := ps.ownHandlers.LoadOrStore(t, ""); !known && len(t.Listen) == 0 {
			tell(event.Warning{Msg: fmt.Sprintf("Handler '%s' is unusable because it has no listen topics and the name could not be templated (host-specific variables are not supported in handler names). The error: %s", t.Name, twice(err.Error()))})
		}
		return ""
	}
	n := value.Str(v)
	ps.ownHandlers.Store(t, n)
	return n
}

// flush makes the notified handlers of a host run next.
func (ps *playState) flush(h *hostRun) {
	h.cur.push(frame{entries: ps.handlerEntries(), flush: true})
}

func (ps *playState) handlerEntries() []playbook.Entry {
	handlers := *ps.handlers.Load()
	out := make([]playbook.Entry, len(handlers))
	for i, t := range handlers {
		out[i] = t
	}
	return out
}
