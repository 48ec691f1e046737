package inventory

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

var (
	bracketed = regexp.MustCompile(`^\[([^\[\]]+)\](?::([0-9]+))?$`)
	withPort  = regexp.MustCompile(`^((?:[^:\[\]]|\[[^\[\]]+\])+):([0-9]+)$`)
	// A host name: labels of word characters and dashes, where ranges may stand.
	rangeRe   = `\[(?:[0-9]*:[0-9]+|[a-zA-Z]:[a-zA-Z])(?::[0-9]+)?\]`
	labelRe   = `(?:[\p{L}\p{N}_]|` + rangeRe + `)(?:[\p{L}\p{N}_-]|` + rangeRe + `)*`
	nameRe    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^` + labelRe + `(?:\.` + labelRe + `)*\.?$`) })
	ipv4Range = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:(?:[0-9]{1,3}|\[[0-9]*:[0-9]+(?::[0-9]+)?\])\.){3}(?:[0-9]{1,3}|\[[0-9]*:[0-9]+(?::[0-9]+)?\])$`)
	})
	ipv6Range = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:[0-9a-fA-F]{0,4}|\[[0-9a-fA-F]*:[0-9a-fA-F]+(?::[0-9]+)?\])(?::(?:[0-9a-fA-F]{0,4}|\[[0-9a-fA-F]*:[0-9a-fA-F]+(?::[0-9]+)?\])){2,7}$`)
	})
)

// parseAddress splits host and port. ok is false where s is no address, and
// then host is all of s.
func parseAddress(s string, ranges bool) (host string, port int, ok bool) {
	host = s
	p := ""
	if m := bracketed.FindStringSubmatch(s); m != nil && (m[2] != "" || isIPv6(m[1])) {
		host, p = m[1], m[2]
	} else if m := withPort.FindStringSubmatch(s); m != nil {
		host, p = m[1], m[2]
	}
	if !ranges && strings.Contains(host, "[") {
		return s, 0, false
	}
	if !plainName(host) && !nameRe().MatchString(host) && !isIPv6(host) && !ipv4Range().MatchString(host) && !(ranges && ipv6Range().MatchString(host)) {
		return s, 0, false
	}
	port, _ = strconv.Atoi(p)
	return host, port, true
}

func isIPv6(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6()
}

// noYAML refuses what shows that an INI file holds YAML.
func noYAML(entry string) error {
	switch {
	case entry == "---":
		return fmt.Errorf("Invalid host pattern '---' supplied, '---' is normally a sign this is a YAML file.")
	case strings.HasSuffix(entry, ":"):
		return fmt.Errorf("Invalid host pattern '%s' supplied, ending in ':' is not allowed, this character is reserved to provide a port.", entry)
	}
	return nil
}

// expandHosts turns a host entry of a source into names and a port: ranges are
// multiplied out.
func expandHosts(entry string) (names []string, port int, err error) {
	host, port, _ := parseAddress(entry, true)
	names, err = expandRanges(host)
	return names, port, err
}

// maxRange bounds what one entry may expand to.
const maxRange = 1_000_000

func expandRanges(s string) ([]string, error) {
	open := strings.IndexByte(s, '[')
	if open < 0 {
		return []string{s}, nil
	}
	end := strings.IndexByte(s[open:], ']')
	if end < 0 {
		return nil, fmt.Errorf("host range in '%s' lacks its closing bracket", s)
	}
	head, body, tail := s[:open], s[open+1:open+end], s[open+end+1:]
	items, err := rangeItems(body)
	if err != nil {
		return nil, fmt.Errorf("%w in '%s'", err, s)
	}
	rest, err := expandRanges(tail)
	if err != nil {
		return nil, err
	}
	if len(items)*len(rest) > maxRange {
		return nil, fmt.Errorf("'%s' expands to more than %d hosts", s, maxRange)
	}
	out := make([]string, 0, len(items)*len(rest))
	for _, i := range items {
		for _, r := range rest {
			out = append(out, head+i+r)
		}
	}
	return out, nil
}

// errNumber says that a bound of a range is neither a number nor a letter.
var errNumber = errors.New("invalid literal for int() with base 10")

func rangeItems(body string) ([]string, error) {
	b := strings.Split(body, ":")
	if len(b) != 2 && len(b) != 3 {
		return nil, fmt.Errorf("host range must be begin:end or begin:end:step")
	}
	beg, end, step := b[0], b[1], 1
	if beg == "" {
		beg = "0"
	}
	if end == "" {
		return nil, fmt.Errorf("host range must specify end value")
	}
	if len(b) == 3 && b[2] != "" {
		n, err := strconv.Atoi(b[2])
		if err != nil || n < 1 {
			return nil, fmt.Errorf("host range must have a positive step, not '%s'", b[2])
		}
		step = n
	}
	if i, j := letter(beg), letter(end); i >= 0 && j >= 0 {
		if i > j {
			return nil, fmt.Errorf("host range must have begin <= end")
		}
		var out []string
		for ; i <= j; i += step {
			out = append(out, letters[i:i+1])
		}
		return out, nil
	}
	first, err1 := strconv.Atoi(beg)
	last, err2 := strconv.Atoi(end)
	if err1 != nil || err2 != nil || first < 0 {
		bad := end
		if err1 != nil {
			bad = beg
		}
		return nil, fmt.Errorf("%w: '%s'", errNumber, bad)
	}
	width := 0
	if len(beg) > 1 && beg[0] == '0' {
		if width = len(beg); width != len(end) {
			return nil, fmt.Errorf("host range must specify equal-length begin and end formats")
		}
	}
	if last-first > maxRange*step {
		return nil, fmt.Errorf("host range is larger than %d", maxRange)
	}
	var out []string
	for ; first <= last; first += step {
		out = append(out, fmt.Sprintf("%0*d", width, first))
	}
	return out, nil
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func letter(s string) int {
	if len(s) != 1 {
		return -1
	}
	return strings.Index(letters, s)
}

// plainName tells of most names that they are good, without the patterns, whose
// compiling alone takes longer than the rest of a short run's start.
func plainName(s string) bool {
	first := true // of a label
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_':
			first = false
		case c == '-' && !first:
		case c == '.' && !first:
			first = true
		default:
			return false
		}
	}
	return !first
}
