package expr

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Limits keep a template from exhausting the machine.
const (
	MaxSteps  = 50_000_000 // loop rounds, calls and items that filters see in one rendering
	MaxCalls  = 300        // nesting of macros, includes and recursive loops
	MaxOutput = 256 << 20  // bytes of one result
	MaxItems  = 5_000_000  // items of one list
)

// Host is what the evaluator asks of whoever renders: the variables of the
// play and plugins.
type Host interface {
	// Resolve returns a variable, rendered. An undefined name inside it gives
	// *value.Undefined and true.
	Resolve(name string) (v Value, ok bool, err error)
	// Global is a global function or value of the environment.
	Global(name string) (Value, bool)
	// Filter and Test find what builtin's registries do not have.
	Filter(name string) (builtin.Func, bool)
	Test(name string) (builtin.Func, bool)
	// Lookup calls a lookup plugin.
	Lookup(name string, terms []Value, kwargs *value.Dict) ([]Value, error)
}

// Frame holds the local variables of one scope while it runs.
type Frame struct {
	Vals   []Value
	Parent *Frame
}

// Context holds the names of one running template that other templates and
// blocks may see.
type Context struct {
	Vars     *value.Dict // set at top level
	Exported map[string]bool
	Locals   map[string]Value // what an include inherits
	NoHost   bool             // import or include without context
}

// Run is one rendering, across all templates it pulls in.
type Run struct {
	Host     Host
	Unsafe   bool // text from outside took part in the result
	Volatile bool // a lookup, random or the time took part
	Steps    int
	Calls    int
	Escape   bool
	// Mutates: the template calls methods that change containers, so that
	// variables must be copied before use.
	Mutates bool
}

// State is where an evaluation stands. It is not safe for concurrent use.
type State struct {
	*Run
	Frame *Frame
	Ctx   *Context
	Src   *Source
	// Self carries what statements keep (blocks, the output); see engine/jinja/stmt.
	Self any
}

// Source is the text that offsets point into.
type Source struct {
	Text string
	File string // the file that Text is the whole content of, if any
	Skip int    // lines of the file before Text
	once sync.Once
	line []int
}

// At turns an offset into line and column of the text.
func (s *Source) At(off int) value.Pos {
	if s == nil {
		return value.Pos{}
	}
	s.once.Do(func() {
		s.line = []int{0}
		for i := 0; i < len(s.Text); i++ {
			if s.Text[i] == '\n' {
				s.line = append(s.line, i+1)
			}
		}
	})
	if off > len(s.Text) {
		off = len(s.Text)
	}
	lo, hi := 0, len(s.line)
	for hi-lo > 1 {
		if m := (lo + hi) / 2; s.line[m] <= off {
			lo = m
		} else {
			hi = m
		}
	}
	col := utf8.RuneCountInString(s.Text[s.line[lo]:off]) + 1
	return value.Pos{Line: lo + 1, Col: col}
}

// Line returns line n (from 1) of the source.
func (s *Source) Line(n int) string {
	s.At(0)
	if n < 1 || n > len(s.line) {
		return ""
	}
	l := s.Text[s.line[n-1]:]
	if i := strings.IndexByte(l, '\n'); i >= 0 {
		l = l[:i]
	}
	return l
}

// Error is an error with the place in the template where it happened.
type Error struct {
	Pos value.Pos // where known already; Src is nil then
	Src *Source
	Off int
	Err error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Fail adds a place to err, unless it has one.
func (st *State) Fail(off int, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	var u *value.Undefined
	if errors.As(err, &u) {
		if u.Pos.Line > 0 || u.Pos.File != "" {
			return &Error{Pos: u.Pos, Err: err}
		}
		if u.Pos.Col > 0 {
			off = u.Pos.Col - 1
		}
	}
	return &Error{Src: st.Src, Off: off, Err: err}
}

// here marks an undefined value with its offset in the running template; a
// position proper takes its place when the value leaves the template.
func here(off at) value.Pos { return value.Pos{Col: int(off) + 1} }

// Step counts one round of a loop or one call.
func (st *State) Step() error {
	if st.Steps++; st.Steps > MaxSteps {
		return fmt.Errorf("the template runs for too long (%d steps)", MaxSteps)
	}
	return nil
}

// charge counts what a filter has to walk.
func (st *State) charge(v Value) error {
	n := 0
	switch x := v.(type) {
	case string:
		n = len(x) / 64
	case value.Unsafe:
		n = len(x) / 64
	case *value.List:
		n = len(x.Items)
	case value.Tuple:
		n = len(x)
	case *value.Dict:
		n = x.Len()
	case *py.View:
		n = x.Len()
	case *py.Range:
		n = int(min(x.Len(), MaxSteps))
	}
	st.Steps += n
	return st.Step()
}

// Enter counts the nesting of calls; Leave undoes it.
func (st *State) Enter() error {
	if st.Calls++; st.Calls > MaxCalls {
		st.Calls--
		return errors.New("maximum recursion depth exceeded")
	}
	return nil
}

// Leave ends what Enter began.
func (st *State) Leave() { st.Calls-- }

type marker struct{ name string }

// Unresolved and Missing are what a slot holds before its first use: a name to
// look up in the context, or nothing at all.
var (
	Unresolved Value = &marker{"unresolved"}
	Missing    Value = &marker{"missing"}
)

// ByName resolves a name in the context: exported names, what an include
// inherited, the variables of the play, then globals.
func (st *State) ByName(name string) (Value, bool, error) {
	if c := st.Ctx; c != nil {
		if c.Vars != nil {
			if v, ok := c.Vars.GetStr(name); ok {
				return st.seen(v), v != Missing, nil
			}
		}
		if c.Locals != nil {
			if v, ok := c.Locals[name]; ok {
				return st.seen(v), true, nil
			}
		}
		if c.NoHost {
			v, ok := st.Host.Global(name)
			return v, ok, nil
		}
	}
	v, ok, err := st.Host.Resolve(name)
	if err != nil {
		return nil, false, err
	}
	if ok {
		if st.Mutates {
			v = value.Copy(v)
		}
		return st.seen(v), true, nil
	}
	v, ok = st.Host.Global(name)
	return v, ok, nil
}

// seen notes that text from outside is being used.
func (st *State) seen(v Value) Value {
	if _, ok := v.(value.Unsafe); ok {
		st.Unsafe = true
	}
	return v
}

// Taint looks for unsafe text inside containers.
func (st *State) Taint(v Value) {
	if !st.Unsafe {
		n := maxNodes
		st.Unsafe = hasUnsafe(v, 0, &n)
	}
}

func hasUnsafe(v Value, depth int, left *int) bool {
	if *left--; depth > 900 || *left < 0 {
		return true
	}
	switch x := v.(type) {
	case value.Unsafe:
		return true
	case *value.Dict:
		for _, e := range x.All() {
			if hasUnsafe(e, depth+1, left) {
				return true
			}
		}
	case *value.List:
		for _, e := range x.Items {
			if hasUnsafe(e, depth+1, left) {
				return true
			}
		}
	case value.Tuple:
		for _, e := range x {
			if hasUnsafe(e, depth+1, left) {
				return true
			}
		}
	case *py.View:
		return hasUnsafe(x.Dict, depth+1, left)
	}
	return false
}

// Strict returns the error of using v where it is undefined.
func Strict(v Value) error {
	if u, ok := v.(*value.Undefined); ok && !u.Lenient {
		return u
	}
	return nil
}
