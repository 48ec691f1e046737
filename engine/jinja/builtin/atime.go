package builtin

import (
	"math"
	"time"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func strftimeFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "second", "utc")
	if err != nil {
		return nil, err
	}
	format, ok := value.Text(c.in())
	if !ok {
		if err := Defined(c.in()); err != nil {
			return nil, err
		}
		return nil, py.Raise("TypeError", "strftime() argument 1 must be str, not %s", value.TypeName(c.in()))
	}
	t := time.Now()
	if a.Has(0) {
		if err := Defined(a.v[0]); err != nil {
			return nil, err
		}
		f, err := py.ToFloat(a.v[0])
		if err != nil || math.IsNaN(f) || math.Abs(f) > 1e14 {
			return nil, fail("Invalid value for epoch value (%s)", value.Str(a.v[0]))
		}
		t = time.Unix(int64(math.Floor(f)), 0)
	}
	zone := ""
	if value.Truth(a.v[1]) {
		t, zone = t.UTC(), "GMT"
	} else if t = t.Local(); zone == "" {
		zone = t.Format("MST")
	}
	return py.Strftime(format, t, zone, t.Format("-0700")), nil
}

func toDatetimeFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "format")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	format, err := a.Text(0, "%Y-%m-%d %H:%M:%S")
	if err != nil {
		return nil, err
	}
	return py.Strptime(t, format)
}

// nowGlobal is Ansible's now(): a datetime, or text with fmt.
func nowGlobal(c *Call) (Value, error) {
	a, err := c.BindAll(0, "utc", "fmt")
	if err != nil {
		return nil, err
	}
	t := time.Now()
	if value.Truth(a.v[0]) {
		t = t.UTC()
	}
	d := &py.DateTime{T: time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000*1000, time.UTC)}
	if a.Has(1) {
		f, err := a.Text(1, "")
		if err != nil {
			return nil, err
		}
		return d.Strftime(f), nil
	}
	return d, nil
}
