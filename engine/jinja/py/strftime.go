package py

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// Strftime formats as the C library's strftime does in the C locale. A zone is
// written for aware times only.
func (d *DateTime) Strftime(format string) string {
	zone, off := "", ""
	if d.Aware {
		zone, off = d.T.Format("MST"), d.T.Format("-0700")
		if _, sec := d.T.Zone(); sec == 0 {
			zone = "UTC"
		}
	}
	return Strftime(format, d.T, zone, off)
}

// Strftime formats t; zone and offset are what %Z and %z give.
func Strftime(format string, t time.Time, zone, offset string) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 >= len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		flag := byte(0)
		if strings.IndexByte("-_0^#", format[i]) >= 0 && i+1 < len(format) {
			flag = format[i]
			i++
		}
		if (format[i] == 'E' || format[i] == 'O') && i+1 < len(format) {
			i++
		}
		s, ok := directive(format[i], t, zone, offset)
		if !ok {
			b.WriteByte('%')
			if flag != 0 {
				b.WriteByte(flag)
			}
			b.WriteByte(format[i])
			continue
		}
		switch flag {
		case '-':
			for len(s) > 1 && (s[0] == '0' || s[0] == ' ') {
				s = s[1:]
			}
		case '_':
			n := len(s)
			s = strings.TrimLeft(s[:n-1], "0") + s[n-1:]
			s = strings.Repeat(" ", n-len(s)) + s
		case '0':
			s = strings.ReplaceAll(s, " ", "0")
		case '^':
			s = strings.ToUpper(s)
		case '#':
			s = swapCase(s)
		}
		b.WriteString(s)
	}
	return b.String()
}

func directive(c byte, t time.Time, zone, offset string) (string, bool) {
	two := func(n int) string { return fmt.Sprintf("%02d", n) }
	h12 := (t.Hour()+11)%12 + 1
	wday := int(t.Weekday())
	switch c {
	case 'a':
		return t.Format("Mon"), true
	case 'A':
		return t.Format("Monday"), true
	case 'b', 'h':
		return t.Format("Jan"), true
	case 'B':
		return t.Format("January"), true
	case 'c':
		return t.Format("Mon Jan _2 15:04:05 2006"), true
	case 'C':
		return two(t.Year() / 100), true
	case 'd':
		return two(t.Day()), true
	case 'D', 'x':
		return t.Format("01/02/06"), true
	case 'e':
		return fmt.Sprintf("%2d", t.Day()), true
	case 'f':
		return fmt.Sprintf("%06d", t.Nanosecond()/1000), true
	case 'F':
		return t.Format("2006-01-02"), true
	case 'g':
		y, _ := t.ISOWeek()
		return two(y % 100), true
	case 'G':
		y, _ := t.ISOWeek()
		return strconv.Itoa(y), true
	case 'H':
		return two(t.Hour()), true
	case 'I':
		return two(h12), true
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay()), true
	case 'k':
		return fmt.Sprintf("%2d", t.Hour()), true
	case 'l':
		return fmt.Sprintf("%2d", h12), true
	case 'm':
		return two(int(t.Month())), true
	case 'M':
		return two(t.Minute()), true
	case 'n':
		return "\n", true
	case 'p':
		return t.Format("PM"), true
	case 'P':
		return t.Format("pm"), true
	case 'r':
		return t.Format("03:04:05 PM"), true
	case 'R':
		return t.Format("15:04"), true
	case 's':
		return strconv.FormatInt(t.Unix(), 10), true
	case 'S':
		return two(t.Second()), true
	case 't':
		return "\t", true
	case 'T', 'X':
		return t.Format("15:04:05"), true
	case 'u':
		return strconv.Itoa((wday+6)%7 + 1), true
	case 'U':
		return two((t.YearDay() + 6 - wday) / 7), true
	case 'V':
		_, w := t.ISOWeek()
		return two(w), true
	case 'w':
		return strconv.Itoa(wday), true
	case 'W':
		return two((t.YearDay() + 6 - (wday+6)%7) / 7), true
	case 'y':
		return two(t.Year() % 100), true
	case 'Y':
		return strconv.Itoa(t.Year()), true
	case 'z':
		return offset, true
	case 'Z':
		return zone, true
	case '%':
		return "%", true
	}
	return "", false
}

var monthNames = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}
var dayNames = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// Strptime is datetime.strptime.
func Strptime(s, format string) (*DateTime, error) {
	p := &timeParser{s: s, year: 1900, month: 1, day: 1, hour12: -1, yday: -1, wday: -1, week: -1}
	mismatch := Raise("ValueError", "time data %s does not match format %s", value.Quote(s), value.Quote(format))
	if err := p.run(format); err != nil {
		return nil, err
	}
	if p.failed {
		return nil, mismatch
	}
	if p.s != "" {
		return nil, Raise("ValueError", "unconverted data remains: %s", p.s)
	}
	if p.hour12 >= 0 {
		p.hour = p.hour12 % 12
		if p.pm {
			p.hour += 12
		}
	}
	if p.yday > 0 && !p.dateGiven {
		t := time.Date(p.year, 1, p.yday, 0, 0, 0, 0, time.UTC)
		p.month, p.day = int(t.Month()), t.Day()
	}
	if p.week >= 0 && p.wday >= 0 && !p.dateGiven {
		first := int(time.Date(p.year, 1, 1, 0, 0, 0, 0, time.UTC).Weekday()+6) % 7
		w := p.wday
		if p.sunday {
			first, w = (first+1)%7, (w+1)%7
		}
		yday := (7-first)%7 + (p.week-1)*7 + w
		if p.week == 0 {
			yday = w - first
		}
		t := time.Date(p.year, 1, yday+1, 0, 0, 0, 0, time.UTC)
		p.year, p.month, p.day = t.Year(), int(t.Month()), t.Day()
	}
	loc := time.UTC
	if p.aware && p.offset != 0 {
		loc = time.FixedZone(p.zone, p.offset)
	}
	t := time.Date(p.year, time.Month(p.month), p.day, p.hour, p.min, p.sec, p.micros*1000, loc)
	if t.Day() != p.day {
		return nil, Raise("ValueError", "day is out of range for month")
	}
	return &DateTime{T: t, Aware: p.aware}, nil
}

type timeParser struct {
	s                                        string
	year, month, day, hour, min, sec, micros int
	hour12, yday, wday, week                 int
	pm, sunday, aware, failed, dateGiven     bool
	offset                                   int
	zone                                     string
}

func (p *timeParser) num(max, lo, hi int) int {
	n := 0
	for n < max && n < len(p.s) && p.s[n] >= '0' && p.s[n] <= '9' {
		n++
	}
	for ; n > 0; n-- {
		if v, _ := strconv.Atoi(p.s[:n]); v >= lo && v <= hi {
			p.s = p.s[n:]
			return v
		}
	}
	p.failed = true
	return lo
}

func (p *timeParser) word(names []string, short bool) int {
	low := strings.ToLower(p.s)
	for i, n := range names {
		if short {
			n = n[:3]
		}
		if strings.HasPrefix(low, n) {
			p.s = p.s[len(n):]
			return i
		}
	}
	p.failed = true
	return 0
}

func (p *timeParser) run(format string) error {
	for i := 0; i < len(format) && !p.failed; i++ {
		c := format[i]
		if isSpace(rune(c)) {
			t := strings.TrimLeftFunc(p.s, isSpace)
			p.failed = t == p.s
			p.s = t
			for i+1 < len(format) && isSpace(rune(format[i+1])) {
				i++
			}
			continue
		}
		if c != '%' {
			if p.s == "" || !strings.EqualFold(p.s[:1], format[i:i+1]) {
				p.failed = true
				break
			}
			p.s = p.s[1:]
			continue
		}
		i++
		if i >= len(format) {
			return Raise("ValueError", "stray %% in format '%s'", format)
		}
		switch format[i] {
		case 'Y':
			if len(p.s) < 4 {
				p.failed = true
				break
			}
			p.year = p.num(4, 1, 9999)
		case 'y':
			p.year = p.num(2, 0, 99)
			if p.year < 69 {
				p.year += 100
			}
			p.year += 1900
		case 'm':
			p.month, p.dateGiven = p.num(2, 1, 12), true
		case 'd':
			p.s = strings.TrimPrefix(p.s, " ")
			p.day, p.dateGiven = p.num(2, 1, 31), true
		case 'H':
			p.hour = p.num(2, 0, 23)
		case 'I':
			p.hour12 = p.num(2, 1, 12)
		case 'M':
			p.min = p.num(2, 0, 59)
		case 'S':
			p.sec = p.num(2, 0, 61)
		case 'j':
			p.yday = p.num(3, 1, 366)
		case 'U', 'W':
			p.week, p.sunday = p.num(2, 0, 53), format[i] == 'U'
		case 'w':
			p.wday = (p.num(1, 0, 6) + 6) % 7
		case 'u':
			p.wday = p.num(1, 1, 7) - 1
		case 'f':
			n := 0
			for n < 6 && n < len(p.s) && p.s[n] >= '0' && p.s[n] <= '9' {
				n++
			}
			if n == 0 {
				p.failed = true
				break
			}
			p.micros, _ = strconv.Atoi((p.s[:n] + "000000")[:6])
			p.s = p.s[n:]
		case 'b', 'h':
			p.month, p.dateGiven = p.word(monthNames, true)+1, true
		case 'B':
			p.month, p.dateGiven = p.word(monthNames, false)+1, true
		case 'a':
			p.wday = p.word(dayNames, true)
		case 'A':
			p.wday = p.word(dayNames, false)
		case 'p':
			low := strings.ToLower(p.s)
			p.pm = strings.HasPrefix(low, "pm")
			if p.failed = !p.pm && !strings.HasPrefix(low, "am"); !p.failed {
				p.s = p.s[2:]
			}
		case 'z':
			p.readOffset()
		case 'Z':
			for _, z := range []string{"UTC", "GMT"} {
				if strings.HasPrefix(strings.ToUpper(p.s), z) {
					p.s = p.s[3:]
					break
				}
			}
		case 'c':
			if err := p.run("%a %b %d %H:%M:%S %Y"); err != nil {
				return err
			}
		case 'x', 'D':
			if err := p.run("%m/%d/%y"); err != nil {
				return err
			}
		case 'X', 'T':
			if err := p.run("%H:%M:%S"); err != nil {
				return err
			}
		case '%':
			if !strings.HasPrefix(p.s, "%") {
				p.failed = true
				break
			}
			p.s = p.s[1:]
		default:
			return Raise("ValueError", "'%c' is a bad directive in format '%s'", format[i], format)
		}
	}
	return nil
}

func (p *timeParser) readOffset() {
	if strings.HasPrefix(p.s, "Z") {
		p.s, p.aware = p.s[1:], true
		return
	}
	if len(p.s) < 5 || p.s[0] != '+' && p.s[0] != '-' {
		p.failed = true
		return
	}
	sign := 1
	if p.s[0] == '-' {
		sign = -1
	}
	p.s = p.s[1:]
	h := p.num(2, 0, 23)
	p.s = strings.TrimPrefix(p.s, ":")
	m := p.num(2, 0, 59)
	p.offset, p.aware = sign*(h*3600+m*60), true
}
