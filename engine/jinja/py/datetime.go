package py

import (
	"fmt"
	"math"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// DateTime is Python's datetime (or date): a wall clock time, which is naive
// unless Aware.
type DateTime struct {
	T     time.Time // naive ones are held in UTC
	Aware bool
	Date  bool // a date without a time
}

// TypeName is Python's name of the type.
func (d *DateTime) TypeName() string {
	if d.Date {
		return "date"
	}
	return "datetime"
}

func (d *DateTime) iso(sep string) string {
	if d.Date {
		return d.T.Format("2006-01-02")
	}
	s := d.T.Format("2006-01-02") + sep + d.T.Format("15:04:05")
	if us := d.T.Nanosecond() / 1000; us != 0 {
		s += fmt.Sprintf(".%06d", us)
	}
	if d.Aware {
		s += d.T.Format("-07:00")
	}
	return s
}

// Str prints as str() does.
func (d *DateTime) Str() string { return d.iso(" ") }

// Repr prints as repr() does.
func (d *DateTime) Repr() string {
	t := d.T
	if d.Date {
		return fmt.Sprintf("datetime.date(%d, %d, %d)", t.Year(), t.Month(), t.Day())
	}
	s := fmt.Sprintf("datetime.datetime(%d, %d, %d, %d, %d", t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute())
	us := t.Nanosecond() / 1000
	if t.Second() != 0 || us != 0 {
		s += fmt.Sprintf(", %d", t.Second())
	}
	if us != 0 {
		s += fmt.Sprintf(", %d", us)
	}
	if d.Aware {
		_, off := t.Zone()
		if off == 0 {
			s += ", tzinfo=datetime.timezone.utc"
		} else {
			s += ", tzinfo=datetime.timezone(" + (&TimeDelta{int64(off) * 1e6}).Repr() + ")"
		}
	}
	return s + ")"
}

// Truth is always true.
func (*DateTime) Truth() bool { return true }

// EqualTo compares the points in time.
func (d *DateTime) EqualTo(o Value) bool {
	x, ok := o.(*DateTime)
	return ok && x.Aware == d.Aware && x.Date == d.Date && x.T.Equal(d.T)
}

// CompareTo orders two datetimes.
func (d *DateTime) CompareTo(o Value) (int, error) {
	x, ok := o.(*DateTime)
	if !ok || x.Date != d.Date {
		return 0, Raise("TypeError", "can't compare %s to %s", d.TypeName(), value.TypeName(o))
	}
	if x.Aware != d.Aware {
		return 0, &Error{Kind: "ValueError", Msg: "can't compare offset-naive and offset-aware datetimes"}
	}
	return d.T.Compare(x.T), nil
}

// Plus adds a timedelta.
func (d *DateTime) Plus(o Value) (Value, bool) {
	x, ok := o.(*TimeDelta)
	if !ok {
		return nil, false
	}
	return &DateTime{d.T.Add(0).AddDate(0, 0, int(x.days())).Add(time.Duration(x.rest()) * time.Microsecond), d.Aware, d.Date}, true
}

// Minus subtracts a timedelta, or gives that between two datetimes.
func (d *DateTime) Minus(o Value) (Value, bool) {
	switch x := o.(type) {
	case *TimeDelta:
		return d.Plus(&TimeDelta{-x.Micros})
	case *DateTime:
		if x.Aware != d.Aware || x.Date != d.Date {
			return nil, false
		}
		sec := d.T.Unix() - x.T.Unix()
		return &TimeDelta{sec*1e6 + int64(d.T.Nanosecond()-x.T.Nanosecond())/1000}, true
	}
	return nil, false
}

// Attr gives year, month ...
func (d *DateTime) Attr(name string) (Value, bool) {
	t := d.T
	switch name {
	case "year":
		return int64(t.Year()), true
	case "month":
		return int64(t.Month()), true
	case "day":
		return int64(t.Day()), true
	}
	if d.Date {
		return nil, false
	}
	switch name {
	case "hour":
		return int64(t.Hour()), true
	case "minute":
		return int64(t.Minute()), true
	case "second":
		return int64(t.Second()), true
	case "microsecond":
		return int64(t.Nanosecond() / 1000), true
	case "tzinfo":
		if d.Aware {
			return "UTC" + t.Format("-07:00"), true
		}
		return nil, true
	case "fold":
		return int64(0), true
	}
	return nil, false
}

// Timestamp is datetime.timestamp(): naive ones are local time.
func (d *DateTime) Timestamp() float64 {
	t := d.T
	if !d.Aware {
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.Local)
	}
	return float64(t.Unix()) + float64(t.Nanosecond()/1000)/1e6
}

func onDate(f func(d *DateTime, a []Value) (Value, error), need int, names ...string) method {
	return func(o Value, c *call) (Value, error) {
		a, err := c.bind(need, names...)
		if err != nil {
			return nil, err
		}
		return f(o.(*DateTime), a)
	}
}

var dateMethods = map[string]method{
	"strftime": onDate(func(d *DateTime, a []Value) (Value, error) {
		f, err := wantText(a[0], "strftime() argument 1 must be str")
		return d.Strftime(f), err
	}, 1, "format"),
	"isoformat": onDate(func(d *DateTime, a []Value) (Value, error) {
		sep := "T"
		if s, ok := textOf(a[0]); ok {
			sep = s
		}
		return d.iso(sep), nil
	}, 0, "sep"),
	"timestamp": onDate(func(d *DateTime, a []Value) (Value, error) { return d.Timestamp(), nil }, 0),
	"weekday":   onDate(func(d *DateTime, a []Value) (Value, error) { return int64(d.T.Weekday()+6) % 7, nil }, 0),
	"isoweekday": onDate(func(d *DateTime, a []Value) (Value, error) {
		return int64(d.T.Weekday()+6)%7 + 1, nil
	}, 0),
	"isocalendar": onDate(func(d *DateTime, a []Value) (Value, error) {
		y, w := d.T.ISOWeek()
		return value.Tuple{int64(y), int64(w), int64(d.T.Weekday()+6)%7 + 1}, nil
	}, 0),
	"toordinal": onDate(func(d *DateTime, a []Value) (Value, error) {
		day := time.Date(d.T.Year(), d.T.Month(), d.T.Day(), 0, 0, 0, 0, time.UTC)
		return day.Unix()/86400 + 719163, nil
	}, 0),
	"ctime": onDate(func(d *DateTime, a []Value) (Value, error) { return d.T.Format("Mon Jan _2 15:04:05 2006"), nil }, 0),
	"date": onDate(func(d *DateTime, a []Value) (Value, error) {
		return &DateTime{T: time.Date(d.T.Year(), d.T.Month(), d.T.Day(), 0, 0, 0, 0, time.UTC), Date: true}, nil
	}, 0),
	"replace": onDate(func(d *DateTime, a []Value) (Value, error) {
		t := d.T
		v := []int{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond() / 1000}
		for i := range v {
			if a[i] != absent {
				n, err := Index(a[i])
				if err != nil {
					return nil, err
				}
				v[i] = int(n)
			}
		}
		r := time.Date(v[0], time.Month(v[1]), v[2], v[3], v[4], v[5], v[6]*1000, t.Location())
		if r.Day() != v[2] || int(r.Month()) != v[1] || r.Hour() != v[3] || r.Minute() != v[4] || r.Second() != v[5] {
			return nil, Raise("ValueError", "day is out of range for month")
		}
		aware := d.Aware
		if a[7] == nil {
			aware = false
		}
		return &DateTime{r, aware, d.Date}, nil
	}, 0, "year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"),
	"utcoffset": onDate(func(d *DateTime, a []Value) (Value, error) {
		if !d.Aware {
			return nil, nil
		}
		_, off := d.T.Zone()
		return &TimeDelta{int64(off) * 1e6}, nil
	}, 0),
}

// TimeDelta is Python's timedelta, in microseconds.
type TimeDelta struct{ Micros int64 }

const dayMicros = 86400 * 1000000

func (t *TimeDelta) days() int64 {
	d := t.Micros / dayMicros
	if t.Micros%dayMicros < 0 {
		d--
	}
	return d
}

func (t *TimeDelta) rest() int64 { return t.Micros - t.days()*dayMicros }

// TypeName is Python's name of the type.
func (*TimeDelta) TypeName() string { return "timedelta" }

// Str prints as str() does.
func (t *TimeDelta) Str() string {
	s := ""
	if d := t.days(); d != 0 {
		s = fmt.Sprintf("%d day", d)
		if d != 1 && d != -1 {
			s += "s"
		}
		s += ", "
	}
	r := t.rest()
	sec := r / 1000000
	s += fmt.Sprintf("%d:%02d:%02d", sec/3600, sec/60%60, sec%60)
	if us := r % 1000000; us != 0 {
		s += fmt.Sprintf(".%06d", us)
	}
	return s
}

// Repr prints as repr() does.
func (t *TimeDelta) Repr() string {
	s := ""
	add := func(name string, n int64) {
		if n != 0 {
			if s != "" {
				s += ", "
			}
			s += fmt.Sprintf("%s=%d", name, n)
		}
	}
	add("days", t.days())
	add("seconds", t.rest()/1000000)
	add("microseconds", t.rest()%1000000)
	if s == "" {
		s = "0"
	}
	return "datetime.timedelta(" + s + ")"
}

// Truth is false for no time at all.
func (t *TimeDelta) Truth() bool { return t.Micros != 0 }

// EqualTo compares the lengths.
func (t *TimeDelta) EqualTo(o Value) bool { x, ok := o.(*TimeDelta); return ok && x.Micros == t.Micros }

// CompareTo orders two lengths of time.
func (t *TimeDelta) CompareTo(o Value) (int, error) {
	x, ok := o.(*TimeDelta)
	if !ok {
		return 0, Raise("TypeError", "can't compare")
	}
	return cmpInt(t.Micros, x.Micros), nil
}

// Plus adds another timedelta, or to a datetime.
func (t *TimeDelta) Plus(o Value) (Value, bool) {
	switch x := o.(type) {
	case *TimeDelta:
		return &TimeDelta{t.Micros + x.Micros}, true
	case *DateTime:
		return x.Plus(t)
	}
	return nil, false
}

// Minus subtracts another timedelta.
func (t *TimeDelta) Minus(o Value) (Value, bool) {
	x, ok := o.(*TimeDelta)
	if !ok {
		return nil, false
	}
	return &TimeDelta{t.Micros - x.Micros}, true
}

// Times multiplies by an integer.
func (t *TimeDelta) Times(n int64) Value { return &TimeDelta{t.Micros * n} }

// DividedBy gives a ratio, or a part of the time.
func (t *TimeDelta) DividedBy(o Value) (Value, bool) {
	if x, ok := o.(*TimeDelta); ok && x.Micros != 0 {
		return float64(t.Micros) / float64(x.Micros), true
	}
	if n, ok := toNum(o); ok {
		f, err := n.float()
		if err == nil && f != 0 {
			return &TimeDelta{int64(math.RoundToEven(float64(t.Micros) / f))}, true
		}
	}
	return nil, false
}

// FloorDividedBy gives a whole ratio, or a part of the time.
func (t *TimeDelta) FloorDividedBy(o Value) (Value, bool) {
	if x, ok := o.(*TimeDelta); ok && x.Micros != 0 {
		q, _ := floorDivMod(num{i: t.Micros}, num{i: x.Micros})
		return q, true
	}
	if n, ok := o.(int64); ok && n != 0 {
		q, _ := floorDivMod(num{i: t.Micros}, num{i: n})
		return &TimeDelta{q.(int64)}, true
	}
	return nil, false
}

// Attr gives days, seconds and microseconds.
func (t *TimeDelta) Attr(name string) (Value, bool) {
	switch name {
	case "days":
		return t.days(), true
	case "seconds":
		return t.rest() / 1000000, true
	case "microseconds":
		return t.rest() % 1000000, true
	}
	return nil, false
}

var deltaMethods = map[string]method{
	"total_seconds": func(o Value, c *call) (Value, error) {
		return float64(o.(*TimeDelta).Micros) / 1e6, nil
	},
}
