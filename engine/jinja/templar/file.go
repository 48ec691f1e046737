package templar

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/jinja/lex"
	"github.com/goplay-engine/goplay/engine/jinja/stmt"
	"github.com/goplay-engine/goplay/engine/value"
)

// fileKey is what a compiled file depends on.
type fileKey struct {
	src, path string
	cfg       lex.Config
	skip      int
}

func (e *Engine) compileFile(path, src string, cfg lex.Config, skip int) *compiled {
	key := fileKey{src, path, cfg, skip}
	if c, ok := e.files.get(key); ok {
		return c
	}
	c := e.compile(path, src, &cfg, skip)
	e.files.put(key, c)
	return c
}

func (o FileOptions) config() lex.Config {
	c := lex.Default()
	c.TrimBlocks, c.LstripBlocks = !o.NoTrimBlocks, o.LstripBlocks
	for _, f := range []struct {
		to   *string
		from string
	}{{&c.NewlineSequence, o.NewlineSequence}, {&c.BlockStart, o.BlockStart}, {&c.BlockEnd, o.BlockEnd},
		{&c.VarStart, o.VarStart}, {&c.VarEnd, o.VarEnd}, {&c.CommentStart, o.CommentStart}, {&c.CommentEnd, o.CommentEnd}} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	return c
}

// headerPrefix starts a first line that overrides settings of Jinja2.
const headerPrefix = "#jinja2:"

// header takes a `#jinja2:` line off the source and applies it; unknown are
// the settings in it that Jinja2 does not have.
func header(src string, c *lex.Config) (body string, cut bool, unknown []string, err error) {
	if !strings.HasPrefix(src, headerPrefix) {
		return src, false, nil, nil
	}
	line, rest, whole := strings.Cut(src, "\n")
	if !whole { // the reference loses the last character of a header without an end
		line = line[:max(len(line)-1, len(headerPrefix))]
	}
	for _, pair := range strings.Split(line[len(headerPrefix):], ",") {
		k, v, ok := strings.Cut(pair, ":")
		if !ok {
			return "", true, nil, fmt.Errorf("failed to parse jinja2 override '%s'. Did you use something different from colon as key-value separator?", strings.TrimSpace(pair))
		}
		k = strings.TrimSpace(k)
		val, ok := pyLiteral(strings.TrimSpace(v))
		if !ok {
			return "", true, nil, fmt.Errorf("failed to parse jinja2 override '%s': %s is not a literal", strings.TrimSpace(pair), strings.TrimSpace(v))
		}
		s, _ := value.Text(val)
		switch k {
		case "trim_blocks":
			c.TrimBlocks = value.Truth(val)
		case "lstrip_blocks":
			c.LstripBlocks = value.Truth(val)
		case "keep_trailing_newline":
			c.KeepTrailingNewline = value.Truth(val)
		case "newline_sequence":
			c.NewlineSequence = s
		case "block_start_string":
			c.BlockStart = s
		case "block_end_string":
			c.BlockEnd = s
		case "variable_start_string":
			c.VarStart = s
		case "variable_end_string":
			c.VarEnd = s
		case "comment_start_string":
			c.CommentStart = s
		case "comment_end_string":
			c.CommentEnd = s
		case "line_statement_prefix":
			c.LineStatement = s
		case "line_comment_prefix":
			c.LineComment = s
		case "autoescape", "optimized", "cache_size", "auto_reload":
			// they change nothing here
		default:
			unknown = append(unknown, k)
		}
	}
	return rest, true, unknown, nil
}

// buffers are reused for results until they are text.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

// RenderFile renders the content of a template file to text.
func (t *Templar) RenderFile(src string, o FileOptions) (string, error) {
	if o.Vars != nil {
		t = t.With(o.Vars)
	}
	cfg := o.config()
	body, cut, unknown, err := header(src, &cfg)
	for _, k := range unknown {
		if t.eng.opts.Warn != nil {
			t.eng.opts.Warn(fmt.Sprintf("Could not find Jinja2 environment setting to override: '%s'", k))
		}
	}
	if err != nil {
		return "", &Error{Pos: value.Pos{File: o.Path, Line: 1, Col: 1}, Msg: err.Error(), Err: err}
	}
	skip := 0
	if cut {
		skip = 1
	}
	c := t.eng.compileFile(o.Path, body, cfg, skip)
	if c.err != nil {
		return "", t.fail(c.err, body, value.Pos{File: o.Path})
	}
	st := t.start(c.src)
	buf := buffers.Get().(*[]byte)
	out := &stmt.Out{St: st, Loader: fileLoader{t, cfg, dirOf(o.Path), map[string]*stmt.Template{}}, Buf: (*buf)[:0]}
	defer func() {
		if cap(out.Buf) <= 1<<20 {
			*buf = out.Buf
			buffers.Put(buf)
		}
	}()
	if err := c.t.Render(out, st.Ctx); err != nil {
		err = t.fail(err, body, value.Pos{File: o.Path})
		if t.ignores(err) {
			return body, nil
		}
		return "", err
	}
	return restoreNewlines(body, string(out.Buf), cfg.NewlineSequence), nil
}

// Template loads another template with the default settings; part of
// stmt.Loader for templates inside YAML values.
func (t *Templar) Template(name, from string) (*stmt.Template, error) {
	return fileLoader{t, lex.Default(), "", nil}.Template(name, from)
}

// fileLoader loads what a template file includes, with the same settings.
type fileLoader struct {
	t   *Templar
	cfg lex.Config
	dir string // of the main template
	// seen are the templates loaded in this rendering: a loop includes many times.
	seen map[string]*stmt.Template
}

// Template finds name where the task looks, then beside the main template.
func (l fileLoader) Template(name, _ string) (*stmt.Template, error) {
	if t := l.seen[name]; t != nil {
		return t, nil
	}
	path, err := l.t.findTemplate(name, l.dir)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &stmt.NotFound{Names: []string{name}, Cause: err}
	}
	c := l.t.eng.compileFile(path, string(data), l.cfg, 0)
	if c.err != nil {
		return nil, c.err
	}
	if l.seen != nil {
		l.seen[name] = c.t
	}
	return c.t, nil
}

func (t *Templar) findTemplate(name, dir string) (string, error) {
	tried := &stmt.NotFound{Names: []string{name}}
	for _, part := range strings.Split(name, "/") {
		if part == ".." {
			return "", tried // Jinja2's loader refuses to leave its folders
		}
	}
	try := func(p string) bool {
		info, err := os.Stat(p)
		return err == nil && !info.IsDir()
	}
	if t.scope.Find != nil && !filepath.IsAbs(name) {
		p, err := t.scope.Find("templates", name)
		if err == nil {
			return p, nil
		}
		tried.Cause = err
	}
	for _, dir := range []string{filepath.Join(t.scope.Basedir, "templates"), t.scope.Basedir} {
		if t.scope.Basedir != "" {
			if p := filepath.Join(dir, name); try(p) {
				return p, nil
			}
		}
	}
	if dir != "" {
		if p := filepath.Join(dir, name); try(p) {
			return p, nil
		}
	}
	return "", tried
}

// Check compiles a template file without keeping it and returns its syntax
// error, if any.
func (e *Engine) Check(src string, o FileOptions) error {
	cfg := o.config()
	body, cut, _, err := header(src, &cfg)
	if err != nil {
		return &Error{Pos: value.Pos{File: o.Path, Line: 1, Col: 1}, Msg: err.Error(), IsSyntax: true, Err: err}
	}
	skip := 0
	if cut {
		skip = 1
	}
	if c := e.compile(o.Path, body, &cfg, skip); c.err != nil {
		return (&Templar{eng: e}).fail(c.err, body, value.Pos{File: o.Path})
	}
	return nil
}

func dirOf(path string) string {
	if path == "" {
		return ""
	}
	return filepath.Dir(path)
}
