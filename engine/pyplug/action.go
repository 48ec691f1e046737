package pyplug

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

// Finder finds action plugins and modules by name.
type Finder interface {
	// ActionFile returns the file of an action plugin and the name under which
	// Python imports it; "" where there is none.
	ActionFile(name string, collections []string) (file, modname string)
	// Has tells whether there is a foreign module of that name.
	Has(name string, collections []string) bool
}

// RunAction runs an action plugin written in Python.
func (p *Plugins) RunAction(c *action.Context, find Finder, file, modname string) (*value.Dict, error) {
	a := &actionRun{p: p, c: c, find: find, render: p.rendering(c.Templar)}
	request := value.DictOf("op", "action", "file", file, "modname", modname, "task", a.task(), "play_context", a.context())
	answer, err := p.ask1(request, a.serve, true)
	if err != nil {
		return nil, err
	}
	if msg, failed := answer.GetStr("error"); failed {
		if value.Truth(answer.At("ansible")) {
			return action.Fail(value.Str(msg)), nil
		}
		d := action.Fail("Unexpected failure during module execution: " + value.Str(msg))
		d.Set("exception", answer.At("trace"))
		d.Set("stdout", "")
		return value.MarkUnsafe(d).(*value.Dict), nil
	}
	d, ok := answer.At("value").(*value.Dict)
	if !ok {
		return nil, fmt.Errorf("the action plugin %s did not return a dictionary", c.Action)
	}
	if value.Truth(d.At("unreachable")) {
		return nil, &remote.UnreachableError{Host: c.Host.Name, Msg: value.Str(d.At("msg"))}
	}
	return value.MarkUnsafe(d).(*value.Dict), nil
}

// actionRun is one run of an action plugin.
type actionRun struct {
	p      *Plugins
	c      *action.Context
	find   Finder
	render server
}

// task is what the plugin sees of its task.
func (a *actionRun) task() *value.Dict {
	t := a.c.Task
	env := value.NewDict()
	for _, e := range t.Env {
		for i := range len(e) {
			if e[i] == '=' {
				env.Set(e[:i], e[i+1:])
				break
			}
		}
	}
	d := value.DictOf("action", a.c.Action, "resolved_action", a.c.Name, "name", a.c.TaskName, "args", a.c.Args, "async_val", int64(t.Async), "poll", int64(t.Poll),
		"check_mode", t.Check, "diff", t.Diff, "no_log", t.NoLog, "environment", value.NewList(env), "delegate_to", none(t.Delegate),
		"become", t.Become, "become_user", none(t.BecomeUser), "become_method", none(t.BecomeMethod), "vars", value.NewDict(), "collections", value.NewList())
	if path, ok, _ := a.c.Templar.Var("role_path"); ok {
		name, _, _ := a.c.Templar.Var("role_name")
		col, _, _ := a.c.Templar.Var("ansible_collection_name")
		d.Set("role", value.DictOf("path", path, "name", name, "collection", col))
	}
	return d
}

// context is the play context: how the host is reached.
func (a *actionRun) context() *value.Dict {
	t := a.c.Task
	d := value.DictOf("connection", a.c.Host.Connection, "transport", a.c.Host.Connection, "remote_addr", a.c.Host.Address, "remote_user", none(t.RemoteUser),
		"connection_user", none(t.RemoteUser), "port", nil, "password", nil, "private_key_file", nil, "timeout", int64(10), "host", a.c.Host.Address,
		"become", t.Become, "become_user", none(t.BecomeUser), "become_method", none(t.BecomeMethod), "become_pass", nil,
		"check_mode", t.Check, "diff", t.Diff, "no_log", t.NoLog, "verbosity", int64(t.Verbosity), "executable", "/bin/sh", "shell", "sh",
		"remote_tmp", t.RemoteTmp, "async_dir", a.c.AsyncDir, "network_os", nil, "pipelining", true)
	if r, err := a.c.Origin(); err == nil && t.Delegate == "" {
		d.Set("password", none(r.Password))
		d.Set("private_key_file", none(r.KeyFile))
		if r.Port > 0 {
			d.Set("port", int64(r.Port))
		}
	}
	return d
}

func none(s string) value.Value {
	if s == "" {
		return nil
	}
	return s
}

// changed returns the context with the keywords that the plugin gave its task.
func (a *actionRun) changed(q *value.Dict) *action.Context {
	c := *a.c
	if d, ok := q.At("task").(*value.Dict); ok {
		for k, to := range map[string]*bool{"check_mode": &c.Task.Check, "diff": &c.Task.Diff, "no_log": &c.Task.NoLog} {
			if v, ok := d.GetStr(k); ok {
				*to = value.Truth(v)
			}
		}
	}
	return &c
}

func (a *actionRun) serve(what string, q *value.Dict) (value.Value, bool, error) {
	v, err := a.answer(what, q)
	if !errors.Is(err, errNotMine) {
		return v, true, err
	}
	return a.render(what, q)
}

var errNotMine = errors.New("another question")

func (a *actionRun) answer(what string, q *value.Dict) (value.Value, error) {
	c := a.c
	text := func(k string) string { s, _ := value.Text(q.At(k)); return s }
	switch what {
	case "module":
		return a.module(q)
	case "action":
		return a.action(q)
	case "command":
		return a.command(q)
	case "put":
		return nil, a.put(text("src"), text("dest"))
	case "get":
		return nil, a.get(text("src"), text("dest"))
	case "tmp":
		return a.tmp()
	case "reset":
		return nil, c.Reset()
	case "searchpath":
		return value.From(c.SearchPath("")), nil
	case "environment":
		env := a.task().At("environment").(*value.List)
		return env.Items[0], nil
	case "isaction":
		def, ok := action.Lookup(action.FullName(text("name")))
		if !ok {
			_, ok = module.Lookup(action.FullName(text("name")))
		}
		return ok || def != nil, nil
	case "actionfile":
		if file, name := a.find.ActionFile(text("name"), nil); file != "" {
			return value.DictOf("file", file, "name", name), nil
		}
		return nil, nil
	case "has":
		return a.has(text("kind"), text("name")), nil
	case "display":
		c.Say(text("text"))
		return nil, nil
	case "warning":
		c.Warn(text("text"))
		return nil, nil
	case "find": // with the reasons where a file is missing
		path, err := c.Find(text("kind"), text("name"))
		return path, err
	case "read":
		data, err := c.ReadFile(text("file"))
		return value.DictOf("data", base64.StdEncoding.EncodeToString(data), "secret", false), err
	}
	return nil, errNotMine
}

// has tells whether there is a plugin of a kind.
func (a *actionRun) has(kind, name string) bool {
	switch kind {
	case "action":
		_, ok := action.Lookup(action.FullName(name))
		file, _ := a.find.ActionFile(name, nil)
		return ok || file != ""
	case "module":
		_, ok := module.Lookup(action.FullName(name))
		return ok || a.find.Has(name, nil)
	case "filter":
		_, ok := a.c.Templar.Filter(name)
		return ok
	case "test":
		_, ok := a.c.Templar.Test(name)
		return ok
	}
	return kind == "lookup"
}

// module runs a module for the plugin.
func (a *actionRun) module(q *value.Dict) (value.Value, error) {
	args, _ := q.At("args").(*value.Dict)
	name := value.Str(q.At("name"))
	if full := action.FullName(name); full != name {
		if _, ok := module.Lookup(name); !ok {
			if _, ok := module.Lookup(full); ok {
				name = full
			}
		}
	}
	d, err := a.c.Module(name, args, nil)
	if errors.As(err, new(*action.UnknownModule)) {
		return nil, fmt.Errorf("The module %s was not found in configured module paths", name)
	}
	return d, err
}

// action runs one of goplay's own actions, or the module behind it.
func (a *actionRun) action(q *value.Dict) (value.Value, error) {
	c := a.changed(q)
	c.Args, _ = q.At("args").(*value.Dict)
	c.Action = value.Str(q.At("name"))
	c.Name = action.FullName(c.Action)
	def, ok := action.Lookup(c.Name)
	if !ok {
		return a.module(q)
	}
	d, err := def.Run(c)
	if d == nil && err == nil {
		d = value.NewDict()
	}
	var te *templar.Error
	if err != nil && !remote.IsUnreachable(err) && !errors.As(err, &te) {
		return action.Fail(err.Error()), nil
	}
	return d, err
}

// command runs a command line under the task's identity.
func (a *actionRun) command(q *value.Dict) (value.Value, error) {
	stdin, err := base64.StdEncoding.DecodeString(textOr(q.At("stdin"), ""))
	if err != nil {
		return nil, err
	}
	s, err := a.c.Session()
	if err != nil {
		return nil, err
	}
	r, err := s.Exec(a.c, &remote.Exec{Argv: []string{textOr(q.At("executable"), "/bin/sh"), "-c", value.Str(q.At("cmd"))}, Stdin: stdin,
		Env: a.c.Task.Env, Dir: textOr(q.At("dir"), "")})
	if err != nil {
		return nil, err
	}
	return value.DictOf("rc", int64(r.RC), "stdout", value.Unsafe(r.Stdout), "stderr", value.Unsafe(r.Stderr)), nil
}

func textOr(v value.Value, other string) string {
	if s, ok := value.Text(v); ok && s != "" {
		return s
	}
	return other
}

func (a *actionRun) put(src, dest string) error {
	s, err := a.c.Session()
	if err != nil {
		return err
	}
	f, err := os.Open(src)
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	return s.PutFile(a.c, dest, f, fi.Size(), 0o600)
}

func (a *actionRun) get(src, dest string) error {
	s, err := a.c.Session()
	if err != nil {
		return err
	}
	f, err := os.Create(dest)
	if err != nil {
		return err
	}
	defer f.Close()
	return s.GetFile(a.c, src, f)
}

// tmp makes a folder of the plugin's own on the target.
func (a *actionRun) tmp() (value.Value, error) {
	s, err := a.c.Session()
	if err != nil {
		return nil, err
	}
	dir, err := s.TempDir(a.c)
	if err != nil {
		return nil, err
	}
	dir += fmt.Sprintf("/ansible-tmp-%016x", rand.Uint64())
	r, err := s.Exec(a.c, &remote.Exec{Argv: []string{"/bin/sh", "-c", `umask 77 && mkdir -p "$0"`, dir}})
	if err == nil && r.RC != 0 {
		err = fmt.Errorf("Failed to create temporary directory %s: %s", dir, r.Stderr)
	}
	return dir, err
}
