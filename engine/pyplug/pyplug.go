// Package pyplug runs filter, test, lookup, action, inventory and callback plugins
// written in Python on the controller: those beside playbooks and roles, of
// configured folders and of collections. They run in helper processes that are started when the first is
// needed; where there is no Python, the error says so.
//
// It imports the template engine, engine/action and engine/event, whose plugins these
// are, and nothing of plays.
package pyplug

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

// Options say where plugins lie. Folders that playbooks and roles bring are
// added with AddDir.
type Options struct {
	Filter, Test, Lookup []string // configured folders
	Inventory, Callback  []string // folders of such plugins
	Collections          []string // folders that hold ansible_collections
	Utils                fs.FS    // module_utils for machines without Ansible
	Ansible              string   // the folder of an installed Ansible; "" is none
	Version              string   // of Ansible, as plugins see it
	Python               string   // the program; "" looks for one
	Verbosity            int
	Warn                 func(msg string)
	Host                 Host // what plugins ask of the program around them
}

// Plugins finds and calls plugins.
type Plugins struct {
	opts Options
	pool pool

	mu     sync.Mutex
	gen    int // counts changes of the folders
	known  map[string]bool
	warned map[string]bool
	own    atomic.Bool // folders of filters, tests or lookups hold something
}

// New returns plugins; no process is started yet.
func New(o Options) *Plugins {
	p := &Plugins{opts: o, known: map[string]bool{}, warned: map[string]bool{}}
	p.pool.owner = p
	for _, d := range slices.Concat(o.Filter, o.Test, o.Lookup) {
		if m, _ := filepath.Glob(filepath.Join(d, "*.py")); len(m) > 0 {
			p.own.Store(true)
		}
	}
	return p
}

// Close ends the processes.
func (p *Plugins) Close() { p.pool.close() }

// AddDir makes the plugins of a playbook's or role's folder known.
func (p *Plugins) AddDir(dir string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	add := func(to *[]string, d, probe string) {
		if m, _ := filepath.Glob(filepath.Join(d, probe)); len(m) > 0 && !slices.Contains(*to, d) {
			*to = append([]string{d}, *to...)
			p.gen++
			p.known = map[string]bool{}
			p.own.Store(true)
		}
	}
	add(&p.opts.Filter, filepath.Join(dir, "filter_plugins"), "*.py")
	add(&p.opts.Test, filepath.Join(dir, "test_plugins"), "*.py")
	add(&p.opts.Lookup, filepath.Join(dir, "lookup_plugins"), "*.py")
	add(&p.opts.Callback, filepath.Join(dir, "callback_plugins"), "*.py")
	add(&p.opts.Inventory, filepath.Join(dir, "inventory_plugins"), "*.py")
	add(&p.opts.Collections, filepath.Join(dir, "collections"), "ansible_collections/*/*")
}

// folders are those in which a plugin of that name may lie.
func (p *Plugins) folders(kind, name string) []string {
	parts := strings.Split(name, ".")
	if len(parts) >= 3 {
		var out []string
		for _, c := range p.opts.Collections {
			out = append(out, filepath.Join(append([]string{c, "ansible_collections", parts[0], parts[1], "plugins", kind}, parts[2:len(parts)-1]...)...))
		}
		return out
	}
	return map[string][]string{"filter": p.opts.Filter, "test": p.opts.Test, "lookup": p.opts.Lookup}[kind]
}

// possible tells whether it is worth starting Python for a name.
func (p *Plugins) possible(kind, name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.folders(kind, name) {
		pattern := "*.py"
		if kind == "lookup" {
			pattern = name[strings.LastIndex(name, ".")+1:] + ".py"
		}
		if m, _ := filepath.Glob(filepath.Join(d, pattern)); len(m) > 0 {
			return true
		}
	}
	return false
}

// Find returns the plugin as the template engine wants it: a builtin.Func for a
// filter or test, a templar.LookupFunc for a lookup.
func (p *Plugins) Find(kind, name string) (any, bool) { return p.find(kind, name, false) }

// Override is Find for names that goplay has itself: what playbooks, roles and
// configured folders bring under the same short name comes first. Where it cannot
// be run, goplay's own serves.
func (p *Plugins) Override(kind, name string) (any, bool) {
	if !p.own.Load() || strings.Contains(name, ".") {
		return nil, false
	}
	key := "own\x00" + kind + "\x00" + name
	p.mu.Lock()
	has, asked := p.known[key]
	p.mu.Unlock()
	if !asked {
		if p.mentioned(kind, name) {
			found, err := p.ask(kind, name, false)
			has = found && err == nil
		}
		p.mu.Lock()
		p.known[key] = has
		p.mu.Unlock()
	}
	if !has {
		return nil, false
	}
	return p.find(kind, name, false)
}

// mentioned tells whether the name occurs in the files of a kind at all, which
// spares starting Python for most names.
func (p *Plugins) mentioned(kind, name string) bool {
	if kind == "lookup" {
		return p.possible(kind, name)
	}
	p.mu.Lock()
	dirs := slices.Clone(p.folders(kind, name))
	p.mu.Unlock()
	for _, d := range dirs {
		files, _ := filepath.Glob(filepath.Join(d, "*.py"))
		for _, f := range files {
			if text, err := os.ReadFile(f); err == nil && bytes.Contains(text, []byte(name)) {
				return true
			}
		}
	}
	return false
}

func (p *Plugins) find(kind, name string, nested bool) (any, bool) {
	key := kind + "\x00" + name
	p.mu.Lock()
	has, asked := p.known[key]
	p.mu.Unlock()
	var fault error
	if !asked {
		if p.possible(kind, name) {
			has, fault = p.ask(kind, name, nested)
		}
		p.mu.Lock()
		p.known[key] = has
		p.mu.Unlock()
	}
	if fault != nil { // it may be there: the call says why it cannot be run
		has = true
	}
	if !has {
		return nil, false
	}
	if kind == "lookup" {
		return templar.LookupFunc(func(t *templar.Templar, terms []value.Value, kw *value.Dict) ([]value.Value, error) {
			if fault != nil {
				return nil, fault
			}
			v, err := p.call(value.DictOf("op", "lookup", "name", name, "terms", value.NewList(terms...), "kwargs", kw), t, nested)
			if err != nil {
				return nil, err
			}
			l, ok := v.(*value.List)
			if !ok {
				return nil, fmt.Errorf("the lookup plugin %s did not return a list", name)
			}
			return l.Items, nil
		}), true
	}
	return builtin.Func(func(c *builtin.Call) (value.Value, error) {
		if fault != nil {
			return nil, fault
		}
		for _, a := range c.Args {
			if err := expr.Strict(a); err != nil {
				return nil, err
			}
		}
		kw := c.Kwargs
		if kw == nil {
			kw = value.NewDict()
		}
		var t *templar.Templar
		if st, ok := c.Env.(*expr.State); ok {
			t, _ = st.Host.(*templar.Templar)
		}
		return p.call(value.DictOf("op", "call", "kind", kind, "name", name, "args", value.NewList(c.Args...), "kwargs", kw), t, nested)
	}), true
}

// ask asks Python whether it has the plugin; files that cannot be loaded are
// warned of.
func (p *Plugins) ask(kind, name string, nested bool) (bool, error) {
	v, err := p.call(value.DictOf("op", "find", "kind", kind, "name", name), nil, nested)
	if err != nil {
		return false, err
	}
	d, _ := v.(*value.Dict)
	if l, ok := d.At("faults").(*value.List); ok && p.opts.Warn != nil {
		for _, f := range l.Items {
			p.mu.Lock()
			text := value.Str(f)
			seen := p.warned[text]
			p.warned[text] = true
			p.mu.Unlock()
			if !seen {
				p.opts.Warn(fmt.Sprintf("Skipping %s plugin: %s", kind, text))
			}
		}
	}
	return value.Truth(d.At("found")), nil
}

// server answers the questions of a plugin while it runs; handled is false for
// those it does not know.
type server func(what string, q *value.Dict) (v value.Value, handled bool, err error)

// call runs a filter, test or lookup for a templar.
func (p *Plugins) call(request *value.Dict, t *templar.Templar, nested bool) (value.Value, error) {
	answer, err := p.ask1(request, p.rendering(t), nested)
	if err != nil {
		return nil, err
	}
	msg, failed := answer.GetStr("error")
	switch {
	case !failed:
		return answer.At("value"), nil
	case value.Str(request.At("op")) == "lookup":
		return nil, fmt.Errorf("An unhandled exception occurred while running the lookup plugin '%s'. Error was a %s, original message: %s. %[3]s",
			value.Str(request.At("name")), value.Str(answer.At("class")), value.Str(msg))
	case value.Truth(answer.At("ansible")):
		return nil, errors.New(value.Str(msg))
	}
	return nil, py.Raise(value.Str(answer.At("kind")), "%s", value.Str(msg))
}

// ask1 sends a request, serves what the plugin asks meanwhile and returns the answer.
func (p *Plugins) ask1(request *value.Dict, serve server, nested bool) (*value.Dict, error) {
	c, err := p.pool.take(nested)
	if err != nil {
		return nil, err
	}
	broken := true
	defer func() { p.pool.give(c, broken, nested) }()
	answer, err := p.converse(c, request, serve)
	broken = err != nil
	return answer, err
}

// converse is ask1 with a process that is there.
func (p *Plugins) converse(c *process, request *value.Dict, serve server) (*value.Dict, error) {
	if err := c.send(request); err != nil {
		return nil, err
	}
	for {
		answer, err := c.receive()
		if err != nil {
			return nil, err
		}
		what, asked := answer.GetStr("ask")
		if !asked {
			return answer, nil
		}
		var v value.Value
		var handled bool
		if serve != nil {
			v, handled, err = serve(value.Str(what), answer)
		}
		if !handled {
			v, handled, err = p.common(value.Str(what), answer)
		}
		reply := value.DictOf("value", v)
		switch {
		case err != nil:
			var te *templar.Error
			reply = value.DictOf("error", err.Error(), "undefined", errors.As(err, &te) && te.IsUndefined, "unreachable", remote.IsUnreachable(err))
		case !handled:
			reply = value.DictOf("error", fmt.Sprintf("goplay cannot answer what this plugin asks for here (%s)", value.Str(what)))
		}
		if err := c.send(reply); err != nil {
			return nil, err
		}
	}
}
