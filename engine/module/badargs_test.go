package module

import (
	"os"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// TestBadArguments gives every module arguments it must refuse: each is named in
// one message, before anything runs.
func TestBadArguments(t *testing.T) {
	refused := func(name, why string, args *value.Dict, words ...string) {
		t.Helper()
		def, _ := Lookup(name)
		msg := validate(name, SpecOf(def), args, func(string) string { return "" }).err
		if msg == "" {
			t.Errorf("%s: %s: not refused", name, why)
			return
		}
		for _, w := range words {
			if !strings.Contains(msg, w) {
				t.Errorf("%s: %s: the message lacks %q: %s", name, why, w, msg)
			}
		}
	}
	for _, name := range Names() {
		def, _ := Lookup(name)
		if strings.HasPrefix(name, "goplay.") || def.Raw != nil || def.Forward != nil {
			continue
		}
		spec := SpecOf(def)
		good := goodArgs(spec)
		with := func(key string, v value.Value) *value.Dict {
			d := good.Clone()
			d.Set(key, v)
			return d
		}
		if validate(name, spec, good, func(string) string { return "" }).err == "" { // what is missing is said first
			refused(name, "an unknown parameter", with("no_such_thing", "x"), "Unsupported parameters", "no_such_thing")
		}
		for _, p := range spec.Params {
			if p.Hidden || strings.HasPrefix(p.Name, privatePrefix) || p.Name == "_raw_params" {
				continue
			}
			if p.Required {
				d := good.Clone()
				d.Delete(p.Name)
				refused(name, "without "+p.Name, d, "missing required arguments", p.Name)
			}
			if len(p.Choices) > 0 && p.Type == "str" {
				refused(name, "no choice of "+p.Name, with(p.Name, "no-such-choice"), "value of "+p.Name+" must be one of", "no-such-choice")
				continue
			}
			switch p.Type {
			case "int", "float", "bool":
				refused(name, p.Type+" "+p.Name, with(p.Name, "no-such-value"), "'"+p.Name+"'", "unable to convert to "+p.Type)
			case "dict":
				refused(name, "dict "+p.Name, with(p.Name, int64(3)), "'"+p.Name+"'", "unable to convert to dict")
			}
		}
		for _, group := range spec.Rules.MutuallyExclusive {
			d := good.Clone()
			for _, k := range group {
				d.Set(k, sample(spec, k))
			}
			refused(name, "exclusive "+strings.Join(group, ", "), d, "mutually exclusive")
		}
	}
}

// goodArgs holds something for each required parameter.
func goodArgs(spec *Spec) *value.Dict {
	d := value.NewDict()
	for _, p := range spec.Params {
		if p.Required {
			d.Set(p.Name, sample(spec, p.Name))
		}
	}
	return d
}

// sample is a value that a parameter takes.
func sample(spec *Spec, name string) value.Value {
	for _, p := range spec.Params {
		if p.Name != name {
			continue
		}
		if len(p.Choices) > 0 {
			return value.From(p.Choices[0])
		}
		switch p.Type {
		case "int", "float":
			return int64(1)
		case "bool":
			return true
		case "dict":
			return value.DictOf("a", "b")
		}
	}
	return "/nowhere/x"
}

// TestRecordedBadArguments compares messages with those that Ansible's own argument specifications gave for the same
// arguments: testdata/badargs.json has, for each module, pairs of arguments and message. Where the message goes on with a list
// that depends on the version, the record ends before it.
func TestRecordedBadArguments(t *testing.T) {
	data, err := os.ReadFile("testdata/badargs.json")
	if err != nil {
		t.Fatal(err)
	}
	all, err := value.ParseJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	for k, cases := range all.(*value.Dict).All() {
		name := value.Str(k)
		def, ok := Lookup(name)
		if !ok {
			t.Errorf("no module %s", name)
			continue
		}
		for _, c := range cases.(*value.List).Items {
			pair := c.(*value.List).Items
			want := value.Str(pair[1])
			got := validate(name[strings.LastIndex(name, ".")+1:], SpecOf(def), pair[0].(*value.Dict), func(string) string { return "" }).err
			if got != want && (want == "" || !strings.HasPrefix(got, want)) {
				t.Errorf("%s: %s\n got %s\nwant %s", name, value.Repr(pair[0]), got, want)
			}
		}
	}
}
