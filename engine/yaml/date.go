package yaml

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Date is a date or a date with time, as YAML writes them without quotes. It
// prints as Python's datetime does.
type Date struct {
	T       time.Time
	HasTime bool // datetime rather than date
	HasZone bool // the offset was written
}

// TypeName is Python's name of the type.
func (d Date) TypeName() string {
	if d.HasTime {
		return "datetime"
	}
	return "date"
}

// Truth is true for every date.
func (d Date) Truth() bool { return true }

// Str prints as str(): 2001-12-14 or 2001-12-14 21:59:43.100000-05:00.
func (d Date) Str() string {
	if !d.HasTime {
		return d.T.Format("2006-01-02")
	}
	s := d.T.Format("2006-01-02 15:04:05")
	if us := d.T.Nanosecond() / 1000; us != 0 {
		s += fmt.Sprintf(".%06d", us)
	}
	if d.HasZone {
		s += d.T.Format("-07:00")
	}
	return s
}

// Repr prints as repr().
func (d Date) Repr() string {
	if !d.HasTime {
		return fmt.Sprintf("datetime.date(%d, %d, %d)", d.T.Year(), d.T.Month(), d.T.Day())
	}
	s := fmt.Sprintf("datetime.datetime(%d, %d, %d, %d, %d", d.T.Year(), d.T.Month(), d.T.Day(), d.T.Hour(), d.T.Minute())
	us := d.T.Nanosecond() / 1000
	if d.T.Second() != 0 || us != 0 {
		s += fmt.Sprintf(", %d", d.T.Second())
	}
	if us != 0 {
		s += fmt.Sprintf(", %d", us)
	}
	if d.HasZone {
		if _, off := d.T.Zone(); off == 0 {
			s += ", tzinfo=datetime.timezone.utc"
		} else if off > 0 {
			s += fmt.Sprintf(", tzinfo=datetime.timezone(datetime.timedelta(seconds=%d))", off)
		} else {
			s += fmt.Sprintf(", tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=%d))", 86400+off)
		}
	}
	return s + ")"
}

var (
	dateForm = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)$`)
	timeForm = regexp.MustCompile(`^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?))?$`)
)

// readTime reads dates; ok tells that s has the form of one.
func readTime(s string) (d Date, ok bool, err error) {
	if len(s) < 8 || s[4] != '-' {
		return d, false, nil
	}
	m := dateForm.FindStringSubmatch(s)
	if m == nil {
		if m = timeForm.FindStringSubmatch(s); m == nil {
			return d, false, nil
		}
	}
	num := func(i int) int {
		if i >= len(m) {
			return 0
		}
		n, _ := strconv.Atoi(m[i])
		return n
	}
	zone := time.UTC
	ns := 0
	if len(m) > 4 {
		d.HasTime = true
		d.HasZone = m[8] != ""
		ns, _ = strconv.Atoi((m[7] + strings.Repeat("0", 6))[:6])
		if m[9] != "" {
			off := num(10)*3600 + num(11)*60
			if m[9] == "-" {
				off = -off
			}
			if off <= -86400 || off >= 86400 {
				return d, true, fmt.Errorf("the offset of %q must be below 24 hours", s)
			}
			zone = time.FixedZone("", off)
		}
	}
	switch {
	case num(1) < 1:
		return d, true, fmt.Errorf("year %d is out of range", num(1))
	case num(2) < 1 || num(2) > 12:
		return d, true, fmt.Errorf("month must be in 1..12, not %q", s)
	case num(4) > 23 || num(5) > 59 || num(6) > 59:
		return d, true, fmt.Errorf("%q is no time of day", s)
	}
	d.T = time.Date(num(1), time.Month(num(2)), num(3), num(4), num(5), num(6), ns*1000, zone)
	if num(3) < 1 || d.T.Day() != num(3) {
		return d, true, fmt.Errorf("day is out of range for month: %q", s)
	}
	return d, true, nil
}
