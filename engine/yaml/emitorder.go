package yaml

import (
	"math/big"
	"sort"

	"github.com/goplay-engine/goplay/engine/value"
)

// order returns the indexes of a mapping's entries as they are written.
func (e *emitter) order(d *value.Dict) []int {
	idx := make([]int, d.Len())
	for i := range idx {
		idx[i] = i
	}
	if !e.o.SortKeys {
		return idx
	}
	keys := d.Keys()
	comparable := true
	sort.SliceStable(idx, func(a, b int) bool {
		less, ok := lessKey(keys[idx[a]], keys[idx[b]])
		comparable = comparable && ok
		return less
	})
	if !comparable { // Python cannot sort these, and leaves them as they are
		for i := range idx {
			idx[i] = i
		}
	}
	return idx
}

func lessKey(a, b value.Value) (less, ok bool) {
	if s, ok := value.Text(a); ok {
		t, ok := value.Text(b)
		return s < t, ok
	}
	x, ok1 := keyNumber(a)
	y, ok2 := keyNumber(b)
	return ok1 && ok2 && x.Cmp(y) < 0, ok1 && ok2
}

func keyNumber(v value.Value) (*big.Float, bool) {
	switch x := v.(type) {
	case bool:
		if x {
			return big.NewFloat(1), true
		}
		return new(big.Float), true
	case int64:
		return new(big.Float).SetInt64(x), true
	case *big.Int:
		return new(big.Float).SetInt(x), true
	case float64:
		if x == x {
			return big.NewFloat(x), true
		}
	}
	return nil, false
}
