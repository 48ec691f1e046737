package module

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// strptime reads s by a format as Python's time.strptime, in the zone loc unless the text names another.
func strptime(s, format string, loc *time.Location) (time.Time, error) {
	bad := fmt.Errorf("time data '%s' does not match format '%s'", s, format)
	y, mo, d, h, mi, sec, yday := 1900, 1, 1, 0, 0, 0, 0
	pm, hasPM := false, false
	num := func(max int) (int, bool) {
		n := 0
		for n < max && n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		v, err := strconv.Atoi(s[:n])
		s = s[n:]
		return v, err == nil
	}
	name := func(list []string) (int, bool) {
		for i, w := range list {
			if len(s) >= len(w) && strings.EqualFold(s[:len(w)], w) {
				s = s[len(w):]
				return i, true
			}
		}
		return 0, false
	}
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c == ' ' || c == '\t' {
			s = strings.TrimLeft(s, " \t")
			continue
		}
		if c != '%' || i+1 == len(format) {
			if s == "" || s[0] != c {
				return time.Time{}, bad
			}
			s = s[1:]
			continue
		}
		i++
		ok := true
		switch format[i] {
		case 'Y':
			y, ok = num(4)
		case 'y':
			if y, ok = num(2); y < 69 {
				y += 2000
			} else {
				y += 1900
			}
		case 'm':
			mo, ok = num(2)
		case 'd':
			d, ok = num(2)
		case 'H', 'I':
			h, ok = num(2)
		case 'M':
			mi, ok = num(2)
		case 'S':
			sec, ok = num(2)
		case 'j':
			yday, ok = num(3)
		case 'f':
			_, ok = num(6)
		case 'p':
			var n int
			n, ok = name([]string{"am", "pm"})
			pm, hasPM = n == 1, true
		case 'b', 'h', 'B':
			var long, short []string
			for m := time.January; m <= time.December; m++ {
				long, short = append(long, m.String()), append(short, m.String()[:3])
			}
			var n int
			if n, ok = name(long); !ok {
				n, ok = name(short)
			}
			mo = n + 1
		case 'a', 'A':
			var long, short []string
			for w := time.Sunday; w <= time.Saturday; w++ {
				long, short = append(long, w.String()), append(short, w.String()[:3])
			}
			if _, ok = name(long); !ok {
				_, ok = name(short)
			}
		case 'z':
			t, err := time.Parse("-0700", s[:min(len(s), 5)])
			ok = err == nil
			if ok {
				_, off := t.Zone()
				loc = time.FixedZone("", off)
				s = s[5:]
			}
		case 'Z':
			n := strings.IndexFunc(s+" ", func(r rune) bool { return r < 'A' || r > 'Z' })
			if z := s[:n]; z == "UTC" || z == "GMT" {
				loc = time.UTC
			}
			s = s[n:]
		case '%':
			ok = strings.HasPrefix(s, "%")
			s = strings.TrimPrefix(s, "%")
		default:
			return time.Time{}, fmt.Errorf("'%c' is a bad directive in format '%s'", format[i], format)
		}
		if !ok {
			return time.Time{}, bad
		}
	}
	if s != "" {
		return time.Time{}, fmt.Errorf("unconverted data remains: %s", s)
	}
	if mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || sec > 61 {
		return time.Time{}, bad
	}
	if hasPM {
		h = h%12 + map[bool]int{true: 12}[pm]
	}
	if yday > 0 {
		mo, d = 1, yday
	}
	return time.Date(y, time.Month(mo), d, h, mi, sec, 0, loc), nil
}
