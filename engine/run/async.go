package run

import (
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

// async starts a detached job and, unless poll is 0, waits for it.
func (w *wiring) async(s remote.Session, req *remote.Request) (*value.Dict, error) {
	tr := w.tr
	jid := fmt.Sprintf("j%012d.%d", rand.Int64N(1e12), os.Getpid())
	req.Async = &remote.Async{JobID: jid, Dir: w.asyncDir, Limit: w.s.async}
	resp, err := s.Do(w.c, req)
	if err != nil {
		return nil, err
	}
	d := value.MarkUnsafe(resp.Result).(*value.Dict)
	if w.s.poll <= 0 || value.Truth(d.At("failed")) || value.Truth(d.At("finished")) {
		return d, nil
	}
	poll := &remote.Request{Module: "ansible.builtin.async_status", Args: value.DictOf("jid", jid, "_async_dir", w.asyncDir),
		Env: w.s.env, RemoteUser: w.goal.User}
	for left := w.s.async; left > 0; left -= w.s.poll {
		if !sleep(w.c, time.Duration(w.s.poll)*time.Second) {
			return nil, w.c.Err()
		}
		resp, err := s.Do(w.c, poll)
		if err != nil {
			return nil, err
		}
		d = value.MarkUnsafe(resp.Result).(*value.Dict)
		if value.Truth(d.At("finished")) || value.Truth(d.At("failed")) {
			break
		}
		tr.emit(event.AsyncPoll{Task: tr.ev, Host: tr.h.name, JobID: jid, Started: 1, NoLog: w.x.noLog})
	}
	if !value.Truth(d.At("finished")) {
		msg := fmt.Sprintf("async task did not complete within the requested time - %ds", w.s.async)
		tr.emit(event.AsyncPoll{Task: tr.ev, Host: tr.h.name, JobID: jid, Done: true, Failed: true, NoLog: w.x.noLog})
		d.Delete("changed")
		withStreams(d)
		return value.DictOf("failed", true, "msg", msg, "async_result", d), nil
	}
	withStreams(d)
	failed := value.Truth(d.At("failed"))
	if rc, ok := d.GetStr("rc"); ok && value.Str(rc) != "0" && !d.Has("failed") {
		failed = true
	}
	tr.emit(event.AsyncPoll{Task: tr.ev, Host: tr.h.name, JobID: jid, Done: true, Failed: failed, NoLog: w.x.noLog})
	// The job's file has served.
	_, _ = s.Do(w.c, &remote.Request{Module: "ansible.builtin.async_status", Args: value.DictOf("jid", jid, "mode", "cleanup", "_async_dir", w.asyncDir), RemoteUser: w.goal.User})
	return d, nil
}

// withStreams gives the result of a job the output that modules without a program do not have.
func withStreams(d *value.Dict) {
	for _, k := range []string{"stdout", "stderr"} {
		if !d.Has(k) {
			d.Set(k, "")
			d.Set(k+"_lines", value.NewList())
		}
	}
}
