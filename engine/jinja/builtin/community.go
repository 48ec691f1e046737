package builtin

import (
	"encoding/csv"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
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
	"from_ini": fromINIFilter, "to_ini": toINIFilter, "reveal_ansible_type": revealTypeFilter,
	"keep_keys": pickKeys("keep"), "remove_keys": pickKeys("remove"), "replace_keys": replaceKeysFilter,
}

var communityForeign = foreign(map[string]string{"jc": "jc", "hashids_encode": "hashids", "hashids_decode": "hashids", "to_prettytable": "prettytable",
	"json_diff": "jsonpatch", "json_patch": "jsonpatch", "json_patch_recipe": "jsonpatch"})
