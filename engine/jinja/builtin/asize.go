package builtin

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

var sizes = []struct {
	suffix string
	limit  float64
}{{"Y", 1 << 80}, {"Z", 1 << 70}, {"E", 1 << 60}, {"P", 1 << 50}, {"T", 1 << 40}, {"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"B", 1}}

func humanReadableFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "isbits", "unit")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	if isText(c.in()) || c.in() == nil || isSequence(c.in()) {
		return nil, fail("human_readable() failed on bad input: '>=' not supported between instances of '%s' and 'int'", value.TypeName(c.in()))
	}
	f, err := py.ToFloat(c.in())
	if err != nil {
		return nil, fail("human_readable() failed on bad input: %v", err)
	}
	base := "Bytes"
	if value.Truth(a.v[0]) {
		base = "bits"
	}
	unit := ""
	if a.Has(1) {
		unit = strings.ToUpper(value.Str(a.v[1]))
	}
	suffix, limit := "", 1.0
	for _, r := range sizes {
		suffix, limit = r.suffix, r.limit
		if unit == "" && f >= limit || unit != "" && unit == suffix {
			break
		}
	}
	if limit != 1 {
		suffix += base[:1]
	} else {
		suffix = base
	}
	return fmt.Sprintf("%.2f %s", f/limit, suffix), nil
}

var sizeRE = mustRE(`^\s*(\d*\.?\d*)\s*([A-Za-z]+)?\s*$`)

func humanToBytesFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "default_unit", "isbits")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	n, ok := HumanToBytes(t, value.Str(a.Value(0, "")), value.Truth(a.v[1]))
	if !ok {
		return nil, fail("human_to_bytes() can't interpret following string: %s", t)
	}
	return n, nil
}

// HumanToBytes reads a size such as 10M or 1.5GB.
func HumanToBytes(t, defaultUnit string, bits bool) (int64, bool) {
	m, _ := sizeRE.Match(t)
	if m == nil {
		return 0, false
	}
	num, err := strconv.ParseFloat(groupText(m, 1), 64)
	if err != nil {
		return 0, false
	}
	unit := groupText(m, 2)
	if unit == "" {
		unit = defaultUnit
	}
	if unit == "" || unit == "None" {
		return whole(num)
	}
	first := strings.ToUpper(unit[:1])
	limit := 0.0
	for _, r := range sizes {
		if r.suffix == first {
			limit = r.limit
		}
	}
	if limit == 0 {
		return 0, false
	}
	word, letter := "byte", "B"
	if bits {
		word, letter = "bit", "b"
	}
	rest := unit[1:]
	switch {
	case rest == "", rest == letter, strings.Contains(strings.ToLower(unit), word):
	case first == "B" && (strings.EqualFold(unit, "bytes") || strings.EqualFold(unit, "bits")):
	default:
		return 0, false
	}
	return whole(num * limit)
}

// whole rounds a size; what no disk has is none.
func whole(f float64) (int64, bool) {
	if math.Abs(f) >= 1<<63 {
		return 0, false
	}
	return int64(math.RoundToEven(f)), true
}
