package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kv"
)

const (
	keyLimit  = 1024 // bytes
	pageLimit = 1000 // keys in one answer
)

// readKey answers GET /keys/{key}.
func (s *Server) readKey(w http.ResponseWriter, r *http.Request) {
	key, ok := keyOf(w, r)
	if !ok {
		return
	}
	var text []byte
	var found bool
	if err := s.group.View(func(d *kv.Data) { text, _, found = d.JSON(key) }); err != nil {
		s.failed(w, r, err)
		return
	}
	if !found {
		problem(w, http.StatusNotFound, "There is no such key.")
		return
	}
	head := append(kv.AppendJSON([]byte(`{"key": `), key), `, "values": [`...)
	const tail = "]}\n"
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(head)+len(text)+len(tail)))
	if len(text) < 32<<10 {
		_, _ = w.Write(append(append(head, text...), tail...))
		return
	}
	_, _ = w.Write(head)
	_, _ = w.Write(text)
	_, _ = w.Write([]byte(tail))
}

// addValue answers POST /keys/{key}.
func (s *Server) addValue(w http.ResponseWriter, r *http.Request) {
	if s.follower != nil {
		w.Header().Set("Retry-After", "5")
		problem(w, http.StatusServiceUnavailable, "This server is a standby: it answers with a copy and adds nothing. Try again when the first server is back.")
		return
	}
	key, ok := keyOf(w, r)
	if !ok {
		return
	}
	if len(key) > keyLimit {
		problem(w, http.StatusBadRequest, "A key may be "+strconv.Itoa(keyLimit)+" bytes long.")
		return
	}
	value, ok := s.valueOf(w, r)
	if !ok {
		return
	}
	n, err := s.group.Add(r.Context(), key, value)
	if r.Context().Err() != nil {
		return // nobody is there any more
	}
	if err != nil {
		s.failed(w, r, err)
		return
	}
	body := kv.AppendJSON([]byte(`{"key": `), key)
	body = kv.AppendJSON(append(body, `, "value": `...), value)
	body = strconv.AppendInt(append(body, `, "count": `...), int64(n), 10)
	escaped := r.URL.EscapedPath()
	w.Header().Set("Location", relative(escaped[strings.LastIndexByte(escaped, '/')+1:]))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(append(body, "}\n"...))
}

// relative makes a path segment a relative address; a colon in it would make it an absolute one.
func relative(segment string) string { return "./" + segment }

// keyOf returns the key in the address; if that is none, it answers and returns false.
func keyOf(w http.ResponseWriter, r *http.Request) (key string, ok bool) {
	key, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), keysPrefix))
	if err != nil || !utf8.ValidString(key) {
		problem(w, http.StatusBadRequest, "The key in the address is not UTF-8 with percent signs.")
		return "", false
	}
	return key, true
}

// valueOf reads the body; if that is not as it should be, it answers and returns false.
func (s *Server) valueOf(w http.ResponseWriter, r *http.Request) (value string, ok bool) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, named := params["charset"]
	if err != nil || kind != "application/json" || named && !strings.EqualFold(charset, "utf-8") {
		w.Header().Set("Accept-Post", "application/json")
		problem(w, http.StatusUnsupportedMediaType, "The body must be application/json, in UTF-8, and Content-Type must say so.")
		return "", false
	}
	if code := r.Header.Get("Content-Encoding"); code != "" && !strings.EqualFold(code, "identity") {
		w.Header().Set("Accept-Encoding", "identity")
		problem(w, http.StatusUnsupportedMediaType, "The body must not be compressed.")
		return "", false
	}
	var buf bytes.Buffer
	if r.ContentLength > 0 && r.ContentLength <= s.opts.BodyLimit {
		buf.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	if r.ContentLength > s.opts.BodyLimit {
		w.Header().Set("Connection", "close") // rather than read all of it
		problem(w, http.StatusRequestEntityTooLarge, "The body may be "+strconv.FormatInt(s.opts.BodyLimit, 10)+" bytes long.")
		return "", false
	}
	_, err = io.Copy(&buf, http.MaxBytesReader(w, r.Body, s.opts.BodyLimit))
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		problem(w, http.StatusRequestEntityTooLarge, "The body may be "+strconv.FormatInt(s.opts.BodyLimit, 10)+" bytes long.")
		return "", false
	case err != nil:
		w.Header().Set("Connection", "close")
		problem(w, http.StatusRequestTimeout, "The body did not arrive in time.")
		return "", false
	}
	fields, err := kv.ParseStrings(buf.Bytes())
	if err != nil {
		problem(w, http.StatusBadRequest, "The body must be like {\"value\": \"text\"}: "+err.Error()+".")
		return "", false
	}
	value, ok = fields["value"]
	if !ok || len(fields) > 1 {
		problem(w, http.StatusBadRequest, `The body must hold "value" and nothing else.`)
		return "", false
	}
	return value, true
}

// listKeys answers GET /keys.
func (s *Server) listKeys(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		problem(w, http.StatusBadRequest, "The query cannot be read.")
		return
	}
	limit := pageLimit
	if text := query.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > pageLimit {
			problem(w, http.StatusBadRequest, "limit must be a number from 1 to "+strconv.Itoa(pageLimit)+".")
			return
		}
	}
	var keys []kv.Key
	var total int
	more, known := false, true
	if err := s.group.View(func(d *kv.Data) {
		from := 0
		if query.Has("after") {
			from, known = d.Place(query.Get("after"))
			from++
		}
		total = d.Len()
		keys, more = d.Keys(from, limit)
	}); err != nil {
		s.failed(w, r, err)
		return
	}
	if !known {
		problem(w, http.StatusBadRequest, "after must be a key of the storage.")
		return
	}
	body := []byte(`{"keys": [`)
	for i, k := range keys {
		if i > 0 {
			body = append(body, ", "...)
		}
		body = kv.AppendJSON(append(body, `{"key": `...), k.Name)
		body = append(strconv.AppendInt(append(body, `, "count": `...), int64(k.Count), 10), '}')
	}
	body = strconv.AppendInt(append(body, `], "total": `...), int64(total), 10)
	if more {
		body = kv.AppendJSON(append(body, `, "after": `...), keys[len(keys)-1].Name)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, "}\n"...))
}

// health answers GET /healthz.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	if s.stopping.Load() {
		problem(w, http.StatusServiceUnavailable, "The server is stopping.")
		return
	}
	if err := s.group.View(func(*kv.Data) {}); err != nil {
		_, detail := s.explain(err)
		problem(w, http.StatusServiceUnavailable, detail)
		return
	}
	role := "active"
	if s.follower != nil {
		role = "standby"
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(`{"status": "ok", "role": "` + role + `"}` + "\n"))
}
