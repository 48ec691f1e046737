package inventory

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/dlclark/regexp2"
)

// Match returns the hosts of a pattern (which may hold several terms), cut down
// by --limit, each once, in the order of the inventory. limit nil is no limit;
// "@file" in it names a file of terms. A term that matches nothing is warned of.
func (inv *Inventory) Match(pattern string, limit []string) ([]*Host, error) {
	hosts, err := inv.Hosts(pattern)
	if err != nil || limit == nil {
		return hosts, err
	}
	keep, err := inv.Limit(limit)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(hosts, func(h *Host) bool { return !keep[h] }), nil
}

// Limit returns the hosts a --limit allows. Entries "@file" are replaced by the
// lines of the file.
func (inv *Inventory) Limit(limit []string) (map[*Host]bool, error) {
	var terms []string
	for _, l := range limit {
		for _, t := range SplitPattern(l) {
			file, ok := strings.CutPrefix(t, "@")
			if !ok {
				terms = append(terms, t)
				continue
			}
			src, err := os.ReadFile(inv.abs(file))
			if err != nil {
				return nil, fmt.Errorf("Unable to find limit file %s", file)
			}
			for line := range strings.Lines(string(src)) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					terms = append(terms, SplitPattern(line)...)
				}
			}
		}
	}
	hosts, err := inv.evaluate(terms)
	if err != nil {
		return nil, err
	}
	keep := make(map[*Host]bool, len(hosts))
	for _, h := range hosts {
		keep[h] = true
	}
	return keep, nil
}

// Hosts returns the hosts of one or more patterns, each once, in pattern order.
func (inv *Inventory) Hosts(patterns ...string) ([]*Host, error) {
	var terms []string
	for _, p := range patterns {
		terms = append(terms, SplitPattern(p)...)
	}
	return inv.evaluate(terms)
}

// SplitPattern splits a pattern into terms at commas, or where there is none
// and it is not one address, at colons and blanks outside brackets.
func SplitPattern(p string) []string {
	var parts []string
	p = strings.TrimSpace(p)
	switch {
	case strings.Contains(p, ","):
		parts = strings.Split(p, ",")
	case isAddress(p):
		parts = []string{p}
	default:
		depth, start := 0, 0
		for i := 0; i < len(p); i++ {
			switch p[i] {
			case '[':
				depth++
			case ']':
				depth--
			case ':', ' ', '\t', '\n':
				if depth <= 0 {
					parts = append(parts, p[start:i])
					start = i + 1
				}
			}
		}
		parts = append(parts, p[start:])
	}
	var out []string
	for _, s := range parts {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func isAddress(p string) bool {
	_, _, ok := parseAddress(p, true) // a:22 is an address, whatever groups there are
	return ok
}

// evaluate applies plain terms, then intersections, then exclusions.
func (inv *Inventory) evaluate(terms []string) ([]*Host, error) {
	var plain, and, not []string
	for _, t := range terms {
		switch t[0] {
		case '&':
			and = append(and, t[1:])
		case '!':
			not = append(not, t[1:])
		default:
			plain = append(plain, t)
		}
	}
	if len(plain) == 0 {
		plain = []string{"all"}
	}
	var hosts []*Host
	seen := map[*Host]bool{}
	for _, t := range plain {
		found, err := inv.term(t)
		if err != nil {
			return nil, err
		}
		for _, h := range found {
			if !seen[h] {
				seen[h] = true
				hosts = append(hosts, h)
			}
		}
	}
	filter := func(terms []string, keep bool) error {
		for _, t := range terms {
			found, err := inv.term(t)
			if err != nil {
				return err
			}
			set := make(map[*Host]bool, len(found))
			for _, h := range found {
				set[h] = true
			}
			var kept []*Host
			for _, h := range hosts {
				if set[h] == keep {
					kept = append(kept, h)
				}
			}
			hosts = kept
		}
		return nil
	}
	if err := filter(and, true); err != nil {
		return nil, err
	}
	return hosts, filter(not, false)
}

var subscript = regexp.MustCompile(`^(.+)\[(?:(-?[0-9]+)|([0-9]+)([:-])([0-9]*))\]$`)

// term returns the hosts of one term without its operator.
func (inv *Inventory) term(t string) ([]*Host, error) {
	if t == "" {
		return nil, nil
	}
	inv.mu.RLock()
	h := inv.hosts[t]
	inv.mu.RUnlock()
	if h != nil {
		return []*Host{h}, nil
	}
	name := t
	var sub []string
	if t[0] != '~' {
		if m := subscript.FindStringSubmatch(t); m != nil {
			name, sub = m[1], m
		}
	}
	hosts, err := inv.enumerate(name)
	if err != nil || sub == nil {
		return hosts, err
	}
	if sub[4] == "-" {
		inv.warn("Use [x:y] inclusive subscripts instead of [x-y] which has been removed")
	}
	out := slice(hosts, sub)
	if sub[2] != "" && len(hosts) > 0 && len(out) == 0 {
		return nil, &SubscriptError{t}
	}
	return out, nil
}

// SubscriptError is the error of a term such as web[9] where web has hosts, but
// not that many.
type SubscriptError struct{ Term string }

func (e *SubscriptError) Error() string {
	return "No hosts matched the subscripted pattern '" + e.Term + "'"
}

// slice applies [n], [n:m] (inclusive), [n:] and [-n]; beyond the end is nothing.
func slice(hosts []*Host, m []string) []*Host {
	if len(hosts) == 0 {
		return nil
	}
	if m[2] != "" {
		i, _ := strconv.Atoi(m[2])
		if i < 0 {
			i += len(hosts)
		}
		if i < 0 || i >= len(hosts) {
			return nil
		}
		return hosts[i : i+1]
	}
	from, _ := strconv.Atoi(m[3])
	to := len(hosts) - 1
	if m[5] != "" {
		to, _ = strconv.Atoi(m[5])
	}
	from, to = min(from, len(hosts)), min(to+1, len(hosts))
	if from >= to {
		return nil
	}
	return hosts[from:to]
}

// enumerate returns the hosts of a group, host, wildcard or ~regular expression.
func (inv *Inventory) enumerate(name string) ([]*Host, error) {
	match, wild, err := matcher(name)
	if err != nil {
		return nil, err
	}
	var out []*Host
	seen := map[*Host]bool{}
	add := func(hosts ...*Host) {
		for _, h := range hosts {
			if !seen[h] {
				seen[h] = true
				out = append(out, h)
			}
		}
	}
	inv.mu.Lock()
	matched := false
	if !wild {
		if g := inv.groups[name]; g != nil {
			matched = true
			add(g.allHosts()...)
		}
	} else {
		for _, n := range inv.gnames {
			if match(n) {
				matched = true
				add(inv.groups[n].allHosts()...)
			}
		}
	}
	if !matched || wild {
		if !wild {
			if h := inv.hosts[name]; h != nil {
				add(h)
			}
		} else {
			for _, n := range inv.hnames {
				if match(n) {
					add(inv.hosts[n])
				}
			}
		}
	}
	inv.mu.Unlock()
	if len(out) == 0 && isLocalName(name) {
		return []*Host{inv.Localhost(name)}, nil
	}
	if len(out) == 0 && !matched && name != "all" {
		msg := "Could not match supplied host pattern, ignoring: " + name
		switch inv.opts.PatternMismatch {
		case "error":
			return nil, fmt.Errorf("%s", msg)
		case "ignore":
		default:
			inv.warn("%s", msg)
		}
	}
	return out, nil
}

var matchers sync.Map // name -> func(string) bool

// matcher compiles a term; wild is false for a plain name.
func matcher(name string) (match func(string) bool, wild bool, err error) {
	if name[0] != '~' && !strings.ContainsAny(name, "*?[") {
		return func(s string) bool { return s == name }, false, nil
	}
	if m, ok := matchers.Load(name); ok {
		return m.(func(string) bool), true, nil
	}
	expr := fnmatch(name)
	if name[0] == '~' {
		expr = name[1:]
	}
	if re, err := regexp.Compile("^(?:" + expr + ")"); err == nil {
		match = re.MatchString
	} else {
		re, err := regexp2.Compile(`\A(?:`+expr+`)`, regexp2.None)
		if err != nil {
			return nil, true, fmt.Errorf("Invalid host list pattern: %s: %w", name, err)
		}
		match = func(s string) bool { ok, err := re.MatchString(s); return ok && err == nil }
	}
	matchers.Store(name, match)
	return match, true, nil
}

// fnmatch translates a shell wildcard into a regular expression.
func fnmatch(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		switch c := p[i]; c {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteByte('.')
		case '[':
			end := strings.IndexByte(p[min(i+2, len(p)):], ']')
			if end < 0 {
				b.WriteString(`\[`)
				continue
			}
			set := p[i+1 : i+2+end]
			i += 2 + end
			set = strings.ReplaceAll(set, `\`, `\\`)
			if set[0] == '!' {
				set = "^" + set[1:]
			} else if set[0] == '^' {
				set = `\` + set
			}
			b.WriteString("[" + set + "]")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	return "(?s:" + b.String() + `)\z`
}
