package builtin

import (
	"math/big"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
)

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
	case "mo", "month":
		return day(month, 30), true
	case "y", "year":
		return day(year, 365), true
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
