package engine

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/event"
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
		Read: s.Files.Bytes,
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
