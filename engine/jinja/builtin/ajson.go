package builtin

import (
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// jsonReady turns dates into text as Ansible's encoder does.
func jsonReady(v Value) Value { return replaceDates(v, 0) }

func replaceDates(v Value, depth int) Value {
	if depth > 500 {
		return v
	}
	switch x := v.(type) {
	case *py.DateTime:
		t, _ := py.Call(x, "isoformat", nil, nil)
		return t
	case yaml.Date:
		t, _ := py.Call(&py.DateTime{T: x.T, Aware: x.HasZone, Date: !x.HasTime}, "isoformat", nil, nil)
		return t
	case *value.List:
		for i, e := range x.Items {
			if r := replaceDates(e, depth+1); changed(r, e) {
				l := value.NewList(x.Items[:i:i]...)
				for _, e := range x.Items[i:] {
					l.Append(replaceDates(e, depth+1))
				}
				return l
			}
		}
	case value.Tuple:
		return replaceDates(listValue(x), depth)
	case *group:
		return replaceDates(listValue(x.tuple()), depth)
	case *value.Dict:
		for _, e := range x.All() {
			if r := replaceDates(e, depth+1); changed(r, e) {
				d := value.NewDictCap(x.Len())
				for k, e := range x.All() {
					d.Set(k, replaceDates(e, depth+1))
				}
				return d
			}
		}
	}
	return v
}

// changed tells whether replaceDates made something new of e.
func changed(r, e Value) bool {
	switch x := e.(type) {
	case *py.DateTime, yaml.Date, value.Tuple, *group:
		return true
	case *value.List:
		y, ok := r.(*value.List)
		return !ok || x != y
	case *value.Dict:
		y, ok := r.(*value.Dict)
		return !ok || x != y
	}
	return false
}
