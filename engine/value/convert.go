package value

import (
	"fmt"
	"math/big"
	"reflect"
	"sort"
)

func stableSort(order []int, less func(i, j int) bool) {
	sort.SliceStable(order, func(a, b int) bool { return less(order[a], order[b]) })
}

// From converts plain Go values (maps, slices, numbers, structs are not
// accepted) to Values. Map keys are sorted. It panics on types that have no
// counterpart, which is a programming error, never a user's.
func From(v any) Value {
	switch x := v.(type) {
	case nil, bool, int64, float64, string, Unsafe, *Dict, *List, Tuple, *Undefined, *Secret, *big.Int, Object:
		return x
	case int:
		return int64(x)
	case uint64:
		return NormInt(new(big.Int).SetUint64(x))
	case []string:
		l := &List{Items: make([]Value, len(x))}
		for i, s := range x {
			l.Items[i] = s
		}
		return l
	case error:
		return x.Error()
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return NormInt(new(big.Int).SetUint64(r.Uint()))
	case reflect.Float32:
		return r.Float()
	case reflect.String:
		return r.String()
	case reflect.Slice, reflect.Array:
		l := &List{Items: make([]Value, r.Len())}
		for i := range l.Items {
			l.Items[i] = From(r.Index(i).Interface())
		}
		return l
	case reflect.Map:
		keys := r.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return fmt.Sprint(keys[i]) < fmt.Sprint(keys[j]) })
		d := NewDictCap(len(keys))
		for _, k := range keys {
			d.Set(From(k.Interface()), From(r.MapIndex(k).Interface()))
		}
		return d
	case reflect.Pointer:
		if r.IsNil() {
			return nil
		}
		return From(r.Elem().Interface())
	}
	panic(fmt.Sprintf("value.From: no counterpart of %T", v))
}
