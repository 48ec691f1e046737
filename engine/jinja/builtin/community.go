package builtin

import (
	"encoding/csv"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/big"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/goplay-engine/goplay/engine/jinja/jmespath"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func jsonQueryFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "expr")
	if err != nil {
		return nil, err
	}
	src, err := a.Text(0, "")
	if err != nil {
		return nil, err
	}
	// What is undefined has no fields and is no list, so most queries give null.
	q, err := jmespath.Compile(src)
	if err != nil {
		return nil, fail("JMESPathError in json_query filter plugin:\n%s", err)
	}
	v, err := q.Search(c.in())
	var bad *jmespath.Error
	if errors.As(err, &bad) {
		return nil, fail("JMESPathError in json_query filter plugin:\n%s", err)
	}
	return v, err
}

func dictFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0); err != nil {
		return nil, err
	}
	return py.DictOf(c.Args, nil)
}

func dictKVFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "key")
	if err != nil {
		return nil, err
	}
	return value.DictOf(a.v[0], c.in()), nil
}

func counterFilter(c *Call) (Value, error) {
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	if !isText(c.in()) && !isSequence(c.in()) {
		return nil, fail("Argument for community.general.counter must be a sequence (string or list). %s is %s", value.Str(c.in()), className(c.in()))
	}
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	d := value.NewDict()
	for _, e := range items {
		if err := py.Hashable(e); err != nil {
			return nil, fail("community.general.counter needs a sequence with hashable elements (int, float or str) - %s", err)
		}
		n, _ := d.Get(e)
		k, _ := n.(int64)
		d.Set(e, k+1)
	}
	return d, nil
}

func crc32Filter(c *Call) (Value, error) {
	b, err := c.bytes()
	return strconv.FormatUint(uint64(crc32.ChecksumIEEE(b)), 16), err
}

func fromCSVFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "dialect", "fieldnames", "delimiter", "skipinitialspace", "strict")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(t))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	switch d := value.Str(a.Value(0, "excel")); d {
	case "excel", "unix":
	case "excel-tab":
		r.Comma = '\t'
	default:
		return nil, fail("Dialect '%s' is not supported by your version of python.", d)
	}
	if a.Has(2) {
		for _, d := range value.Str(a.v[2]) {
			r.Comma = d
			break
		}
	}
	r.TrimLeadingSpace = value.Truth(a.v[3])
	if value.Truth(a.v[4]) {
		r.LazyQuotes = false
	}
	var names []Value
	if a.Has(1) {
		if names, err = c.listOf(a.v[1]); err != nil {
			return nil, err
		}
	}
	out := value.NewList()
	for {
		row, err := r.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, fail("Unable to process file: %s", err)
		}
		if names == nil {
			for _, f := range row {
				names = append(names, f)
			}
			continue
		}
		d := value.NewDict()
		for i, n := range names {
			if i < len(row) {
				d.Set(n, row[i])
			} else {
				d.Set(n, nil)
			}
		}
		if len(row) > len(names) {
			d.Set(nil, texts(row[len(names):]))
		}
		out.Append(d)
	}
}

func groupbyAsDictFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "attribute")
	if err != nil {
		return nil, err
	}
	if !isSequence(c.in()) {
		return nil, fail("Input is not a sequence")
	}
	out := value.NewDict()
	for i, e := range itemsOf(c.in()) {
		d, ok := asDict(e)
		if !ok {
			return nil, fail("Sequence element #%d is not a mapping", i)
		}
		k, ok := d.Get(a.v[0])
		if !ok {
			return nil, fail("Attribute not contained in element #%d of sequence", i)
		}
		if err := py.Hashable(k); err != nil {
			return nil, err
		}
		if _, dup := out.Get(k); dup {
			return nil, fail("Multiple sequence entries have attribute value %s", value.Repr(k))
		}
		out.Set(k, e)
	}
	return out, nil
}

func listsMergebyFilter(c *Call) (Value, error) {
	recursive, mode := value.Truth(c.Kwargs.At("recursive")), "replace"
	if v, ok := c.Kwargs.GetStr("list_merge"); ok {
		mode = value.Str(v)
	}
	args := c.Args
	var index Value
	if v, ok := c.Kwargs.GetStr("index"); ok {
		index = v
	} else {
		if len(args) < 2 {
			return nil, fail("One or more lists and at least one index are needed.")
		}
		index, args = args[len(args)-1], args[:len(args)-1]
	}
	if !isText(index) {
		return nil, fail("First argument after the lists for community.general.lists_mergeby must be string. %s is %s", value.Str(index), className(index))
	}
	var flat []Value
	for _, v := range args {
		if err := Defined(v); err != nil {
			return nil, err
		}
		if !isSequence(v) {
			return nil, fail("All arguments before the argument index for community.general.lists_mergeby must be lists. %s is %s", value.Str(v), className(v))
		}
		flattenInto(&flat, v, -1, true)
	}
	merged := value.NewDict()
	for _, e := range flat {
		d, ok := asDict(e)
		if !ok {
			return nil, fail("Elements of list arguments for lists_mergeby must be dictionaries. %s is %s", value.Repr(e), className(e))
		}
		k, ok := d.Get(index)
		if !ok {
			continue
		}
		var old Value = value.NewDict()
		if o, ok := merged.Get(k); ok {
			old = o
		}
		m, err := mergeHash(old, d, recursive, mode)
		if err != nil {
			return nil, err
		}
		merged.Set(k, m)
	}
	out := (&py.View{Kind: "dict_values", Dict: merged}).List()
	return out, py.Sort(out.Items, func(v Value) (Value, error) { k, _ := v.(*value.Dict).Get(index); return k, nil }, false)
}

// listsOp makes lists_union and its kin, which take any number of lists.
func listsOp(op string) Func {
	return func(c *Call) (Value, error) {
		flat := value.Truth(c.Kwargs.At("flatten"))
		args := c.Args
		if flat {
			var inner []Value
			for _, a := range args {
				inner = append(inner, itemsOf(a)...)
			}
			args = inner
		}
		if len(args) == 0 {
			return value.NewList(), nil
		}
		f := setOp(op)
		cur := args[0]
		for _, b := range append([]Value{}, args[1:]...) {
			if err := Defined(cur, b); err != nil {
				return nil, err
			}
			if !isSequence(cur) || !isSequence(b) {
				return nil, fail("All arguments of lists_%s must be lists", op)
			}
			v, err := f(&Call{Name: c.Name, Args: []Value{cur, b}, Env: c.Env})
			if err != nil {
				return nil, err
			}
			cur = v
		}
		if len(args) == 1 {
			return setOp("union")(&Call{Name: c.Name, Args: []Value{cur, value.NewList()}, Env: c.Env})
		}
		return cur, nil
	}
}

func randomMACFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "seed")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	t, ok := textOf(c.in())
	if !ok {
		return nil, fail("Invalid value type (%s) for random_mac (%s)", className(c.in()), value.Str(c.in()))
	}
	t = strings.ToLower(t)
	parts := strings.Split(t, ":")
	if t == "" {
		parts = nil
	}
	if len(parts) > 5 {
		return nil, fail("Invalid value (%s) for random_mac: 5 colon(:) separated items max", t)
	}
	var wrong []string
	for _, p := range parts {
		if _, err := strconv.ParseUint(p, 16, 8); err != nil || len(p) != 2 {
			wrong = append(wrong, p+" not hexa byte")
		}
	}
	if len(wrong) > 0 {
		return nil, fail("Invalid value (%s) for random_mac: %s", t, strings.Join(wrong, ", "))
	}
	r, err := NewRandom(a.v[0])
	if err != nil {
		return nil, err
	}
	const lo, hi = 68719476736, 1099511627775 // ten hexadecimal digits
	h := fmt.Sprintf("%010x", lo+r.Below(hi-lo+1))
	for i := 0; len(parts) < 6; i += 2 {
		parts = append(parts, h[i:i+2])
	}
	return strings.Join(parts, ":"), nil
}

var timeRE = mustRE(`^(-?\d+)(\D*)$`)

// timeUnit gives a unit's length in milliseconds.
func timeUnit(unit string, year, month *big.Float) (*big.Float, bool) {
	short := map[string]int64{"ms": 1, "s": 1000, "m": 60000, "h": 3600000, "d": 86400000, "w": 7 * 86400000}
	long := map[string]string{"millisecond": "ms", "msec": "ms", "msecond": "ms", "sec": "s", "second": "s", "hour": "h", "min": "m", "minute": "m",
		"day": "d", "week": "w", "month": "month", "year": "year"}
	u := unit
	if _, ok := short[u]; !ok && u != "mo" && u != "y" {
		n, ok := long[strings.TrimSuffix(u, "s")]
		if !ok {
			return nil, false
		}
		u = n
	}
	day := func(n *big.Float, def float64) *big.Float {
		if n == nil {
			n = big.NewFloat(def)
		}
		return new(big.Float).Mul(n, big.NewFloat(86400000))
	}
	switch u {
	case "mo":
		return day(month, 30), true
	case "y":
		return day(year, 365), true
	case "month": // the long names count a day more
		return day(month, 31), true
	case "year":
		return day(year, 366), true
	}
	return new(big.Float).SetInt64(short[u]), true
}

func toTimeUnit(fixed string) Func {
	return func(c *Call) (Value, error) {
		names := []string{"year", "month"}
		if fixed == "" {
			names = []string{"unit", "year", "month"}
		}
		a, err := c.Bind(0, names...)
		if err != nil {
			return nil, err
		}
		t, err := c.pathArg(c.in())
		if err != nil {
			return nil, err
		}
		unit := fixed
		if unit == "" {
			if unit, err = a.Text(0, "ms"); err != nil {
				return nil, err
			}
		}
		var days [2]*big.Float
		for k := range days {
			i := len(names) - 2 + k
			if a.Has(i) {
				f, err := py.ToFloat(a.v[i])
				if err != nil {
					return nil, err
				}
				days[k] = big.NewFloat(f)
			}
		}
		to, ok := timeUnit(unit, days[0], days[1])
		if !ok || to.Sign() == 0 {
			return nil, fail("to_time_unit() can not convert to the following unit: %s. Available units (singular or plural): millisecond, msec, msecond, "+
				"sec, second, hour, min, minute, day, week, month, year. Available short units: ms, s, m, h, d, w, mo, y", unit)
		}
		total := new(big.Float)
		for _, w := range strings.Fields(t) {
			m, _ := timeRE.Match(w)
			if m == nil {
				return nil, fail("to_time_unit() can not interpret following string: %s", t)
			}
			f, ok := timeUnit(groupText(m, 2), days[0], days[1])
			if !ok {
				return nil, fail("to_time_unit() can not interpret following string: %s", t)
			}
			n, _ := new(big.Float).SetString(groupText(m, 1))
			total.Add(total, n.Mul(n, f))
		}
		x, _ := total.Float64()
		y, _ := to.Float64()
		return py.RoundFloat(x/y, 12), nil
	}
}

func versionSortFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "reverse")
	if err != nil {
		return nil, err
	}
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	err = py.Sort(items, func(v Value) (Value, error) {
		t, err := Str(v)
		return LooseVersion(t), err
	}, value.Truth(a.v[0]))
	return listValue(items), err
}

func unicodeNormalizeFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "form")
	if err != nil {
		return nil, err
	}
	if !isText(c.in()) {
		if err := Defined(c.in()); err != nil {
			return nil, err
		}
		return nil, fail("Invalid value type (%s) for unicode_normalize (%s)", className(c.in()), value.Str(c.in()))
	}
	form, err := a.Text(0, "NFC")
	if err != nil {
		return nil, err
	}
	f, ok := map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}[form]
	if !ok {
		return nil, fail("Invalid form value (%s). Must be one of: NFC, NFD, NFKC, NFKD", form)
	}
	t, err := c.text()
	return c.like(f.String(t)), err
}

func accumulateFilter(c *Call) (Value, error) {
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	out := value.NewList()
	var cur Value
	for i, e := range items {
		if i == 0 {
			cur = e
		} else if cur, err = py.Add(cur, e); err != nil {
			return nil, err
		}
		out.Append(cur)
	}
	return out, nil
}

var communityFilters = map[string]Func{
	"json_query": jsonQueryFilter, "dict": dictFilter, "dict_kv": dictKVFilter, "counter": counterFilter, "crc32": crc32Filter,
	"from_csv": fromCSVFilter, "groupby_as_dict": groupbyAsDictFilter, "lists_mergeby": listsMergebyFilter,
	"lists_union": listsOp("union"), "lists_intersect": listsOp("intersect"), "lists_difference": listsOp("difference"),
	"lists_symmetric_difference": listsOp("symmetric_difference"), "random_mac": randomMACFilter, "accumulate": accumulateFilter,
	"to_time_unit": toTimeUnit(""), "to_milliseconds": toTimeUnit("ms"), "to_seconds": toTimeUnit("s"), "to_minutes": toTimeUnit("m"),
	"to_hours": toTimeUnit("h"), "to_days": toTimeUnit("d"), "to_weeks": toTimeUnit("w"), "to_months": toTimeUnit("month"), "to_years": toTimeUnit("year"),
	"version_sort": versionSortFilter, "unicode_normalize": unicodeNormalizeFilter,
	"keep_keys": pickKeys("keep"), "remove_keys": pickKeys("remove"), "replace_keys": replaceKeysFilter,
}
