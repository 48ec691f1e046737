// Package moduletest holds what the tests of modules share: running a module as
// the helper does, and the conformance case every module passes.
//
// It imports engine/module and engine/value; only tests import it.
package moduletest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/value"
)

// Args builds a module's arguments from key, value, key, value ...
func Args(kv ...any) *value.Dict {
	d := value.NewDict()
	for i := 0; i+1 < len(kv); i += 2 {
		d.Set(kv[i], value.From(kv[i+1]))
	}
	return d
}

// Run executes a module for real, with diff on.
func Run(t testing.TB, name string, args *value.Dict) *value.Dict {
	t.Helper()
	return run(t, name, args, false)
}

// Check executes a module in check mode, with diff on.
func Check(t testing.TB, name string, args *value.Dict) *value.Dict {
	t.Helper()
	return run(t, name, args, true)
}

func run(t testing.TB, name string, args *value.Dict, check bool) *value.Dict {
	r, _ := module.Execute(&module.Context{Context: context.Background(), Check: check, Diff: true, Tmpdir: t.TempDir()}, name, args)
	return r
}

// Case is one use of a module that changes something.
type Case struct {
	Module string
	Args   *value.Dict
	// Root is the folder in which the module works; its whole state is compared.
	Root string
	// Again is set for modules whose second run changes something too (command,
	// tempfile).
	Again bool
	// Ignore names return values that may differ between prediction and run.
	Ignore []string
}

// Conform runs the conformance suite: check mode changes nothing and predicts
// changed and diff, the run changes, a second run changes nothing and shows
// no diff, an unknown argument is named.
func Conform(t *testing.T, c Case) *value.Dict {
	t.Helper()
	bad := c.Args.Clone()
	bad.Set("no_such_parameter", true)
	if msg := value.Str(Run(t, c.Module, bad).At("msg")); !strings.Contains(msg, c.Module+") module: no_such_parameter. Supported parameters include: ") {
		t.Errorf("unknown argument: got %q", msg)
	}
	before := Snapshot(t, c.Root)
	pre := Check(t, c.Module, c.Args)
	if d := diff(before, Snapshot(t, c.Root)); d != "" {
		t.Errorf("check mode changed the target:\n%s", d)
	}
	real := Run(t, c.Module, c.Args)
	if value.Truth(real.At("failed")) {
		t.Fatalf("failed: %s", value.Str(real.At("msg")))
	}
	if !value.Equal(pre.At("changed"), real.At("changed")) {
		t.Errorf("check mode predicted changed=%v, the run gave %v", pre.At("changed"), real.At("changed"))
	}
	if !contains(c.Ignore, "diff") && !value.Equal(pre.At("diff"), real.At("diff")) {
		t.Errorf("check mode showed diff\n%s\nthe run\n%s", value.Repr(pre.At("diff")), value.Repr(real.At("diff")))
	}
	if changed := diff(before, Snapshot(t, c.Root)) != ""; changed && real.At("changed") != true {
		t.Errorf("the target changed, the result says it did not")
	}
	if !c.Again {
		after := Snapshot(t, c.Root)
		second := Run(t, c.Module, c.Args)
		if second.At("changed") != false {
			t.Errorf("second run: changed=%v msg=%v diff=%s", second.At("changed"), second.At("msg"), value.Repr(second.At("diff")))
		}
		if d := diff(after, Snapshot(t, c.Root)); d != "" {
			t.Errorf("second run changed the target:\n%s", d)
		}
	}
	return real
}

func contains(l []string, s string) bool {
	for _, e := range l {
		if e == s {
			return true
		}
	}
	return false
}

// Snapshot describes every file under root: type, mode, size, content, link target.
func Snapshot(t testing.TB, root string) map[string]string {
	t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := e.Info()
		if err != nil {
			return err
		}
		s := fi.Mode().String()
		switch {
		case fi.Mode().IsRegular():
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			s += fmt.Sprintf(" %q", data)
		case fi.Mode()&fs.ModeSymlink != 0:
			l, _ := os.Readlink(p)
			s += " -> " + l
		}
		m[p] = s
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func diff(a, b map[string]string) string {
	var out []string
	for k, v := range a {
		if w, ok := b[k]; !ok {
			out = append(out, "- "+k+" "+v)
		} else if v != w {
			out = append(out, "- "+k+" "+v, "+ "+k+" "+w)
		}
	}
	for k, v := range b {
		if _, ok := a[k]; !ok {
			out = append(out, "+ "+k+" "+v)
		}
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}
