package report

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
)

// Several passes every event to several sinks.
type Several []event.Sink

// Event implements event.Sink.
func (s Several) Event(e event.Event) {
	for _, x := range s {
		x.Event(e)
	}
}

// New returns the report of a stdout callback's name with the further callbacks
// that are enabled.
func New(name string, s *Screen, set Settings, enabled []string) (event.Sink, error) {
	short := name[strings.LastIndex(name, ".")+1:]
	var main event.Sink
	switch short {
	case "", "default":
		main = NewDefault(s, set)
	case "yaml":
		set.ResultYAML = true
		main = NewDefault(s, set)
	case "debug":
		set.PrettyJSON = true
		main = NewDefault(s, set)
	case "minimal":
		main = &Minimal{S: s, Set: set}
	case "oneline":
		main = &Minimal{S: s, Set: set, OneLine: true}
	case "null":
		main = event.SinkFunc(func(event.Event) {})
	default:
		return nil, fmt.Errorf("Could not load %s callback plugin.", "'"+name+"'")
	}
	return main, nil
}
