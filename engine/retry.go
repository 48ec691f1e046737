package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
)

// retrySink writes the hosts that failed to a .retry file before the recap
// (retry_files_enabled).
type retrySink struct {
	event.Sink
	folder, book string
}

// Event implements event.Sink.
func (r retrySink) Event(e event.Event) {
	if st, ok := e.(event.Stats); ok {
		r.save(st)
	}
	r.Sink.Event(e)
}

func (r retrySink) save(st event.Stats) {
	var failed strings.Builder
	for _, h := range st.Hosts {
		if c := st.Counts[h]; c != nil && c.Failed+c.Unreachable > 0 {
			failed.WriteString(h + "\n")
		}
	}
	if failed.Len() == 0 {
		return
	}
	base := strings.TrimSuffix(filepath.Base(r.book), filepath.Ext(r.book)) + ".retry"
	folder := r.folder
	if folder == "" {
		folder = filepath.Dir(r.book)
	}
	file := filepath.Join(folder, base)
	if abs, err := filepath.Abs(file); err == nil {
		file = abs
	}
	err := os.MkdirAll(folder, 0o755)
	if err == nil {
		err = os.WriteFile(file, []byte(failed.String()), 0o644)
	}
	if err != nil {
		r.Sink.Event(event.Warning{Msg: fmt.Sprintf("Could not create retry file '%s'.\n\t%s", file, err)})
		return
	}
	r.Sink.Event(event.Message{Text: "\tto retry, use: --limit @" + file + "\n"})
}
