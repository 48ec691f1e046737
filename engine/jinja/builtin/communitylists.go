package builtin

import (
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func groupbyAsDictFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "attribute")
	if err != nil {
		return nil, err
	}
	if !isSequence(c.in()) {
		return nil, fail("Input is not a sequence")
	}
	out := value.NewDict()
	for i, e := range itemsOf(c.in()) {
		d, ok := asDict(e)
		if !ok {
			return nil, fail("Sequence element #%d is not a mapping", i)
		}
		k, ok := d.Get(a.v[0])
		if !ok {
			return nil, fail("Attribute not contained in element #%d of sequence", i)
		}
		if err := py.Hashable(k); err != nil {
			return nil, err
		}
		if _, dup := out.Get(k); dup {
			return nil, fail("Multiple sequence entries have attribute value %s", value.Repr(k))
		}
		out.Set(k, e)
	}
	return out, nil
}

func listsMergebyFilter(c *Call) (Value, error) {
	recursive, mode := value.Truth(c.Kwargs.At("recursive")), "replace"
	if v, ok := c.Kwargs.GetStr("list_merge"); ok {
		mode = value.Str(v)
	}
	args := c.Args
	var index Value
	if v, ok := c.Kwargs.GetStr("index"); ok {
		index = v
	} else {
		if len(args) < 2 {
			return nil, fail("One or more lists and at least one index are needed.")
		}
		index, args = args[len(args)-1], args[:len(args)-1]
	}
	if !isText(index) {
		return nil, fail("First argument after the lists for community.general.lists_mergeby must be string. %s is %s", value.Str(index), className(index))
	}
	var flat []Value
	for _, v := range args {
		if err := Defined(v); err != nil {
			return nil, err
		}
		if !isSequence(v) {
			return nil, fail("All arguments before the argument index for community.general.lists_mergeby must be lists. %s is %s", value.Str(v), className(v))
		}
		flattenInto(&flat, v, -1, true)
	}
	merged := value.NewDict()
	for _, e := range flat {
		d, ok := asDict(e)
		if !ok {
			return nil, fail("Elements of list arguments for lists_mergeby must be dictionaries. %s is %s", value.Repr(e), className(e))
		}
		k, ok := d.Get(index)
		if !ok {
			continue
		}
		var old Value = value.NewDict()
		if o, ok := merged.Get(k); ok {
			old = o
		}
		m, err := mergeHash(old, d, recursive, mode)
		if err != nil {
			return nil, err
		}
		merged.Set(k, m)
	}
	out := (&py.View{Kind: "dict_values", Dict: merged}).List()
	return out, py.Sort(out.Items, func(v Value) (Value, error) { k, _ := v.(*value.Dict).Get(index); return k, nil }, false)
}

// listsOp makes lists_union and its kin, which take any number of lists.
func listsOp(op string) Func {
	return func(c *Call) (Value, error) {
		flat := value.Truth(c.Kwargs.At("flatten"))
		args := c.Args
		if flat {
			var inner []Value
			for _, a := range args {
				inner = append(inner, itemsOf(a)...)
			}
			args = inner
		}
		if len(args) == 0 {
			return value.NewList(), nil
		}
		f := setOp(op)
		cur := args[0]
		for _, b := range append([]Value{}, args[1:]...) {
			if err := Defined(cur, b); err != nil {
				return nil, err
			}
			if !isSequence(cur) || !isSequence(b) {
				return nil, fail("All arguments of lists_%s must be lists", op)
			}
			v, err := f(&Call{Name: c.Name, Args: []Value{cur, b}, Env: c.Env})
			if err != nil {
				return nil, err
			}
			cur = v
		}
		if len(args) == 1 {
			return setOp("union")(&Call{Name: c.Name, Args: []Value{cur, value.NewList()}, Env: c.Env})
		}
		return cur, nil
	}
}
