package run

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vars"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// includeRequest is a file of tasks or a role that a host wants to take in.
type includeRequest struct {
	file     string // rendered name; resolved when read
	apply    *value.Dict
	role     *playbook.RoleUse
	vars     *value.Dict // of the item, and of the include itself
	label    value.Value
	hasLabel bool
	key      string // equal for hosts that can share the same tasks
}

// include makes the result of an include task.
func (tr *taskRun) include(view *vars.View, t *templar.Templar) *execution {
	args, err := tr.arguments(t, false)
	if err != nil {
		return tr.failure(err)
	}
	req := &includeRequest{vars: value.NewDict()}
	d := value.DictOf("changed", false)
	if apply, ok := args.At("apply").(*value.Dict); ok {
		req.apply = apply
		if raw, ok := tr.task.Args.At("apply").(*value.Dict); ok {
			req.apply = raw // its templates belong to the tasks it reaches
		}
	}
	if tr.task.Kind == playbook.IncludeRole {
		if err := tr.includeRole(req, args); err != nil {
			return tr.failure(err)
		}
		d.Set("include_args", args)
	} else {
		file := value.Str(args.At("_raw_params"))
		if f, ok := args.GetStr("file"); ok {
			file = value.Str(f)
		}
		if strings.TrimSpace(file) == "" {
			return tr.failure(errors.New("No file specified for include_tasks"))
		}
		req.file = strings.TrimSpace(file)
		d.Set("include", req.file)
		rest := args.Clone()
		rest.Delete("_raw_params")
		rest.Delete("file")
		d.Set("include_args", rest)
	}
	if l, ok := view.LocalValue("ansible_loop_var"); ok {
		names := []string{value.Str(l), "ansible_loop_var", "ansible_index_var", "ansible_loop"}
		if iv, ok := view.LocalValue("ansible_index_var"); ok {
			names = append(names, value.Str(iv))
		}
		for _, n := range names {
			if v, ok := view.LocalValue(n); ok {
				req.vars.Set(n, v)
			}
		}
		item, _ := view.LocalValue(value.Str(l))
		req.label, req.hasLabel = item, true
		if lc := tr.task.LoopControl; lc != nil && lc.Label.Set {
			if v, err := t.Render(lc.Label.Val, lc.Label.Pos); err == nil {
				req.label = v
			}
		}
	}
	req.key, err = value.DumpJSON(value.DictOf("f", req.file, "v", req.vars, "r", roleKey(req.role)), value.JSONOptions{Compact: true})
	if err != nil { // what cannot be compared is not shared
		req.key = "host " + tr.h.name + " " + req.key
	}
	return &execution{dict: d, status: event.OK, include: req}
}

func roleKey(u *playbook.RoleUse) value.Value {
	if u == nil {
		return nil
	}
	return fmt.Sprintf("%s|%v|%v|%v", u.Name, u.From, u.Public, u.SkipValidation)
}

// includeRole reads include_role's arguments.
func (tr *taskRun) includeRole(req *includeRequest, args *value.Dict) error {
	use := &playbook.RoleUse{Apply: req.apply}
	text := func(k string) string {
		if v, ok := args.GetStr(k); ok && v != nil {
			return value.Str(v)
		}
		return ""
	}
	use.Name = text("name")
	if use.Name == "" {
		use.Name = text("role")
	}
	if use.Name == "" {
		return errors.New("'name' is a required field for include_role.")
	}
	for k, to := range map[string]*string{"tasks_from": &use.From.Tasks, "vars_from": &use.From.Vars,
		"defaults_from": &use.From.Defaults, "handlers_from": &use.From.Handlers} {
		v, ok := args.GetStr(k)
		if !ok || v == nil {
			continue
		}
		s, isText := value.Text(v)
		if !isText {
			return fmt.Errorf("Expected a string for %s but got %s instead", k, value.TypeName(v))
		}
		*to = s
	}
	if v, ok := args.GetStr("public"); ok {
		use.Public, _ = ToBool(v)
	}
	if v, ok := args.GetStr("rolespec_validate"); ok {
		b, _ := ToBool(v)
		use.SkipValidation = !b
	}
	allow := true
	if v, ok := args.GetStr("allow_duplicates"); ok {
		allow, _ = ToBool(v)
	}
	use.AllowDup = &allow
	req.role = use
	return nil
}

// takeIn loads what hosts asked for, once per different request, and puts it
// next in each host's play. outcomes are in host order.
func (ps *playState) takeIn(outcomes []*outcome) error {
	type group struct {
		req   includeRequest
		hosts []*outcome
	}
	var order []*group
	byKey := map[string][]*group{} // more than one where a host takes the same in again
	for _, o := range outcomes {
		for _, req := range o.includes {
			same := byKey[req.key]
			i := slices.IndexFunc(same, func(g *group) bool { return !slices.Contains(g.hosts, o) })
			if i < 0 {
				i = len(same)
				same = append(same, &group{req: req})
				byKey[req.key] = same
				order = append(order, same[i])
			}
			same[i].hosts = append(same[i].hosts, o)
		}
	}
	files := map[*hostRun][]playbook.Entry{}
	places := map[*hostRun][]int{}
	for _, o := range outcomes {
		if len(o.includes) > 0 && o.status != event.Failed {
			ps.r.o.Sink.Event(event.IncludeDone{Task: o.ev, Host: o.host.name, Dict: o.dict, Loop: o.looped})
		}
		if reg := o.task.Register; reg != "" {
			ps.r.o.Store.Host(o.host.name).SetVar(reg, registered(o.task, cleaned(o.dict)))
		}
	}
	for i, g := range order {
		task := g.hosts[0].task
		entries, shown, err := ps.loadInclude(task, &g.req)
		var names []string
		for _, o := range g.hosts {
			names = append(names, o.host.name)
		}
		if parse := parseFailure(err); parse != nil {
			return parse
		}
		if err != nil {
			for _, o := range g.hosts {
				ps.includeFailed(o, err)
			}
			continue
		}
		for _, o := range g.hosts {
			ps.r.count(o.host.name, func(c *event.Counts) { c.OK++ })
		}
		ps.r.o.Sink.Event(event.Included{File: shown, Hosts: names, Label: g.req.label, HasLabel: g.req.hasLabel, Task: g.hosts[0].ev})
		if entries == nil { // an empty file
			continue
		}
		b := &playbook.Block{Base: playbook.Base{Parent: task, Pos: task.Pos}, Implicit: true, Block: entries}
		for _, o := range g.hosts {
			files[o.host] = append(files[o.host], b)
			places[o.host] = append(places[o.host], i)
		}
	}
	for _, o := range outcomes {
		h := o.host
		if o.status == event.Failed || o.status == event.Unreachable || !h.active() {
			continue
		}
		if f := files[h]; len(f) > 0 {
			h.cur.include(f, places[h])
		} else {
			h.cur.next()
		}
	}
	return nil
}

// parseFailure is the end of the run where what was included cannot be right as
// written: no rescue deals with that.
func parseFailure(err error) error {
	var pe *playbook.Error
	var ye *yaml.Error
	if errors.As(err, &pe) && pe.Exit == playbook.ExitParse || errors.As(err, &ye) {
		return &FatalError{Msg: err.Error(), Exit: playbook.ExitParse}
	}
	return nil
}

// includeFailed makes a host fail whose include could not be read.
func (ps *playState) includeFailed(o *outcome, err error) {
	o.status = event.Failed
	text := err.Error()
	if strings.HasSuffix(text, "^ here") {
		text += "\n"
	}
	o.dict = value.DictOf("failed", true)
	if pe := (*playbook.Error)(nil); o.task.Kind == playbook.IncludeTasks && errors.As(err, &pe) && pe.Tried != nil {
		text = pe.Msg // the task under its banner says where
	}
	if o.task.Kind == playbook.IncludeRole {
		o.dict.Set("changed", false)
		ps.r.o.Sink.Event(event.Message{Text: "ERROR! " + strings.TrimRight(text, "\n"), Stderr: true, Color: "error"})
	}
	o.dict.Set("reason", text)
	ps.r.o.Sink.Event(event.Result{Task: o.ev, Host: o.host.name, Status: event.Failed, Dict: o.dict})
	ps.failHost(o.host, o)
}

// loadInclude reads the file or role; the tasks see the item's variables.
func (ps *playState) loadInclude(task *playbook.Task, req *includeRequest) ([]playbook.Entry, string, error) {
	var inc *playbook.Included
	var err error
	shown := ""
	if req.role != nil {
		use := *req.role
		use.Vars = req.vars
		if inc, err = ps.r.o.Loader.LoadRole(use, task); err == nil {
			shown = use.Name
			ps.take(inc.Role)
			if inc.Role.Public {
				ps.export(inc.Role)
			}
		}
	} else if inc, err = ps.r.o.Loader.LoadTasks(playbook.TasksUse{Name: req.file, Apply: req.apply, Vars: req.vars}, task); err == nil {
		shown = inc.File
	}
	if err != nil {
		return nil, "", err
	}
	handlers, replaced := playbook.MergeHandlers(*ps.handlers.Load(), playbook.Flatten(inc.Handlers))
	ps.handlers.Store(&handlers)
	for old, t := range replaced {
		for _, h := range ps.batch {
			if h.notified[old] {
				delete(h.notified, old)
				h.notified[t] = true
			}
		}
	}
	ps.export(inc.Imported...)
	ps.take(inc.Imported...)
	if inc.Empty {
		return nil, shown, nil
	}
	return slices.Concat([]playbook.Entry{}, inc.Entries), shown, nil
}
