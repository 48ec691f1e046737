package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/event"
)

// timer tells how long the run took.
type timer struct {
	s     *Screen
	began time.Time
}

// Event implements event.Sink.
func (t *timer) Event(e event.Event) {
	if _, ok := e.(event.Stats); ok {
		n := int(now().Sub(t.began).Seconds())
		t.s.Print(fmt.Sprintf("Playbook run took %d days, %d hours, %d minutes, %d seconds", n/86400, n/3600%24, n/60%60, n%60), "")
	}
}

// watch measures what runs now; only one thing runs at a time.
type watch struct {
	s             *Screen
	began, last   time.Time
	current       string
	since         time.Time
	took          map[string]time.Duration
	order         []string
	names, places map[string]string
}

func newWatch(s *Screen) watch {
	t := now()
	return watch{s: s, began: t, last: t, took: map[string]time.Duration{}, names: map[string]string{}, places: map[string]string{}}
}

// start ends what was measured and begins anew under id.
func (w *watch) start(id, name string) {
	w.stop()
	if _, ok := w.took[id]; !ok {
		w.took[id] = 0
		w.order = append(w.order, id)
		w.names[id] = name
	}
	w.current, w.since = id, now()
}

func (w *watch) stop() {
	if w.current != "" {
		w.took[w.current] += now().Sub(w.since)
		w.current = ""
	}
}

// clock is a line with the time, how long the last step took and all so far.
func (w *watch) clock() string {
	t := now()
	line := fmt.Sprintf("%s (%s)       %s", t.Format("Monday 02 January 2006  15:04:05 -0700"), stopwatch(t.Sub(w.last)), stopwatch(t.Sub(w.began)))
	w.last = t
	return filled(line, "*")
}

// stopwatch writes h:mm:ss.mmm.
func stopwatch(d time.Duration) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("%d:%02d:%02d.%03d", ms/3600000, ms/60000%60, ms/1000%60, ms%1000)
}

// filled pads a line to 79 columns.
func filled(text, with string) string {
	if text != "" {
		text += " "
	}
	return text + strings.Repeat(with, max(79-Width(text), 3)) + " "
}

// dashed is a name and its seconds with dashes between, width columns in all.
func dashed(name string, d time.Duration, width int) string {
	left, right := name+" ", fmt.Sprintf(" %.2fs", d.Seconds())
	return left + strings.Repeat("-", max(width-9-Width(left), 0)) + strings.Repeat("-", max(9-len(right), 0)) + right
}

// byTime lists ids, the longest first; id order is that of the run.
func (w *watch) byTime() []string {
	ids := slices.Clone(w.order)
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(w.took[b], w.took[a]) })
	return ids
}

// profileTasks tells how long each task took.
type profileTasks struct {
	watch
	summaryOnly bool
	order       string
	limit       int // -1: all
}

func newProfileTasks(o *Options) (event.Sink, error) {
	p := &profileTasks{watch: newWatch(o.Screen), summaryOnly: o.flag(false, "PROFILE_TASKS_SUMMARY_ONLY", "callback_profile_tasks.summary_only"),
		order: o.option("descending", "PROFILE_TASKS_SORT_ORDER", "callback_profile_tasks.sort_order"), limit: -1}
	limit := o.option("20", "PROFILE_TASKS_TASK_OUTPUT_LIMIT", "callback_profile_tasks.output_limit", "callback_profile_tasks.task_output_limit")
	if limit != "all" {
		n, err := strconv.Atoi(strings.TrimSpace(limit))
		if err != nil || n < 0 {
			return nil, fmt.Errorf("output_limit of profile_tasks is a number or all, not %q", limit)
		}
		p.limit = n
	}
	if !slices.Contains([]string{"descending", "ascending", "none"}, p.order) {
		return nil, fmt.Errorf("sort_order of profile_tasks is descending, ascending or none, not %q", p.order)
	}
	return p, nil
}

// Event implements event.Sink.
func (p *profileTasks) Event(e event.Event) {
	switch x := e.(type) {
	case event.TaskStart:
		if !p.summaryOnly {
			p.s.Print(p.clock(), "")
		}
		p.start(x.Task.ID, x.Task.Name)
		p.places[x.Task.ID] = fmt.Sprintf("%s:%d", x.Task.Pos.File, x.Task.Pos.Line)
	case event.Stats:
		p.stop()
		p.s.Print(p.clock(), "")
		p.s.Print(filled("", "="), "")
		ids := p.byTime()
		switch p.order {
		case "ascending":
			slices.Reverse(ids)
		case "none":
			ids = p.watch.order
		}
		if p.limit >= 0 && len(ids) > p.limit {
			ids = ids[:p.limit]
		}
		for _, id := range ids {
			p.s.Print(dashed(p.names[id], p.took[id], p.s.Columns), "")
			if p.s.Verbosity >= 2 {
				place := p.places[id] + " "
				p.s.Print(place+strings.Repeat("-", max(p.s.Columns-len(place), 0)), "")
			}
		}
	}
}

// profileRoles tells how long the tasks of each role took.
type profileRoles struct{ watch }

func newProfileRoles(o *Options) event.Sink { return &profileRoles{newWatch(o.Screen)} }

// Event implements event.Sink.
func (p *profileRoles) Event(e event.Event) {
	switch x := e.(type) {
	case event.TaskStart:
		p.s.Print(p.clock(), "")
		name := x.Task.Action
		if role, ok := strings.CutSuffix(x.Task.Name, " : "+x.Task.Own); ok && role != "" {
			name = role
		}
		p.start(name, name)
	case event.Stats:
		p.stop()
		p.s.Print(p.clock(), "")
		p.s.Print(filled("", "="), "")
		var total time.Duration
		for _, id := range p.byTime() {
			p.s.Print(dashed(id, p.took[id], 79), "")
			total += p.took[id]
		}
		p.s.Print(filled("", "~"), "")
		p.s.Print(dashed("total", total, 79), "")
	}
}
