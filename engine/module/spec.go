package module

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/value"
)

// Path is a text parameter in which ~ and $NAME are expanded.
type Path string

// Mode is a file mode as the user wrote it: a number, octal text or symbolic
// text. The zero Mode means "not given".
type Mode struct{ Raw value.Value }

// Given tells whether a mode was asked for.
func (m Mode) Given() bool { return m.Raw != nil }

// FileArgs are the parameters of every module that writes a file; embed it and
// set Def.FileArgs.
type FileArgs struct {
	Mode         Mode    `arg:"mode,type=raw" doc:"Permissions, octal or symbolic, or preserve where a source file is copied."`
	Owner        *string `arg:"owner" doc:"Name or number of the owner."`
	Group        *string `arg:"group" doc:"Name or number of the group."`
	SEUser       *string `arg:"seuser" doc:"User part of the SELinux context; _default uses the policy's."`
	SERole       *string `arg:"serole" doc:"Role part of the SELinux context."`
	SELevel      *string `arg:"selevel" doc:"Level part of the SELinux context."`
	SEType       *string `arg:"setype" doc:"Type part of the SELinux context."`
	Attributes   *string `arg:"attributes,alias=attr" doc:"File attributes as chattr takes them, with =, + or - before them."`
	UnsafeWrites bool    `arg:"unsafe_writes,default=false,env=ANSIBLE_UNSAFE_WRITES" doc:"Write in place where the file cannot be replaced atomically."`
}

// Param is one parameter of a module, read from a struct tag.
type Param struct {
	Name     string
	Aliases  []string
	Type     string // Ansible's name of the type: str, bool, int, float, list, dict, path, raw, json
	Elements string // type of a list's items
	Required bool
	Default  value.Value // nil: none
	Env      string      // the task's environment variable that stands in for the default
	Choices  []string
	NoLog    bool
	Hidden   bool   // starts with "_": engine-internal, not documented
	Doc      string // from the doc tag
	Sub      *Spec  // of a dict, or of a list's dicts
	index    []int
}

// Spec is the argument specification of a module or of a sub-option.
type Spec struct {
	Params []*Param
	byName map[string]*Param // aliases included
	Rules  Rules
}

// Rules over several parameters. A struct used as a sub-option may give its own
// by a method Rules() Rules.
type Rules struct {
	MutuallyExclusive [][]string
	RequiredOneOf     [][]string
	RequiredTogether  [][]string
	RequiredIf        []RequiredIf
	RequiredBy        [][]string // the first needs the others
	NullIsMissing     bool       // see Def
}

// given tells whether a parameter counts as given.
func (r *Rules) given(d *value.Dict, name string) bool {
	return d.Has(name) && (!r.NullIsMissing || d.At(name) != nil)
}

// Find returns the parameter with that name or alias, or nil.
func (s *Spec) Find(name string) *Param { return s.byName[name] }

// Names returns the names of all parameters, sorted, without aliases.
func (s *Spec) Names() []string {
	var out []string
	for _, p := range s.Params {
		out = append(out, p.Name)
	}
	sort.Strings(out)
	return out
}

var specCache sync.Map // *Def -> *Spec

// SpecOf reads the argument specification of d from its struct. A malformed tag
// panics: it is a programming error that the package's tests find.
func SpecOf(d *Def) *Spec {
	if s, ok := specCache.Load(d); ok {
		return s.(*Spec)
	}
	var s *Spec
	if d.Args == nil {
		s = &Spec{byName: map[string]*Param{}}
	} else {
		s = specOfType(reflect.TypeOf(d.Args()).Elem())
	}
	s.Rules = Rules{d.MutuallyExclusive, d.RequiredOneOf, d.RequiredTogether, d.RequiredIf, d.RequiredBy, d.NullIsMissing}
	specCache.Store(d, s)
	return s
}

func specOfType(t reflect.Type) *Spec {
	s := &Spec{byName: map[string]*Param{}}
	s.collect(t, nil)
	for _, p := range s.Params {
		for _, n := range append([]string{p.Name}, p.Aliases...) {
			if s.byName[n] != nil {
				panic(fmt.Sprintf("module: %s: parameter %q is declared twice", t, n))
			}
			s.byName[n] = p
		}
	}
	if r, ok := reflect.New(t).Interface().(interface{ Rules() Rules }); ok {
		s.Rules = r.Rules()
	}
	return s
}

func (s *Spec) collect(t reflect.Type, index []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(append([]int(nil), index...), i)
		tag, ok := f.Tag.Lookup("arg")
		if !ok {
			if f.Anonymous && f.Type.Kind() == reflect.Struct {
				s.collect(f.Type, at)
			}
			continue
		}
		s.Params = append(s.Params, parseTag(t, f, tag, at))
	}
}

func parseTag(t reflect.Type, f reflect.StructField, tag string, index []int) *Param {
	parts := strings.Split(tag, ",")
	p := &Param{Name: parts[0], index: index, Doc: f.Tag.Get("doc"), Hidden: strings.HasPrefix(parts[0], "_")}
	p.Type, p.Elements, p.Sub = typeOf(f.Type)
	def, hasDef := f.Tag.Lookup("default")
	for _, o := range parts[1:] {
		k, v, _ := strings.Cut(o, "=")
		switch k {
		case "alias":
			p.Aliases = append(p.Aliases, v)
		case "type":
			p.Type = v
		case "raw":
			p.Type = "raw"
		case "elements":
			p.Elements = v
		case "required":
			p.Required = true
		case "default":
			def, hasDef = v, true
		case "env":
			p.Env = v
		case "choices":
			p.Choices = strings.Split(v, "|")
		case "no_log":
			p.NoLog = true
		default:
			panic(fmt.Sprintf("module: %s.%s: unknown tag option %q", t, f.Name, o))
		}
	}
	if p.Type == "list" && p.Elements == "" && f.Type.Kind() == reflect.Slice {
		p.Elements = "str"
	}
	if hasDef {
		p.Default = defaultValue(t, f.Name, p, def)
	}
	return p
}

func typeOf(t reflect.Type) (typ, elements string, sub *Spec) {
	if t == reflect.TypeFor[*value.Dict]() {
		return "dict", "", nil
	}
	if t == reflect.TypeFor[*value.List]() {
		return "list", "", nil
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == reflect.TypeFor[Path]() {
		return "path", "", nil
	}
	if t == reflect.TypeFor[Mode]() {
		return "raw", "", nil
	}
	switch t.Kind() {
	case reflect.String:
		return "str", "", nil
	case reflect.Bool:
		return "bool", "", nil
	case reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint64:
		return "int", "", nil
	case reflect.Float64:
		return "float", "", nil
	case reflect.Interface:
		return "raw", "", nil
	case reflect.Struct:
		return "dict", "", specOfType(t)
	case reflect.Slice:
		e, _, sub := typeOf(t.Elem())
		return "list", e, sub
	}
	panic(fmt.Sprintf("module: no Ansible type for %s", t))
}

func defaultValue(t reflect.Type, field string, p *Param, s string) value.Value {
	bad := func(err error) {
		if err != nil {
			panic(fmt.Sprintf("module: %s.%s: bad default %q: %v", t, field, s, err))
		}
	}
	switch p.Type {
	case "bool":
		b, ok := parseBool(s)
		if !ok {
			bad(fmt.Errorf("not a boolean"))
		}
		return b
	case "int":
		n, err := strconv.ParseInt(s, 10, 64)
		bad(err)
		return n
	case "float":
		f, err := strconv.ParseFloat(s, 64)
		bad(err)
		return f
	case "dict":
		return value.NewDict()
	case "list":
		l := value.NewList()
		if s == "" {
			return l
		}
		for _, e := range strings.Split(s, ",") {
			if p.Elements == "int" {
				n, err := strconv.ParseInt(e, 10, 64)
				bad(err)
				l.Append(n)
			} else {
				l.Append(e)
			}
		}
		return l
	}
	return s
}
