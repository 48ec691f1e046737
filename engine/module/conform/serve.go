package conform

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Handler answers what cases of get_url, uri, unarchive and wait_for ask for.
func Handler() http.Handler {
	m := http.NewServeMux()
	old := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	m.HandleFunc("/file.txt", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		http.ServeContent(w, r, "file.txt", old, strings.NewReader("content of the file\n"))
	})
	m.HandleFunc("/sums", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "0000000000000000000000000000000000000000000000000000000000000000  other.txt\n"+
			"8f5af4f4fd3fbce1e8ff5ffa8ef4bb32ae4ee6f4da9d9a1f6e8d9f7dd9a3d6c4  bad.txt\n"+fileSum+"  file.txt\n")
	})
	m.HandleFunc("/named", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="given.txt"`)
		fmt.Fprint(w, "named\n")
	})
	m.HandleFunc("/json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"a": 1, "b": [true, null, "x"], "utf": "ü"}`)
	})
	m.HandleFunc("/badjson", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"a": `)
	})
	m.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(w, "%s %s\ntype: %s\nx: %s\nagent: %s\naccept: %s\nbody: %s", r.Method, r.URL, r.Header.Get("Content-Type"), r.Header.Get("X-Given"),
			r.Header.Get("User-Agent"), r.Header.Get("Accept"), body)
	})
	m.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/file.txt", http.StatusFound) })
	m.HandleFunc("/moved307", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/echo", http.StatusTemporaryRedirect)
	})
	m.HandleFunc("/basic", func(w http.ResponseWriter, r *http.Request) {
		if u, p, ok := r.BasicAuth(); !ok || u != "joe" || p != "pw" {
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, "in\n")
	})
	m.HandleFunc("/status/", func(w http.ResponseWriter, r *http.Request) {
		code := http.StatusTeapot
		_, _ = fmt.Sscanf(r.URL.Path, "/status/%d", &code)
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(code)
		fmt.Fprintf(w, "status %d\n", code)
	})
	m.HandleFunc("/cookies", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1", Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2", Path: "/"})
		w.Header().Add("X-Two", "one")
		w.Header().Add("X-Two", "two")
		fmt.Fprint(w, "ok\n")
	})
	m.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(time.Minute):
		case <-r.Context().Done():
		}
	})
	return m
}

// fileSum is the sha256 of /file.txt.
const fileSum = "900059a626680310082d6c8b2208673f377caea1ca138ef3c56baee025f1b85f"
