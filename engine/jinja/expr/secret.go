package expr

import (
	"github.com/goplay-engine/goplay/engine/value"
)

// A secret stays one while it is passed around; reveal opens it where its text
// is needed. What is made of it is not to be rendered again.
func (st *State) reveal(v Value) (Value, error) {
	s, ok := v.(*value.Secret)
	if !ok {
		return v, nil
	}
	st.Unsafe = true
	return s.Reveal()
}

// opens is the error of a secret in one of vs, or inside, that does not open.
func opens(vs ...Value) error {
	n := maxNodes
	for _, v := range vs {
		if err := opensNode(v, 0, &n); err != nil {
			return err
		}
	}
	return nil
}

func opensNode(v Value, depth int, left *int) error {
	if *left--; depth > 900 || *left < 0 {
		return nil
	}
	switch x := v.(type) {
	case *value.Secret:
		_, err := x.Reveal()
		return err
	case *value.List:
		for _, e := range x.Items {
			if err := opensNode(e, depth+1, left); err != nil {
				return err
			}
		}
	case value.Tuple:
		for _, e := range x {
			if err := opensNode(e, depth+1, left); err != nil {
				return err
			}
		}
	case *value.Dict:
		for _, e := range x.All() {
			if err := opensNode(e, depth+1, left); err != nil {
				return err
			}
		}
	}
	return nil
}
