package pyplug

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// locate finds a plugin's file by kind and name in folders or collections, and
// the name under which Python imports it.
func (p *Plugins) locate(kind string, dirs []string, name string) (file, modname string) {
	name = strings.TrimPrefix(name, "ansible.legacy.")
	parts := strings.Split(name, ".")
	stem := parts[len(parts)-1] + ".py"
	modname = "ansible.plugins." + kind + "." + name
	if len(parts) >= 3 {
		dirs = nil
		for _, c := range p.opts.Collections {
			dirs = append(dirs, filepath.Join(append([]string{c, "ansible_collections", parts[0], parts[1], "plugins", kind}, parts[2:len(parts)-1]...)...))
		}
		modname = "ansible_collections." + parts[0] + "." + parts[1] + ".plugins." + kind + "." + strings.Join(parts[2:], ".")
	} else if len(parts) == 2 {
		return "", ""
	}
	for _, d := range dirs {
		f := filepath.Join(d, stem)
		if fi, err := os.Stat(f); err == nil && !fi.IsDir() {
			return f, modname
		}
	}
	return "", ""
}

// Inventory runs inventory plugins; it is an inventory.Foreign.
type Inventory struct {
	P *Plugins
	// Engine renders what plugins compose, Extra are the extra variables.
	Engine  func() *templar.Engine
	Extra   func() *value.Dict
	Basedir string
}

// Has implements inventory.Foreign.
func (i Inventory) Has(name string) bool {
	i.P.mu.Lock()
	defer i.P.mu.Unlock()
	file, _ := i.P.locate("inventory", i.P.opts.Inventory, name)
	return file != ""
}

// Parse implements inventory.Foreign.
func (i Inventory) Parse(name, src string, state *value.Dict) (*value.List, bool, error) {
	i.P.mu.Lock()
	file, modname := i.P.locate("inventory", i.P.opts.Inventory, name)
	i.P.mu.Unlock()
	request := value.DictOf("op", "inventory", "name", name, "file", file, "modname", modname, "source", src, "basedir", i.Basedir)
	request.Update(state)
	t := i.Engine().New(templar.DictVars{Dict: value.NewDict()}, templar.Scope{Basedir: i.Basedir})
	render := i.P.rendering(t)
	answer, err := i.P.ask1(request, func(what string, q *value.Dict) (value.Value, bool, error) {
		if what == "extravars" {
			return i.Extra(), true, nil
		}
		return render(what, q)
	}, true)
	if err != nil {
		return nil, false, err
	}
	if msg, failed := answer.GetStr("error"); failed {
		return nil, false, errors.New(value.Str(msg))
	}
	d, _ := answer.At("value").(*value.Dict)
	steps, _ := d.At("done").(*value.List)
	if steps == nil {
		steps = value.NewList()
	}
	return steps, value.Truth(d.At("skip")), nil
}
