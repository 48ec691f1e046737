package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
)

// tree keeps the last result of each host in a file of its name.
type tree struct {
	s   *Screen
	dir string
}

func newTree(o *Options) (event.Sink, error) {
	dir := o.Dir
	if dir == "" {
		dir = home(o.option("~/.ansible/tree", "ANSIBLE_CALLBACK_TREE_DIR", "callback_tree.directory"))
	}
	return &tree{o.Screen, dir}, nil
}

// home puts the user's folder for ~.
func home(path string) string {
	if h, err := os.UserHomeDir(); err == nil && (path == "~" || strings.HasPrefix(path, "~/")) {
		return h + path[1:]
	}
	return path
}

// Event implements event.Sink.
func (t *tree) Event(e event.Event) {
	r, ok := e.(event.Result)
	if !ok || r.Item || r.Status == event.Skipped {
		return
	}
	err := os.MkdirAll(t.dir, 0o755)
	if err != nil {
		t.s.Warn(fmt.Sprintf("Unable to access or create the configured directory (%s): %v", t.dir, err), false)
		return
	}
	text := jsonText(Visible(r.Dict, r.NoLog, 0), 0)
	if err := os.WriteFile(filepath.Join(t.dir, filepath.Base(r.Host)), []byte(text), 0o644); err != nil {
		t.s.Warn(fmt.Sprintf("Unable to write to %s's file: %v", r.Host, err), false)
	}
}

// logPlays appends every result to a file of the host's name.
type logPlays struct {
	s         *Screen
	dir, book string
}

func newLogPlays(o *Options) (event.Sink, error) {
	l := &logPlays{s: o.Screen, dir: home(o.option("/var/log/ansible/hosts", "ANSIBLE_LOG_FOLDER", "callback_log_plays.log_folder"))}
	return l, os.MkdirAll(l.dir, 0o755)
}

// Event implements event.Sink.
func (l *logPlays) Event(e event.Event) {
	switch x := e.(type) {
	case event.PlaybookStart:
		l.book = filepath.Base(x.File)
	case event.Result:
		if !x.Item {
			l.result(&x)
		}
	}
}

func (l *logPlays) result(x *event.Result) {
	category := [...]string{"OK", "OK", "SKIPPED", "FAILED", "UNREACHABLE"}[x.Status]
	data := Visible(x.Dict, x.NoLog, 0)
	if data.Has("ansible_facts") && !x.NoLog {
		data.Set("ansible_facts", "omitted")
	}
	line := fmt.Sprintf("%s - %s - %s - %s - %s - %s\n\n", now().Format("Jan 02 2006 15:04:05"), l.book, x.Task.Name, x.Task.Action, category, jsonText(data, 0))
	f, err := os.OpenFile(filepath.Join(l.dir, filepath.Base(x.Host)), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(line)
		if e := f.Close(); err == nil {
			err = e
		}
	}
	if err != nil {
		l.s.Warn(fmt.Sprintf("Unable to write to %s's log: %v", x.Host, err), false)
	}
}
