package jinja_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// known are cases that cannot pass, each with the reason.
var known = map[string]string{
	"afilter-362c5ac4": "commonpath exists since ansible-core 2.15",
}

type testCase struct {
	id, mode string
	d        *value.Dict
}

func readCases(t *testing.T) []testCase {
	if path := os.Getenv("GOPLAY_JINJA_CASES"); path != "" {
		return readFile(t, path)
	}
	return append(readFile(t, "testdata/cases.jsonl"), readFile(t, "testdata/more.jsonl")...)
}

func readFile(t *testing.T, path string) []testCase {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []testCase
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 16<<20)
	for sc.Scan() {
		line := bytes.TrimSpace(sc.Bytes())
		if len(line) == 0 {
			continue
		}
		v, err := value.ParseJSON(line)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		d := v.(*value.Dict)
		out = append(out, testCase{value.Str(d.At("id")), value.Str(d.At("mode")), d})
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// unsafe turns {"__ansible_unsafe": "x"} into unsafe text.
func unsafe(v value.Value) value.Value {
	switch x := v.(type) {
	case *value.Dict:
		if s, ok := x.GetStr("__ansible_unsafe"); ok && x.Len() == 1 {
			return value.Unsafe(value.Str(s))
		}
		d := value.NewDictCap(x.Len())
		for k, e := range x.All() {
			d.Set(k, unsafe(e))
		}
		return d
	case *value.List:
		l := value.NewList()
		for _, e := range x.Items {
			l.Append(unsafe(e))
		}
		return l
	}
	return v
}

// strict compares as the README says: 1 and 1.0 differ, as do 1 and true.
func strict(a, b value.Value) bool {
	if t, ok := a.(value.Tuple); ok {
		a = value.NewList(t...)
	} else if s, ok := a.(*py.Set); ok {
		a, _ = py.ListOf(s)
	}
	switch x := a.(type) {
	case *value.Dict:
		y, ok := b.(*value.Dict)
		if !ok || x.Len() != y.Len() {
			return false
		}
		for k, e := range x.All() {
			f, ok := y.GetStr(value.Str(k))
			if !ok || !strict(e, f) {
				return false
			}
		}
		return true
	case *value.List:
		y, ok := b.(*value.List)
		if !ok || len(x.Items) != len(y.Items) {
			return false
		}
		for i := range x.Items {
			if !strict(x.Items[i], y.Items[i]) {
				return false
			}
		}
		return true
	}
	return value.JSON(a) != nil && string(value.JSON(a)) == string(value.JSON(b)) && (value.TypeName(a) == value.TypeName(b) || isText(a) && isText(b))
}

func isText(v value.Value) bool { _, ok := value.Text(v); return ok }

func options(o *value.Dict) templar.FileOptions {
	var f templar.FileOptions
	for k, v := range o.All() {
		s, _ := value.Text(v)
		switch value.Str(k) {
		case "trim_blocks":
			f.NoTrimBlocks = !value.Truth(v)
		case "lstrip_blocks":
			f.LstripBlocks = value.Truth(v)
		case "newline_sequence":
			f.NewlineSequence = s
		case "block_start_string":
			f.BlockStart = s
		case "block_end_string":
			f.BlockEnd = s
		case "variable_start_string":
			f.VarStart = s
		case "variable_end_string":
			f.VarEnd = s
		case "comment_start_string":
			f.CommentStart = s
		case "comment_end_string":
			f.CommentEnd = s
		}
	}
	return f
}

func finder(base string) func(kind, name string) (string, error) {
	return func(kind, name string) (string, error) {
		for _, p := range []string{filepath.Join(base, kind, name), filepath.Join(base, name), name} {
			if _, err := os.Stat(p); err == nil && (filepath.IsAbs(name) || p != name) {
				return p, nil
			}
		}
		return "", fmt.Errorf("Could not find or access '%s'", name)
	}
}

func evaluate(c testCase, base string) (v value.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("PANIC %v", r)
		}
	}()
	vars, _ := unsafe(c.d.At("vars")).(*value.Dict)
	tm := engine.New(templar.DictVars{Dict: vars}, templar.Scope{Basedir: base, Find: finder(base)})
	switch c.mode {
	case "expr":
		return tm.Cond(c.d.At("template"), value.Pos{})
	case "native":
		return tm.Render(unsafe(c.d.At("template")), value.Pos{})
	}
	o, _ := c.d.At("options").(*value.Dict)
	return tm.RenderFile(value.Str(c.d.At("template")), options(o))
}

func TestConformance(t *testing.T) {
	t.Setenv("TZ", "UTC")
	t.Setenv("CORPUS_ENV", "from-env")
	var failed []string
	passed := 0
	for _, c := range readCases(t) {
		base := ""
		if files, ok := c.d.At("files").(*value.Dict); ok {
			base = t.TempDir()
			for k, v := range files.All() {
				p := filepath.Join(base, value.Str(k))
				if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(p, []byte(value.Str(v)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		got, err := evaluate(c, base)
		want := c.d.At("expected")
		wantErr := value.Truth(c.d.At("expected_error"))
		if err != nil && strings.HasPrefix(err.Error(), "PANIC") || (err != nil) != wantErr || !wantErr && !strict(got, want) {
			failed = append(failed, c.id)
			if os.Getenv("GOPLAY_JINJA_VERBOSE") != "" {
				t.Logf("%s %s: %s\n vars %.300s\n got  %s %v\n want %s %s", c.id, c.mode, value.JSON(c.d.At("template")),
					value.JSON(c.d.At("vars")), value.JSON(got), err, value.JSON(want), value.JSON(c.d.At("error")))
			}
			continue
		}
		passed++
	}
	sort.Strings(failed)
	bad := 0
	for _, id := range failed {
		if known[id] == "" {
			bad++
		}
	}
	if bad > 0 {
		t.Errorf("%d cases fail that should not", bad)
	}
	fmt.Printf("%d passed, %d failed\n", passed, len(failed))
	for _, id := range failed {
		fmt.Println(id)
	}
}

// TestNative runs the cases that give another answer with jinja2_native.
func TestNative(t *testing.T) {
	eng := engine
	defer func() { engine = eng }()
	engine = nativeEngine
	for _, c := range readCases(t) {
		want, ok := c.d.GetStr("expected_jinja2_native")
		if !ok || c.d.Has("files") {
			continue
		}
		if got, err := evaluate(c, ""); err != nil || !strict(got, want) {
			t.Errorf("%s %s\n got  %s %v\n want %s", c.id, value.JSON(c.d.At("template")), value.JSON(got), err, value.JSON(want))
		}
	}
}
