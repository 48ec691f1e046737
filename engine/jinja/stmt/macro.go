package stmt

import (
	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// MacroValue is a macro with the variables around its definition.
type MacroValue struct {
	m     *Macro
	o     *Out
	frame *expr.Frame
	ctx   *expr.Context
	src   *expr.Source
	run   *run
}

// TypeName is Python's name of the type.
func (*MacroValue) TypeName() string { return "Macro" }

// Str prints as str() does.
func (m *MacroValue) Str() string { return "<Macro " + m.label() + ">" }

// Repr prints as repr() does.
func (m *MacroValue) Repr() string { return m.Str() }

// Truth is always true.
func (*MacroValue) Truth() bool { return true }

func (m *MacroValue) label() string {
	if m.m.Name == "" {
		return "None"
	}
	return value.Quote(m.m.Name)
}

// Attr gives name, arguments and what the macro takes.
func (m *MacroValue) Attr(name string) (expr.Value, bool) {
	switch name {
	case "name":
		if m.m.Name == "" {
			return nil, true
		}
		return m.m.Name, true
	case "arguments":
		t := value.Tuple{}
		for _, p := range m.m.Params {
			t = append(t, p)
		}
		return t, true
	case "catch_kwargs":
		return m.m.kwargs >= 0, true
	case "catch_varargs":
		return m.m.varargs >= 0, true
	case "caller":
		return m.m.caller >= 0 || m.m.explicitCaller, true
	}
	return nil, false
}

// Call renders the macro.
func (m *MacroValue) Call(c *builtin.Call) (expr.Value, error) {
	def, o := m.m, m.o
	st := o.St
	if err := st.Enter(); err != nil {
		return nil, err
	}
	defer st.Leave()
	f := def.scope.frame(m.frame)
	kw := value.NewDict()
	if c.Kwargs != nil {
		kw = c.Kwargs.Clone()
	}
	n := len(def.params)
	var missing []int
	gotCaller := def.explicitCaller && len(c.Args) >= n
	for i, slot := range def.params {
		if i < len(c.Args) {
			f.Vals[slot] = c.Args[i]
			continue
		}
		if v, ok := kw.GetStr(def.Params[i]); ok {
			kw.Delete(def.Params[i])
			f.Vals[slot] = v
			gotCaller = gotCaller || def.Params[i] == "caller"
			continue
		}
		missing = append(missing, i)
	}
	if def.caller >= 0 && !gotCaller {
		v, ok := kw.GetStr("caller")
		kw.Delete("caller")
		if !ok || v == nil {
			v = &value.Undefined{Name: "caller", Hint: "No caller defined"}
		}
		f.Vals[def.caller] = v
	}
	if def.kwargs >= 0 {
		f.Vals[def.kwargs] = kw
	} else if kw.Len() > 0 {
		if kw.Has("caller") {
			return nil, py.Raise("TypeError", "macro %s was invoked with two values for the special caller argument. This is most likely a bug.", m.label())
		}
		return nil, py.Raise("TypeError", "macro %s takes no keyword argument %s", m.label(), value.Repr(kw.Keys()[0]))
	}
	if def.varargs >= 0 {
		rest := value.Tuple{}
		if len(c.Args) > n {
			rest = append(rest, c.Args[n:]...)
		}
		f.Vals[def.varargs] = rest
	} else if len(c.Args) > n {
		return nil, py.Raise("TypeError", "macro %s takes not more than %d argument(s)", m.label(), n)
	}
	frame, ctx, src, r := st.Frame, st.Ctx, st.Src, o.run
	st.Frame, st.Ctx, st.Src, o.run = f, m.ctx, m.src, m.run
	s, err := o.capture(func() error {
		for _, i := range missing {
			d := i - (n - len(def.Defaults))
			if d < 0 {
				f.Vals[def.params[i]] = &value.Undefined{Name: def.Params[i], Hint: "parameter " + value.Quote(def.Params[i]) + " was not provided"}
				continue
			}
			v, err := def.Defaults[d].Eval(st)
			if err != nil {
				return err
			}
			f.Vals[def.params[i]] = v
		}
		return def.Body.Exec(o)
	})
	st.Frame, st.Ctx, st.Src, o.run = frame, ctx, src, r
	if err != nil {
		return nil, err
	}
	return o.text(s), nil
}

func (m *Macro) value(o *Out) *MacroValue {
	return &MacroValue{m: m, o: o, frame: o.St.Frame, ctx: o.St.Ctx, src: o.St.Src, run: o.run}
}

// Exec defines the macro.
func (m *Macro) Exec(o *Out) error { return o.assign(m.target, m.value(o), m.top) }

// Exec calls with the block as `caller`.
func (n *CallBlock) Exec(o *Out) error {
	v, err := n.Call.EvalWith(o.St, "caller", n.Caller.value(o))
	if err != nil {
		return err
	}
	return o.emit(n.Call, v)
}
