package builtin

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// vlanParser joins runs of numbers: 1-3,10.
func vlanParser(c *Call) (Value, error) {
	a, err := c.Bind(0, "first_line_len", "other_line_len")
	if err != nil {
		return nil, err
	}
	first, err := a.Int(0, 48)
	if err != nil {
		return nil, err
	}
	other, err := a.Int(1, 44)
	if err != nil {
		return nil, err
	}
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	var nums []int64
	seen := map[int64]bool{}
	for _, e := range items {
		v, err := py.ToInt(e)
		if err != nil {
			return nil, err
		}
		n, _ := v.(int64)
		if n < 1 || n > 4094 {
			return nil, fail("Valid VLAN range is 1-4094")
		}
		if !seen[n] {
			seen[n] = true
			nums = append(nums, n)
		}
	}
	sort.Slice(nums, func(i, j int) bool { return nums[i] < nums[j] })
	var parts []string
	for i := 0; i < len(nums); {
		j := i
		for j+1 < len(nums) && nums[j+1] == nums[j]+1 {
			j++
		}
		switch {
		case j == i:
			parts = append(parts, fmt.Sprint(nums[i]))
		case j == i+1:
			parts = append(parts, fmt.Sprint(nums[i]), fmt.Sprint(nums[j]))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", nums[i], nums[j]))
		}
		i = j + 1
	}
	l := value.NewList()
	line, limit := "", int(first)
	for _, p := range parts {
		switch {
		case line == "":
			line = p
		case len(line)+1+len(p) > limit:
			l.Append(line)
			line, limit = p, int(other)
		default:
			line += "," + p
		}
	}
	if line != "" {
		l.Append(line)
	}
	return l, nil
}

func vlanExpander(c *Call) (Value, error) {
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	l := value.NewList()
	for _, p := range strings.Split(t, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(p), "-")
		a, err := strconv.ParseInt(from, 10, 64)
		b := a
		if err == nil && isRange {
			b, err = strconv.ParseInt(to, 10, 64)
		}
		if err != nil || b-a > 5000 {
			return nil, fail("vlan_expander: %q is no VLAN or range of VLANs", p)
		}
		for ; a <= b; a++ {
			l.Append(a)
		}
	}
	return l, nil
}

var netcommonFilters = map[string]Func{"vlan_parser": vlanParser, "vlan_expander": vlanExpander,
	"type5_pw": type5PwFilter, "hash_salt": hashSaltFilter, "comp_type5": compType5Filter}
