package module

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

var (
	partedSize  = regexp.MustCompile(`^(-?[\d.]+) *([\w%]*)$`)
	partedCHS   = regexp.MustCompile(`^(\d+),(\d+),(\d+)$`)
	partedUnits = []string{"s", "B", "KB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB", "%", "cyl", "chs", "compact"}
)

// checkPartedSize checks a place that the user gave and takes blanks out of it.
func checkPartedSize(name string, text *string) error {
	*text = strings.TrimSpace(*text)
	if partedCHS.MatchString(*text) {
		return nil
	}
	m := partedSize.FindStringSubmatch(*text)
	if m == nil {
		return Errorf(fmt.Sprintf("Error interpreting parted size output: '%s'", *text))
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return Errorf(fmt.Sprintf("Error interpreting parted size output: '%s'", *text))
	}
	if !slices.Contains(partedUnits, m[2]) {
		return Errorf(fmt.Sprintf("The argument '%s' doesn't respect required format.The size unit is case sensitive.", name), "err", value.NewList(n, m[2]))
	}
	*text = m[1] + m[2]
	return nil
}

// readPartedSize reads a place or size that parted printed: a number and its unit, or cylinder, head and sector.
func readPartedSize(s string) (v value.Value, unit string, err error) {
	if m := partedCHS.FindStringSubmatch(s); m != nil {
		d := value.NewDict()
		for i, k := range []string{"cylinder", "head", "sector"} {
			n, _ := strconv.ParseInt(m[i+1], 10, 64)
			d.Set(k, n)
		}
		return d, "chs", nil
	}
	if m := partedSize.FindStringSubmatch(s); m != nil {
		if f, err := strconv.ParseFloat(m[1], 64); err == nil {
			return f, strings.ToLower(m[2]), nil
		}
	}
	return nil, "", Errorf(fmt.Sprintf("Error interpreting parted size output: '%s'", s))
}

// parsePartedInfo reads the output of print with -m.
func parsePartedInfo(out, unit string) (*partedInfo, error) {
	var lines [][]string
	for l := range strings.Lines(out) {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, strings.Split(strings.TrimSuffix(l, ";"), ":"))
		}
	}
	if len(lines) < 2 || len(lines[1]) < 7 {
		return nil, Errorf("parted said nothing of the disk that is understood", "out", out)
	}
	d := lines[1]
	if extra := len(d) - 8; extra > 0 { // colons in the device's name
		d = append([]string{strings.Join(d[:extra+1], ":")}, d[extra+1:]...)
	}
	size, sizeUnit, err := readPartedSize(d[1])
	if err != nil {
		return nil, err
	}
	logical, _ := strconv.ParseInt(d[3], 10, 64)
	physical, _ := strconv.ParseInt(d[4], 10, 64)
	i := &partedInfo{partitions: value.NewList(), disk: value.DictOf("dev", d[0], "size", size, "unit", sizeUnit, "table", d[5], "model", d[6],
		"logical_block", logical, "physical_block", physical)}
	rest := lines[2:]
	if unit == "cyl" || unit == "chs" {
		if len(rest) == 0 || len(rest[0]) < 4 {
			return nil, Errorf("parted did not tell the disk's geometry", "out", out)
		}
		chs := value.NewDict()
		for j, k := range []string{"cylinders", "heads", "sectors"} {
			n, _ := strconv.ParseInt(rest[0][j], 10, 64)
			chs.Set(k, n)
		}
		v, u, err := readPartedSize(rest[0][3])
		if err != nil {
			return nil, err
		}
		chs.Set("cyl_size", v)
		chs.Set("cyl_size_unit", u)
		i.disk.Set("chs_info", chs)
		rest = rest[1:]
	}
	for _, f := range rest {
		part, err := readPartition(f, sizeUnit, unit == "chs")
		if err != nil {
			return nil, err
		}
		i.partitions.Append(part)
	}
	return i, nil
}

// readPartition reads number, begin, end, size (not with chs), file system, name and flags.
func readPartition(f []string, unit string, chs bool) (*value.Dict, error) {
	if chs && len(f) > 3 {
		f = slices.Insert(slices.Clone(f), 3, "")
	}
	if len(f) < 7 {
		return nil, Errorf(fmt.Sprintf("Error interpreting parted output: '%s'", strings.Join(f, ":")))
	}
	num, err := strconv.ParseInt(f[0], 10, 64)
	if err != nil {
		return nil, Errorf(fmt.Sprintf("Error interpreting parted output: '%s'", strings.Join(f, ":")))
	}
	d := value.DictOf("num", num)
	for j, k := range []string{"begin", "end", "size"} {
		var v value.Value = ""
		if f[j+1] != "" {
			if v, _, err = readPartedSize(f[j+1]); err != nil {
				return nil, err
			}
		}
		d.Set(k, v)
	}
	last := len(f) - 1 // a name may hold colons
	flags := value.NewList()
	for _, s := range strings.Split(f[last], ",") {
		if s = strings.TrimSpace(s); s != "" {
			flags.Append(s)
		}
	}
	d.Set("fstype", f[4])
	d.Set("name", strings.Join(f[5:last], ":"))
	d.Set("flags", flags)
	d.Set("unit", unit)
	return d, nil
}

// bytesOf are parted's units in bytes.
var bytesOf = map[string]float64{"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}

// endsAt tells whether a partition ends where part_end says: to the sector with exact units, else as near as
// parted puts it. At the end of the disk a table may take the last sectors.
func (p *partedRun) endsAt(part *value.Dict) (bool, error) {
	m := partedSize.FindStringSubmatch(p.End)
	if m == nil {
		return false, nil
	}
	exact, err := p.info("B")
	if err != nil {
		return false, err
	}
	number, _ := part.At("num").(int64)
	at := exact.find(int(number))
	if at == nil {
		return false, nil
	}
	end, _ := at.At("end").(float64)
	disk, _ := exact.disk.At("size").(float64)
	block, _ := exact.disk.At("logical_block").(int64)
	sector := float64(block)
	end++ // parted gives the last byte
	want, _ := strconv.ParseFloat(m[1], 64)
	near := sector
	switch unit := bytesOf[m[2]]; {
	case m[2] == "%":
		want, near = disk*want/100, 1<<20
	case m[2] == "s":
		want = (want + 1) * sector
	case unit == 0:
		return false, nil
	default:
		want *= unit
		if !strings.Contains(m[2], "i") && unit > 1 {
			near = unit / 2
		}
	}
	if strings.HasPrefix(m[1], "-") {
		want += disk
	}
	return math.Abs(end-want) < near || want > disk-34*sector && end >= disk-34*sector, nil
}
