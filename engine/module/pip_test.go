package module

import (
	"context"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// Nothing to install is no error; recorded from ansible-core 2.14.
func TestPipNothing(t *testing.T) {
	for _, name := range []value.Value{nil, value.NewList()} {
		r, _ := Execute(&Context{Context: context.Background()}, "pip", value.DictOf("name", name, "executable", "/nonexistent/pip"))
		if value.Truth(r.At("changed")) || value.Truth(r.At("failed")) || value.Repr(r.At("warnings")) != "['No valid name or requirements file found.']" {
			t.Errorf("%s: %s", value.Repr(name), value.Repr(r))
		}
	}
}

// An empty version, as templates leave it, asks for none; recorded from ansible-core 2.14. A name of two lines is an
// error of pip's, not of ours.
func TestPipNames(t *testing.T) {
	for _, args := range []*value.Dict{value.DictOf("name", "x==1", "version", ""), value.DictOf("name", "a\nb"), value.DictOf("name", "", "version", "")} {
		args.Set("executable", "/nonexistent/pip")
		r, _ := Execute(&Context{Context: context.Background(), Check: true}, "pip", args)
		if want := "[Errno 2] No such file or directory: b'/nonexistent/pip'"; value.Str(r.At("msg")) != want {
			t.Errorf("%s: %s", value.Repr(args), value.Str(r.At("msg")))
		}
	}
}
