package engine

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/foreign"
	"github.com/goplay-engine/goplay/engine/inventory"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/load"
	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/pyplug"
	"github.com/goplay-engine/goplay/engine/value"
)

// pluginHost is what Python plugins may ask of the run around them.
func (s *Setup) pluginHost() pyplug.Host {
	return pyplug.Host{
		Setting: func(name, kind, plugin string) (value.Value, bool) {
			v, _, ok := s.setting(name, kind, plugin)
			return v, ok
		},
		Option: func(env, ini []string) (string, bool) {
			text, _, ok := s.Config.Option(env, ini)
			return text, ok
		},
		Read: func(path string) ([]byte, bool, error) { return s.Files.Bytes(path) },
		Say: func(text, color string, stderr, newline bool) {
			s.Sink.Event(event.Message{Text: text, Stderr: stderr})
		},
		Verbose: func(level int, host, text string) { s.Sink.Event(event.Message{Level: level, Host: host, Text: text}) },
		Warn:    s.warn,
		Deprecated: func(text, version, date, collection string, removed bool) {
			s.Sink.Event(event.Deprecation{Msg: text, Version: version, Date: date, Collection: collection, Removed: removed})
		},
		Options:      s.cliOptions,
		TemplateVars: action.TemplateVars,
	}
}

// newPlugins finds Python plugins where the configuration says.
func newPlugins(c *config.Config, host pyplug.Host, verbosity int, warn func(string)) *pyplug.Plugins {
	return pyplug.New(pyplug.Options{Filter: c.List("DEFAULT_FILTER_PLUGIN_PATH"), Test: c.List("DEFAULT_TEST_PLUGIN_PATH"),
		Lookup: c.List("DEFAULT_LOOKUP_PLUGIN_PATH"), Inventory: c.List("DEFAULT_INVENTORY_PLUGIN_PATH"), Callback: c.List("DEFAULT_CALLBACK_PLUGIN_PATH"),
		Collections: pluginCollections(c), Utils: foreign.OwnUtils(), Ansible: foreign.InstalledAnsible(), Version: AnsibleVersion,
		Verbosity: verbosity, Warn: warn, Host: host})
}

// InventoryPlugins are the Python inventory plugins for a program that reads an
// inventory and runs nothing; the function ends their process.
func InventoryPlugins(c *config.Config, files *load.Loader, warn func(string), verbose func(level int, msg string), extra *value.Dict, basedir string) (inventory.Foreign, func()) {
	host := pyplug.Host{
		Setting: func(name, kind, plugin string) (value.Value, bool) {
			e, ok := c.Entry(name)
			return e.Value, ok
		},
		Option: func(env, ini []string) (string, bool) {
			text, _, ok := c.Option(env, ini)
			return text, ok
		},
		Read: files.Bytes, Warn: warn,
		Say:        func(text, color string, stderr, newline bool) { verbose(0, text) },
		Verbose:    func(level int, host, text string) { verbose(level, text) },
		Deprecated: func(text, version, date, collection string, removed bool) { warn(text) },
	}
	p := newPlugins(c, host, c.Verbosity(), warn)
	p.AddDir(basedir)
	e := templar.NewEngine(templar.Options{Plugin: p.Find, ErrorOnUndef: true})
	return pyplug.Inventory{P: p, Engine: func() *templar.Engine { return e }, Extra: func() *value.Dict { return extra }, Basedir: basedir}, p.Close
}

// cliOptions are the options of the command line under the names that plugins
// know them by.
func (s *Setup) cliOptions() *value.Dict {
	o := s.Options
	return value.DictOf("verbosity", int64(o.Verbosity), "check", o.Check, "diff", o.Diff, "tags", value.From(append([]string{}, o.Tags...)),
		"skip_tags", value.From(append([]string{}, o.SkipTags...)), "inventory", value.From(append([]string{}, o.Inventory...)),
		"subset", value.From(strings.Join(o.Limit, ",")), "extra_vars", value.From(append([]string{}, o.ExtraVars...)), "forks", int64(s.forks()),
		"connection", s.Config.Transport(), "remote_user", o.User, "become", o.Become, "become_method", o.BecomeMethod, "become_user", o.BecomeUser,
		"listtasks", false, "listtags", false, "listhosts", false, "syntax", false, "args", value.NewList())
}

// pyAction runs a Python action plugin: the user's own before goplay's actions,
// those of collections where goplay has nothing of that name itself.
func (s *Setup) pyAction(c *action.Context, name string) (*value.Dict, bool, error) {
	if _, native := module.Lookup(name); native && strings.Contains(name, ".") {
		return nil, false, nil
	}
	file, modname := s.own.ActionFile(name, nil)
	if file == "" {
		return nil, false, nil
	}
	d, err := s.plugins.RunAction(c, s.own, file, modname)
	return d, true, err
}
