package facts

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

func dateTime(h *host, d *value.Dict) { d.Set("date_time", clock(time.Now().In(h.zone()))) }

// Zone is the time zone that tz, the value of TZ, names, else the host's own as it is now: the time package keeps the one
// with which this process began, and tasks change it.
func Zone(tz string) *time.Location { return (&host{opt: Options{Env: []string{"TZ=" + tz}}}).zone() }

func (h *host) zone() *time.Location {
	if tz := strings.TrimPrefix(h.getenv("TZ"), ":"); tz != "" {
		if loc, err := time.LoadLocation(tz); err == nil {
			return loc
		}
	}
	if loc, err := time.LoadLocationFromTZData("Local", []byte(h.read("/etc/localtime"))); err == nil {
		return loc
	}
	return time.Local
}

func clock(now time.Time) *value.Dict {
	utc := now.UTC()
	micro := fmt.Sprintf("%06d", utc.Nanosecond()/1000)
	zone, _ := now.Zone()
	epoch := strconv.FormatInt(now.Unix(), 10)
	// %W: weeks counted from the first Monday of the year.
	week := (now.YearDay() + 6 - (int(now.Weekday())+6)%7) / 7
	return value.DictOf(
		"year", now.Format("2006"),
		"month", now.Format("01"),
		"weekday", now.Weekday().String(),
		"weekday_number", strconv.Itoa(int(now.Weekday())),
		"weeknumber", fmt.Sprintf("%02d", week),
		"day", now.Format("02"),
		"hour", now.Format("15"),
		"minute", now.Format("04"),
		"second", now.Format("05"),
		"epoch", epoch,
		"epoch_int", epoch,
		"date", now.Format("2006-01-02"),
		"time", now.Format("15:04:05"),
		"iso8601_micro", utc.Format("2006-01-02T15:04:05.")+micro+"Z",
		"iso8601", utc.Format("2006-01-02T15:04:05Z"),
		"iso8601_basic", now.Format("20060102T150405")+micro,
		"iso8601_basic_short", now.Format("20060102T150405"),
		"tz", zone,
		"tz_dst", summerZone(now),
		"tz_offset", now.Format("-0700"),
	)
}

// summerZone is the name the zone has in summer time, or its only name.
func summerZone(now time.Time) string {
	for m := time.January; m <= time.December; m++ {
		t := time.Date(now.Year(), m, 1, 12, 0, 0, 0, now.Location())
		if t.IsDST() {
			n, _ := t.Zone()
			return n
		}
	}
	n, _ := now.Zone()
	return n
}
