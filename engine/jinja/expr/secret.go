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
	for _, v := range vs {
		if err := value.Opens(v); err != nil {
			return err
		}
	}
	return nil
}
