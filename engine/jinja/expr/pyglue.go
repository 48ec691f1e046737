package expr

import (
	"math"
	"math/big"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func num(v Value) (float64, int64, bool, bool) {
	switch x := v.(type) {
	case int64:
		return float64(x), x, true, true
	case bool:
		if x {
			return 1, 1, true, true
		}
		return 0, 0, true, true
	case float64:
		return x, 0, false, true
	}
	return 0, 0, false, false
}

func pyUnary(op byte, v Value) (Value, error) {
	f, i, isInt, ok := num(v)
	if !ok {
		return nil, py.Raise("TypeError", "bad operand type for unary %c: '%s'", op, value.TypeName(v))
	}
	if op == '-' {
		f, i = -f, -i
	}
	if isInt {
		return i, nil
	}
	return f, nil
}

func pyBinary(op string, l, r Value) (Value, error) {
	lf, li, lint, lok := num(l)
	rf, ri, rint, rok := num(r)
	if lok && rok {
		ints := lint && rint
		switch op {
		case "+":
			if ints {
				return value.NormInt(new(big.Int).Add(big.NewInt(li), big.NewInt(ri))), nil
			}
			return lf + rf, nil
		case "-":
			if ints {
				return value.NormInt(new(big.Int).Sub(big.NewInt(li), big.NewInt(ri))), nil
			}
			return lf - rf, nil
		case "*":
			if ints {
				return value.NormInt(new(big.Int).Mul(big.NewInt(li), big.NewInt(ri))), nil
			}
			return lf * rf, nil
		}
		if rf == 0 {
			return nil, py.Raise("ZeroDivisionError", "division by zero")
		}
		switch op {
		case "/":
			return lf / rf, nil
		case "//":
			if ints {
				return int64(math.Floor(lf / rf)), nil
			}
			return math.Floor(lf / rf), nil
		case "%":
			if ints {
				return ((li % ri) + ri) % ri, nil
			}
			return lf - rf*math.Floor(lf/rf), nil
		}
	}
	if s, ok := value.Text(l); ok && op == "+" {
		if t, ok := value.Text(r); ok {
			return s + t, nil
		}
	}
	if s, ok := l.(*value.List); ok && op == "+" {
		if t, ok := r.(*value.List); ok {
			return value.NewList(append(append([]Value{}, s.Items...), t.Items...)...), nil
		}
	}
	return nil, py.Raise("TypeError", "unsupported operand type(s) for %s: '%s' and '%s'", op, value.TypeName(l), value.TypeName(r))
}

func pyOrder(op string, l, r Value) (bool, error) {
	c := 0
	lf, _, _, lok := num(l)
	rf, _, _, rok := num(r)
	s, sok := value.Text(l)
	t, tok := value.Text(r)
	switch {
	case lok && rok && lf < rf:
		c = -1
	case lok && rok && lf > rf:
		c = 1
	case lok && rok:
	case sok && tok:
		c = strings.Compare(s, t)
	default:
		return false, py.Raise("TypeError", "'%s' not supported between instances of '%s' and '%s'", op, value.TypeName(l), value.TypeName(r))
	}
	switch op {
	case "<":
		return c < 0, nil
	case "<=":
		return c <= 0, nil
	case ">":
		return c > 0, nil
	}
	return c >= 0, nil
}

func pyContains(box, item Value) (bool, error) {
	if s, ok := value.Text(box); ok {
		t, ok := value.Text(item)
		if !ok {
			return false, py.Raise("TypeError", "'in <string>' requires string as left operand, not %s", value.TypeName(item))
		}
		return strings.Contains(s, t), nil
	}
	if i, ok := box.(value.Iterable); ok {
		found := false
		err := i.Iterate(func(v Value) bool { found = value.Equal(v, item); return !found })
		return found, err
	}
	if m, ok := box.(value.Mapping); ok {
		for _, k := range m.Keys() {
			if value.Equal(k, item) {
				return true, nil
			}
		}
		return false, nil
	}
	if t, ok := box.(value.Tuple); ok {
		for _, e := range t {
			if value.Equal(e, item) {
				return true, nil
			}
		}
		return false, nil
	}
	return false, py.Raise("TypeError", "argument of type '%s' is not iterable", value.TypeName(box))
}

var few = " keys values items get append split upper lower strip startswith endswith replace join "

func pyHasMethod(v Value, name string) bool {
	if !strings.Contains(few, " "+name+" ") {
		return false
	}
	_, text := value.Text(v)
	switch v.(type) {
	case *value.Dict:
		return name == "keys" || name == "values" || name == "items" || name == "get"
	case *value.List:
		return name == "append"
	}
	return text && name != "keys" && name != "values" && name != "items" && name != "get" && name != "append"
}

func pyMethod(v Value, name string, a []Value, _ *value.Dict) (Value, error) {
	switch x := v.(type) {
	case *value.Dict:
		if name == "get" {
			if e, ok := x.Get(a[0]); ok {
				return e, nil
			}
			if len(a) > 1 {
				return a[1], nil
			}
			return nil, nil
		}
		return &py.View{Kind: "dict_" + name, Dict: x}, nil
	case *value.List:
		x.Append(a...)
		return nil, nil
	}
	s, _ := value.Text(v)
	var t []string
	for _, e := range a {
		t = append(t, value.Str(e))
	}
	switch name {
	case "upper":
		return strings.ToUpper(s), nil
	case "lower":
		return strings.ToLower(s), nil
	case "strip":
		return strings.TrimSpace(s), nil
	case "startswith":
		return strings.HasPrefix(s, t[0]), nil
	case "endswith":
		return strings.HasSuffix(s, t[0]), nil
	case "replace":
		return strings.ReplaceAll(s, t[0], t[1]), nil
	case "join":
		var p []string
		for _, e := range a[0].(*value.List).Items {
			p = append(p, value.Str(e))
		}
		return strings.Join(p, s), nil
	}
	if len(t) == 0 {
		return value.From(strings.Fields(s)), nil
	}
	return value.From(strings.Split(s, t[0])), nil
}
