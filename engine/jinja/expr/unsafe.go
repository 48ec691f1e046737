package expr

import (
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// seen notes that text from outside is being used.
func (st *State) seen(v Value) Value {
	switch v.(type) {
	case value.Unsafe, py.NativeUnsafe, *value.Secret:
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
	case value.Unsafe, py.NativeUnsafe, *value.Secret:
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
