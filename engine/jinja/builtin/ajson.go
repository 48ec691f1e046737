package builtin

import (
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// rebuild applies leaf to v and all inside it, once each; ok tells that leaf
// made something else of its argument. Where leaf changes nothing, v itself
// comes back, so that aliases stay.
func rebuild(v Value, leaf func(Value) (r Value, ok bool), depth int) (Value, bool) {
	if depth > 500 {
		return v, false
	}
	if r, ok := leaf(v); ok {
		r, _ = rebuild(r, leaf, depth+1)
		return r, true
	}
	switch x := v.(type) {
	case *value.List:
		var out *value.List
		for i, e := range x.Items {
			r, ok := rebuild(e, leaf, depth+1)
			if ok && out == nil {
				out = value.NewList(x.Items[:i:i]...)
			}
			if out != nil {
				out.Append(r)
			}
		}
		if out != nil {
			return out, true
		}
	case *value.Dict:
		var out *value.Dict
		for k, e := range x.All() {
			r, ok := rebuild(e, leaf, depth+1)
			if ok && out == nil {
				out = x.Clone()
			}
			if out != nil {
				out.Set(k, r)
			}
		}
		if out != nil {
			return out, true
		}
	}
	return v, false
}

// jsonReady turns dates into text as Ansible's encoder does.
func jsonReady(v Value) Value {
	r, _ := rebuild(v, func(v Value) (Value, bool) {
		switch x := v.(type) {
		case *py.DateTime:
			t, _ := py.Call(x, "isoformat", nil, nil)
			return t, true
		case yaml.Date:
			t, _ := py.Call(&py.DateTime{T: x.T, Aware: x.HasZone, Date: !x.HasTime}, "isoformat", nil, nil)
			return t, true
		case value.Tuple:
			return listValue(x), true
		case *group:
			return listValue(x.tuple()), true
		}
		return nil, false
	}, 0)
	return r
}

// yamlReady turns this package's own kinds of values into plain ones.
func yamlReady(v Value) Value {
	r, _ := rebuild(v, func(v Value) (Value, bool) {
		switch x := v.(type) {
		case value.Texter:
			return x.Text(), true
		case *group:
			return listValue(x.tuple()), true
		case *py.DateTime:
			return yaml.Date{T: x.T, HasTime: !x.Date, HasZone: x.Aware}, true
		}
		return nil, false
	}, 0)
	return r
}
