package expr

import (
	"errors"
	"fmt"

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
	// Copies has the variables copied so far where names have no slots, as in
	// bare expressions; each name is looked up once.
	Copies map[string]Value
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
		if x.Len() <= MaxItems { // longer ones are not walked
			n = int(x.Len())
		}
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
			if c, done := st.Copies[name]; done {
				v = c
			} else if v = value.Copy(v); st.Copies != nil {
				st.Copies[name] = v
			}
		}
		return st.seen(v), true, nil
	}
	v, ok = st.Host.Global(name)
	return v, ok, nil
}

// Strict returns the error of using v where it is undefined.
func Strict(v Value) error {
	if u, ok := v.(*value.Undefined); ok && !u.Lenient {
		return u
	}
	return nil
}
