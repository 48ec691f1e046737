package expr

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Print is str(v), an error where v is undefined. Unsafe text in it is noted.
func (st *State) Print(v Value) (string, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case *value.Undefined:
		return "", Strict(x)
	case py.Bytes:
		return string(x), nil
	case *value.Secret:
		st.Unsafe = true
		return x.Reveal()
	}
	if st.Taint(v); st.Unsafe {
		if err := opens(v); err != nil {
			return "", err
		}
	}
	if err := printable(v, 0); err != nil {
		return "", err
	}
	return value.Str(v), nil
}

// Finalize turns what walks once or lazily (ranges, views) into a list, as
// Ansible does with the value of every {{ }}.
func Finalize(st *State, v Value) (Value, error) {
	switch x := v.(type) {
	case *py.Range:
		if x.Len() > MaxItems {
			return nil, fmt.Errorf("the range has %d items, too many to print", x.Len())
		}
		return py.ListOf(x)
	case *py.View:
		return x.List(), nil
	case *value.Dict, *value.List, value.Tuple:
		return v, deepStrict(v, 0)
	}
	return v, nil
}

// maxNodes bounds the walk through one value: a list that holds another twice,
// which holds another twice ..., has no end.
const maxNodes = 20_000_000

// deepStrict is the error of the first undefined value inside a container, or
// of the first secret that does not open.
func deepStrict(v Value, depth int) error {
	n := maxNodes
	return strictNodes(v, depth, &n)
}

func strictNodes(v Value, depth int, left *int) error {
	if depth > 900 {
		return nil
	}
	if *left--; *left < 0 {
		return fmt.Errorf("the value is too large")
	}
	switch x := v.(type) {
	case *value.Undefined:
		return Strict(x)
	case *value.Secret:
		_, err := x.Reveal()
		return err
	case *value.List:
		for _, e := range x.Items {
			if err := strictNodes(e, depth+1, left); err != nil {
				return err
			}
		}
	case value.Tuple:
		for _, e := range x {
			if err := strictNodes(e, depth+1, left); err != nil {
				return err
			}
		}
	case *value.Dict:
		for k, e := range x.All() {
			if s, ok := k.(*value.Secret); ok {
				if _, err := s.Reveal(); err != nil {
					return err
				}
			}
			if err := strictNodes(e, depth+1, left); err != nil {
				return err
			}
		}
	}
	return nil
}

// printable refuses what Python cannot print: integers of more than 4300
// digits, and text beyond all limits.
func printable(v Value, depth int) error {
	switch x := v.(type) {
	case *big.Int:
		if x.BitLen() > 14284 { // 4300 digits
			return errors.New("Exceeds the limit (4300 digits) for integer string conversion")
		}
	case *value.Undefined:
		return nil
	}
	return nil
}
