package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kv"
)

// followEvery is how often a standby asks for news.
const followEvery = time.Second

// follower keeps the file of a standby a copy of the active server's. It only ever adds: where the active server
// lacks values that the copy has, the copy is left as it is, so that an active server that comes back with
// nothing does not take the copy along.
type follower struct {
	opts    Options
	metrics *metrics
	address string // of the active server's file
	client  http.Client
	tag     string // of the copy that we have
	trouble string // last logged
}

func newFollower(opts Options, m *metrics) (*follower, error) {
	u, err := url.Parse(opts.Follow)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("--follow %s is no address like http://10.0.0.1:8082/", opts.Follow)
	}
	return &follower{opts: opts, metrics: m, address: u.JoinPath("storage.data").String(),
		client: http.Client{Timeout: time.Minute}}, nil
}

func (f *follower) run(ctx context.Context) {
	for tick := time.NewTicker(followEvery); ; {
		err := f.once(ctx)
		if ctx.Err() != nil {
			return
		}
		f.metrics.copies.WithLabelValues(result(err)).Inc()
		f.report(err)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// report logs a trouble when it begins and when it ends, not every second.
func (f *follower) report(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	} else {
		f.metrics.copied.SetToCurrentTime()
	}
	switch {
	case text == f.trouble:
	case text == "":
		f.opts.Log.Info("following again", "active", f.opts.Follow)
	default:
		f.opts.Log.Warn("cannot follow", "active", f.opts.Follow, "error", text)
	}
	f.trouble = text
}

// once asks for news and stores them.
func (f *follower) once(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.address, nil)
	if err != nil {
		return err
	}
	if f.tag != "" {
		req.Header.Set("If-None-Match", f.tag)
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusNotModified:
		return nil
	case http.StatusOK:
	default:
		return errors.New("the active server answers " + resp.Status)
	}
	body := io.Reader(resp.Body)
	if f.opts.Limit > 0 {
		body = io.LimitReader(body, f.opts.Limit+1)
	}
	src, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if f.opts.Limit > 0 && int64(len(src)) > f.opts.Limit {
		return errors.New("the active server's file is longer than " + strconv.FormatInt(f.opts.Limit, 10) + " bytes")
	}
	d, err := kv.Parse(src)
	if err != nil {
		return fmt.Errorf("the active server's file is damaged: %w", err)
	}
	if err := f.opts.File.Become(ctx, d); err != nil {
		return err
	}
	f.tag = resp.Header.Get("ETag")
	return nil
}

// readFile answers GET /storage.data: the file as it is on the disk. A writer replaces the file as a whole, so a
// slow client gets one state of it.
func (s *Server) readFile(w http.ResponseWriter, r *http.Request) {
	in, info, err := s.opts.File.Open()
	if err != nil {
		s.failed(w, r, err)
		return
	}
	defer in.Close()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size()))
	http.ServeContent(w, r, "", time.Time{}, in)
}
