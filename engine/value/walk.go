package value

const (
	walkDepth = 900
	walkNodes = 20_000_000 // a list that holds another twice, which holds another twice ..., has no end
)

// Walk calls f for v and for all that is inside it, keys of dictionaries
// included, until f returns false; it tells whether f never did.
func Walk(v Value, f func(Value) bool) bool {
	left := walkNodes
	return walk(v, f, 0, &left)
}

func walk(v Value, f func(Value) bool, depth int, left *int) bool {
	if *left--; depth > walkDepth || *left < 0 {
		return true
	}
	if !f(v) {
		return false
	}
	switch x := v.(type) {
	case *Dict:
		for k, e := range x.All() {
			if _, text := k.(string); !text && !walk(k, f, depth+1, left) || !walk(e, f, depth+1, left) {
				return false
			}
		}
	case *List:
		for _, e := range x.Items {
			if !walk(e, f, depth+1, left) {
				return false
			}
		}
	case Tuple:
		for _, e := range x {
			if !walk(e, f, depth+1, left) {
				return false
			}
		}
	}
	return true
}

// Opens is the error of the first secret in v that does not open.
func Opens(v Value) (err error) {
	switch v.(type) {
	case nil, bool, int64, float64, string, Unsafe:
		return nil
	}
	Walk(v, func(e Value) bool {
		if s, ok := e.(*Secret); ok {
			_, err = s.Reveal()
		}
		return err == nil
	})
	return err
}

// Combine merges b over a, recursively, as hash_behaviour = merge does.
func Combine(a, b *Dict) *Dict {
	out := a.Clone()
	for k, v := range b.All() {
		if bd, ok := v.(*Dict); ok {
			if av, ok := out.Get(k); ok {
				if ad, ok := av.(*Dict); ok {
					out.Set(k, Combine(ad, bd))
					continue
				}
			}
		}
		out.Set(k, v)
	}
	return out
}
