package galaxy

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Version is a semantic version.
type Version struct {
	num  [3]int
	pre  []string
	text string
}

var semver = regexp.MustCompile(`^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$`)

// ParseVersion reads a version; a missing minor or patch number is 0.
func ParseVersion(s string) (Version, error) {
	m := semver.FindStringSubmatch(strings.TrimPrefix(strings.TrimSpace(s), "v"))
	if m == nil {
		return Version{}, fmt.Errorf("%q is no semantic version", s)
	}
	v := Version{text: s}
	for i := range v.num {
		v.num[i], _ = strconv.Atoi(m[i+1])
	}
	if m[4] != "" {
		v.pre = strings.Split(m[4], ".")
	}
	return v, nil
}

func (v Version) String() string { return v.text }

// Pre tells whether it is a prerelease.
func (v Version) Pre() bool { return len(v.pre) > 0 }

// Compare orders versions as semver.org has it.
func (v Version) Compare(w Version) int {
	for i := range v.num {
		if c := cmp.Compare(v.num[i], w.num[i]); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(boolInt(v.Pre()), boolInt(w.Pre())); c != 0 {
		return -c
	}
	for i := 0; i < len(v.pre) && i < len(w.pre); i++ {
		a, aErr := strconv.Atoi(v.pre[i])
		b, bErr := strconv.Atoi(w.pre[i])
		c := 0
		switch {
		case aErr == nil && bErr == nil:
			c = cmp.Compare(a, b)
		case aErr == nil:
			c = -1
		case bErr == nil:
			c = 1
		default:
			c = strings.Compare(v.pre[i], w.pre[i])
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(v.pre), len(w.pre))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

var condition = regexp.MustCompile(`^(>=|<=|==|!=|>|<|=)?\s*(.+)$`)

// Satisfies tests a version against a range: "*", "1.2.3", ">=1.0.0,<2.0.0".
func (v Version) Satisfies(want string) (bool, error) {
	for _, part := range strings.Split(want, ",") {
		part = strings.TrimSpace(part)
		if part == "" || part == "*" {
			continue
		}
		m := condition.FindStringSubmatch(part)
		w, err := ParseVersion(m[2])
		if err != nil {
			return false, fmt.Errorf("the version range %q cannot be read: %w", want, err)
		}
		c := v.Compare(w)
		ok := map[string]bool{"": c == 0, "=": c == 0, "==": c == 0, "!=": c != 0, ">": c > 0, ">=": c >= 0, "<": c < 0, "<=": c <= 0}[m[1]]
		if !ok {
			return false, nil
		}
	}
	return true, nil
}

// exact tells whether a range names one version, which may be a prerelease.
func exact(want string) bool {
	v := strings.TrimSpace(strings.TrimLeft(want, "="))
	_, err := ParseVersion(v)
	return err == nil && !strings.Contains(want, ",")
}
