package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/value"
)

// Options say which outputs a run has.
type Options struct {
	Stdout   string   // stdout_callback; "" is default
	Enabled  []string // callbacks_enabled
	Screen   *Screen
	Settings Settings
	// Option finds an option of a callback by its variables and its
	// "section.key" names of ansible.cfg; nil: none is set.
	Option func(env, ini []string) (string, bool)
	// Python finds and loads callbacks written in Python; nil: there are none.
	Python Python
	// Dir is the folder of the callback tree where the command line names one.
	Dir string
}

// option returns an option of a callback: names with a dot are of ansible.cfg.
func (o *Options) option(def string, names ...string) string {
	if o.Option == nil {
		return def
	}
	var env, ini []string
	for _, n := range names {
		if strings.Contains(n, ".") {
			ini = append(ini, n)
		} else {
			env = append(env, n)
		}
	}
	if s, ok := o.Option(env, ini); ok {
		return s
	}
	return def
}

func (o *Options) flag(def bool, names ...string) bool {
	switch strings.ToLower(o.option("", names...)) {
	case "y", "yes", "on", "1", "true", "t":
		return true
	case "n", "no", "off", "0", "false", "f":
		return false
	}
	return def
}

// now is the clock of outputs that tell times.
var now = time.Now

// layouts are the callbacks that may be stdout_callback, by short name.
var layouts = map[string]func(o *Options) event.Sink{
	"default": func(o *Options) event.Sink { return NewDefault(o.Screen, o.Settings) },
	"debug": func(o *Options) event.Sink {
		o.Settings.Streams = true
		return NewDefault(o.Screen, o.Settings)
	},
	"yaml": func(o *Options) event.Sink {
		o.Settings.ResultYAML = true
		return NewDefault(o.Screen, o.Settings)
	},
	"skippy":     func(o *Options) event.Sink { return hiding(o, true, false) },
	"full_skip":  func(o *Options) event.Sink { return hiding(o, true, false) },
	"actionable": func(o *Options) event.Sink { return hiding(o, true, true) },
	"stderr": func(o *Options) event.Sink {
		o.Settings.FailedToStderr = true
		return NewDefault(o.Screen, o.Settings)
	},
	"json":    func(o *Options) event.Sink { return newJSON(o) },
	"minimal": func(o *Options) event.Sink { return &Minimal{S: o.Screen, Set: o.Settings} },
	"oneline": func(o *Options) event.Sink { return &Minimal{S: o.Screen, Set: o.Settings, OneLine: true} },
	"null":    func(*Options) event.Sink { return event.SinkFunc(func(event.Event) {}) },
}

// hiding is the default layout without some results.
func hiding(o *Options, skipped, ok bool) event.Sink {
	o.Settings.HideSkipped = o.Settings.HideSkipped || skipped
	o.Settings.HideOK = o.Settings.HideOK || ok
	return NewDefault(o.Screen, o.Settings)
}

// missing are layouts of the common collections that goplay does not have; the
// default one stands in for them.
var missing = []string{"cgroup_memory_recap", "counter_enabled", "default_without_diff", "dense", "diy", "jsonl", "selective", "tasks_only", "timestamp", "unixy"}

// extras are the callbacks that run beside the layout.
var extras = map[string]func(o *Options) (event.Sink, error){
	"junit":         func(o *Options) (event.Sink, error) { return newJUnit(o), nil },
	"log_plays":     newLogPlays,
	"profile_roles": func(o *Options) (event.Sink, error) { return newProfileRoles(o), nil },
	"profile_tasks": func(o *Options) (event.Sink, error) { return newProfileTasks(o) },
	"timer":         func(o *Options) (event.Sink, error) { return &timer{s: o.Screen, began: now()}, nil },
	"tree":          newTree,
}

// New returns the report that the options want. The error says that there is no
// such layout.
func New(o Options) (event.Sink, error) {
	short := func(name string) string { return name[strings.LastIndex(name, ".")+1:] }
	all := Several{&talk{s: o.Screen, set: o.Settings}}
	add := func(name string) error {
		x, err := extras[name](&o)
		if err == nil {
			all = append(all, x)
		}
		return err
	}
	main := short(o.Stdout)
	if main == "" {
		main = "default"
	}
	switch {
	case layouts[main] != nil:
		all = append(all, layouts[main](&o))
	case extras[main] != nil:
		if err := add(main); err != nil {
			return nil, err
		}
	case slices.Contains(missing, main):
		o.Screen.Warn(fmt.Sprintf("goplay has no callback %s; the default one is used instead", o.Stdout), false)
		all = append(all, layouts["default"](&o))
	default:
		found, err := o.python(o.Stdout)
		if err != nil {
			return nil, fmt.Errorf("the callback plugin %s cannot be loaded: %w", o.Stdout, err)
		}
		if !found {
			return nil, &UnknownLayout{o.Stdout}
		}
	}
	seen := []string{main}
	for _, name := range o.Enabled {
		n := short(name)
		if slices.Contains(seen, n) {
			continue
		}
		seen = append(seen, n)
		if extras[n] == nil {
			if layouts[n] != nil {
				o.Screen.Verbose(2, "", fmt.Sprintf("Skipping callback '%s', as we already have a stdout callback.", name))
			} else if found, err := o.python(name); err != nil {
				o.Screen.Warn(fmt.Sprintf("Skipping callback plugin '%s': %v", name, err), false)
			} else if !found {
				o.Screen.Warn(fmt.Sprintf("Skipping callback plugin '%s', unable to load", name), false)
			}
			continue
		}
		if err := add(n); err != nil {
			o.Screen.Warn(fmt.Sprintf("Skipping callback plugin '%s': %v", name, err), false)
		}
	}
	if o.Python != nil {
		if err := o.Python.LoadFolders(seen); err != nil {
			o.Screen.Warn(fmt.Sprintf("Skipping callback plugin: %v", err), false)
		}
		all = append(all, o.Python)
	}
	return all, nil
}

// Python are callbacks written in Python.
type Python interface {
	event.Sink
	// Load loads the one of that name, if there is such.
	Load(name string) (found bool, err error)
	// LoadFolders loads those that need not be named, besides those that were.
	LoadFolders(named []string) error
}

func (o *Options) python(name string) (bool, error) {
	if o.Python == nil {
		return false, nil
	}
	return o.Python.Load(name)
}

// Hide is what no_log leaves of a result.
func Hide(d *value.Dict) *value.Dict { return Visible(d, true, 0) }

// UnknownLayout says that there is no such stdout_callback.
type UnknownLayout struct{ Name string }

func (e *UnknownLayout) Error() string {
	return "Invalid callback for stdout specified: " + e.Name
}

// Several passes every event to several sinks.
type Several []event.Sink

// Event implements event.Sink.
func (s Several) Event(e event.Event) {
	for _, x := range s {
		x.Event(e)
	}
}
