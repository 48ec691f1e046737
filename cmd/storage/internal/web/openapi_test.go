package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const descriptionURL = "https://storage.example/openapi.json"

func readJSON(t *testing.T, content []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// at walks into a JSON value.
func at(v any, path ...string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// TestDescriptionIsValid checks openapi.json against the official schema of OpenAPI 3.1, and every schema in it
// against JSON Schema 2020-12.
func TestDescriptionIsValid(t *testing.T) {
	official, err := os.ReadFile("testdata/openapi-3.1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	_, url, _ := start(t, nil)
	doc := readJSON(t, []byte(ask(t, "GET", url+"/openapi.json", "").body))
	c := jsonschema.NewCompiler()
	if err := c.AddResource("https://openapi.example/schema", readJSON(t, official)); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("https://openapi.example/schema")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Error(err)
	}
	if err := schema.Validate(readJSON(t, []byte(`{"openapi": "3.1.0", "info": {"title": "x"}, "paths": {}}`))); err == nil {
		t.Error("the official schema takes a description without a version: it checks nothing")
	}
	names, _ := at(doc, "components", "schemas").(map[string]any)
	for name := range names {
		compile(t, doc, "#/components/schemas/"+name)
	}
}

func compile(t *testing.T, doc any, pointer string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(descriptionURL, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(descriptionURL + pointer)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestHandlersDoAsDescribed sends requests that get every answer in openapi.json, and checks each answer against it:
// status, headers, media type and body.
func TestHandlersDoAsDescribed(t *testing.T) {
	_, good, _ := start(t, func(o *Options) { o.Limit = 400 })
	_, broken, file := start(t, nil)
	_, standby, _ := start(t, func(o *Options) { o.Follow = good })
	doc := readJSON(t, []byte(ask(t, "GET", good+"/openapi.json", "").body))
	ask(t, "POST", good+"/keys/a", `{"value": "x"}`, asJSON)
	ask(t, "POST", good+"/keys/b", `{"value": "x"}`, asJSON) // for a second page of keys
	// what is no file cannot be read
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(file, 0o700); err != nil {
		t.Fatal(err)
	}

	covered := map[string]bool{}
	for _, c := range []struct {
		path, method, url, body string
		header                  []string
		status                  int
	}{
		{"/keys/{key}", "POST", good + "/keys/a", `{"value": "y"}`, []string{asJSON}, 201},
		{"/keys/{key}", "POST", good + "/keys/a", `{"value": 1}`, []string{asJSON}, 400},
		{"/keys/{key}", "POST", good + "/keys/a", strings.Repeat(" ", 2<<20), []string{asJSON}, 413},
		{"/keys/{key}", "POST", good + "/keys/a", `{"value": "y"}`, nil, 415},
		{"/keys/{key}", "POST", broken + "/keys/a", `{"value": "y"}`, []string{asJSON}, 500},
		{"/keys/{key}", "POST", standby + "/keys/a", `{"value": "y"}`, []string{asJSON}, 503},
		{"/keys/{key}", "POST", good + "/keys/a", `{"value": "` + strings.Repeat("y", 500) + `"}`, []string{asJSON}, 507},
		{"/keys/{key}", "GET", good + "/keys/a", "", nil, 200},
		{"/keys/{key}", "GET", good + "/keys/%ff", "", nil, 400},
		{"/keys/{key}", "GET", good + "/keys/c", "", nil, 404},
		{"/keys/{key}", "GET", broken + "/keys/b", "", nil, 500},
		{"/keys", "GET", good + "/keys?limit=1", "", nil, 200},
		{"/keys", "GET", good + "/keys?limit=0", "", nil, 400},
		{"/keys", "GET", broken + "/keys", "", nil, 500},
		{"/storage.data", "GET", good + "/storage.data", "", nil, 200},
		{"/storage.data", "GET", good + "/storage.data", "", nil, 304},
		{"/storage.data", "GET", broken + "/storage.data", "", nil, 500},
		{"/healthz", "GET", good + "/healthz", "", nil, 200},
		{"/healthz", "GET", standby + "/healthz", "", nil, 200},
		{"/healthz", "GET", broken + "/healthz", "", nil, 503},
		{"/metrics", "GET", good + "/metrics", "", nil, 200},
		{"/openapi.json", "GET", good + "/openapi.json", "", nil, 200},
		{"/", "GET", good + "/", "", nil, 200},
	} {
		if c.status == 304 {
			c.header = []string{"If-None-Match: " + ask(t, "GET", good+"/storage.data", "").header.Get("ETag")}
		}
		name := fmt.Sprintf("%s %s %d", c.method, c.path, c.status)
		covered[name] = true
		got := ask(t, c.method, c.url, c.body, c.header...)
		if got.status != c.status {
			t.Errorf("%s: status %d: %s", name, got.status, got.body)
			continue
		}
		wantDescribed(t, doc, name, c.path, strings.ToLower(c.method), got)
	}
	covered["POST /keys/{key} 408"] = true // TestSlowClients
	paths, _ := at(doc, "paths").(map[string]any)
	for path, item := range paths {
		for method, operation := range item.(map[string]any) {
			responses, _ := at(operation, "responses").(map[string]any)
			for status := range responses {
				if name := strings.ToUpper(method) + " " + path + " " + status; !covered[name] {
					t.Errorf("no request gets %s", name)
				}
			}
		}
	}
	s, _, _ := start(t, nil)
	for _, r := range s.routes {
		switch r.name {
		case "/style.css", "/app.js", "/icon.svg": // parts of the page
			continue
		}
		for method := range r.methods {
			if at(doc, "paths", r.name, strings.ToLower(method)) == nil {
				t.Errorf("%s %s is not described", method, r.name)
			}
		}
	}
}

func wantDescribed(t *testing.T, doc any, name, path, method string, got answer) {
	t.Helper()
	pointer := "#/paths/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(path) + "/" + method + "/responses/" + fmt.Sprint(got.status)
	response := at(doc, "paths", path, method, "responses", fmt.Sprint(got.status))
	if ref, ok := at(response, "$ref").(string); ok {
		pointer = ref
		response = at(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	headers, _ := at(response, "headers").(map[string]any)
	for h := range headers {
		if got.header.Get(h) == "" {
			t.Errorf("%s: the header %s is missing", name, h)
		}
	}
	content, _ := at(response, "content").(map[string]any)
	if len(content) == 0 {
		if got.body != "" {
			t.Errorf("%s: a body where none is described", name)
		}
		return
	}
	kind, _, err := mime.ParseMediaType(got.header.Get("Content-Type"))
	if err != nil || content[kind] == nil {
		t.Errorf("%s: media type %q is not described", name, got.header.Get("Content-Type"))
		return
	}
	var body any = got.body
	if strings.HasSuffix(kind, "json") {
		if body, err = jsonschema.UnmarshalJSON(strings.NewReader(got.body)); err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
	schema := compile(t, doc, pointer+"/content/"+strings.ReplaceAll(kind, "/", "~1")+"/schema")
	if err := schema.Validate(body); err != nil {
		var invalid *jsonschema.ValidationError
		errors.As(err, &invalid)
		text, _ := json.Marshal(body)
		t.Errorf("%s: %v\n%.300s", name, err, text)
	}
}
