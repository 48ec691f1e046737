package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"time"
)

//go:embed page/index.html page/style.css page/app.js page/icon.svg page/openapi.json
var files embed.FS

// policy keeps the page from loading or sending anything anywhere else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// assets returns what answers with an embedded file, by address.
func assets() map[string]http.HandlerFunc {
	handlers := map[string]http.HandlerFunc{}
	for _, a := range []struct{ path, file, kind string }{
		{"/", "index.html", "text/html; charset=utf-8"},
		{"/style.css", "style.css", "text/css; charset=utf-8"},
		{"/app.js", "app.js", "text/javascript; charset=utf-8"},
		{"/icon.svg", "icon.svg", "image/svg+xml"},
		{"/openapi.json", "openapi.json", "application/json"},
	} {
		content, err := files.ReadFile("page/" + a.file)
		if err != nil {
			panic(err) // it is embedded
		}
		sum := sha256.Sum256(content)
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		handlers[a.path] = func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Type", a.kind)
			h.Set("ETag", tag)
			h.Set("Content-Security-Policy", policy)
			h.Set("Referrer-Policy", "no-referrer")
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		}
	}
	return handlers
}
