package module

import (
	"fmt"
	"math/big"
	"reflect"

	"github.com/goplay-engine/goplay/engine/value"
)

// decode fills the argument struct target points to from validated parameters.
func decode(s *Spec, d *value.Dict, target any) error {
	return fill(s, d, reflect.ValueOf(target).Elem())
}

func fill(s *Spec, d *value.Dict, into reflect.Value) error {
	for _, p := range s.Params {
		x := d.At(p.Name)
		if x == nil {
			continue
		}
		if err := assign(p, x, into.FieldByIndex(p.index)); err != nil {
			return fmt.Errorf("argument '%s': %w", p.Name, err)
		}
	}
	return nil
}

func assign(p *Param, x value.Value, f reflect.Value) error {
	switch f.Type() {
	case reflect.TypeFor[*value.Dict](), reflect.TypeFor[*value.List]():
		if v := reflect.ValueOf(x); v.Type() == f.Type() {
			f.Set(v)
			return nil
		}
		return fmt.Errorf("unexpected %s", value.TypeName(x))
	case reflect.TypeFor[Mode]():
		f.Set(reflect.ValueOf(Mode{x}))
		return nil
	}
	switch f.Kind() {
	case reflect.Interface:
		f.Set(reflect.ValueOf(x))
	case reflect.Pointer:
		n := reflect.New(f.Type().Elem())
		if err := assign(p, x, n.Elem()); err != nil {
			return err
		}
		f.Set(n)
	case reflect.String:
		f.SetString(value.Str(x))
	case reflect.Bool:
		b, err := toBool(x)
		f.SetBool(b)
		return err
	case reflect.Int, reflect.Int64:
		switch n := x.(type) {
		case int64:
			f.SetInt(n)
		case bool:
			if n {
				f.SetInt(1)
			}
		case *big.Int:
			return fmt.Errorf("%s is out of range", n)
		default:
			return fmt.Errorf("unexpected %s", value.TypeName(x))
		}
	case reflect.Float64:
		n, ok := x.(float64)
		if !ok {
			return fmt.Errorf("unexpected %s", value.TypeName(x))
		}
		f.SetFloat(n)
	case reflect.Slice:
		l, ok := x.(*value.List)
		if !ok {
			return fmt.Errorf("unexpected %s", value.TypeName(x))
		}
		s := reflect.MakeSlice(f.Type(), l.Len(), l.Len())
		for i, e := range l.Items {
			if e == nil {
				continue
			}
			if err := assign(p, e, s.Index(i)); err != nil {
				return err
			}
		}
		f.Set(s)
	case reflect.Struct:
		d, ok := x.(*value.Dict)
		if !ok || p.Sub == nil {
			return fmt.Errorf("unexpected %s", value.TypeName(x))
		}
		return fill(p.Sub, d, f)
	default:
		return fmt.Errorf("no conversion to %s", f.Type())
	}
	return nil
}
