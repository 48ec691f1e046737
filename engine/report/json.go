package report

import (
	"fmt"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/value"
)

// jsonReport prints the whole run as one JSON document at its end.
type jsonReport struct {
	s           *Screen
	custom      bool
	plays       *value.List
	play, tasks value.Value
	byID        map[string]*value.Dict // of the play: task to its entry
}

func newJSON(o *Options) *jsonReport {
	return &jsonReport{s: o.Screen, custom: o.Settings.CustomStats, plays: value.NewList()}
}

func stamp() string { return now().UTC().Format("2006-01-02T15:04:05.000000Z") }

// Event implements event.Sink.
func (j *jsonReport) Event(e event.Event) {
	switch x := e.(type) {
	case event.PlayStart:
		tasks := value.NewList()
		play := value.DictOf("duration", value.DictOf("start", stamp()), "id", x.ID, "name", x.Name, "path", fmt.Sprintf("%s:%d", x.Pos.File, x.Pos.Line))
		j.plays.Append(value.DictOf("play", play, "tasks", tasks))
		j.play, j.tasks, j.byID = play, tasks, map[string]*value.Dict{}
	case event.TaskStart:
		j.task(x.Task)
	case event.Result:
		if !x.Item {
			j.result(&x)
		}
	case event.Included:
		for _, r := range inclusions(x) {
			j.result(&r)
		}
	case event.Stats:
		j.finish(x)
	}
}

// task returns the entry of a task in the play that runs.
func (j *jsonReport) task(t *event.Task) *value.Dict {
	if d := j.byID[t.ID]; d != nil || j.byID == nil {
		return d
	}
	d := value.DictOf("hosts", value.NewDict(), "task", value.DictOf("duration", value.DictOf("start", stamp()), "id", t.ID, "name", t.Name,
		"path", fmt.Sprintf("%s:%d", t.Pos.File, t.Pos.Line)))
	j.byID[t.ID] = d
	j.tasks.(*value.List).Append(d)
	return d
}

func (j *jsonReport) result(x *event.Result) {
	t := j.task(x.Task)
	if t == nil {
		return
	}
	r := whole(x.Dict, x.NoLog)
	r.Set("action", x.Task.Action)
	switch x.Status {
	case event.Skipped:
		r.Set("skipped", true)
	case event.Failed:
		r.Set("failed", true)
	case event.Unreachable:
		r.Set("unreachable", true)
	}
	t.At("hosts").(*value.Dict).Set(x.Host, r)
	end := stamp()
	for _, d := range []value.Value{t.At("task"), j.play} {
		d.(*value.Dict).At("duration").(*value.Dict).Set("end", end)
	}
}

func (j *jsonReport) finish(x event.Stats) {
	stats, custom, global := value.NewDict(), value.NewDict(), value.NewDict()
	for _, h := range x.Hosts {
		c := x.Counts[h]
		stats.Set(h, value.DictOf("ok", int64(c.OK), "failures", int64(c.Failed), "unreachable", int64(c.Unreachable), "changed", int64(c.Changed),
			"skipped", int64(c.Skipped), "rescued", int64(c.Rescued), "ignored", int64(c.Ignored)))
	}
	if j.custom {
		for _, h := range sortedKeys(x.Custom) {
			if h == "_run" {
				global = x.Custom[h]
			} else {
				custom.Set(h, x.Custom[h])
			}
		}
	}
	j.s.Print(jsonText(value.DictOf("custom_stats", custom, "global_custom_stats", global, "plays", j.plays, "stats", stats), 4), "")
}
