package module

import (
	"regexp"
	"strings"
	"sync"
)

var fnmatchCache sync.Map

// fnmatchRegexp translates a shell pattern as Python's fnmatch does: * and ? match
// everything, slashes and leading dots included. nil for a pattern that cannot
// match.
func fnmatchRegexp(pattern string) *regexp.Regexp {
	if r, ok := fnmatchCache.Load(pattern); ok {
		return r.(*regexp.Regexp)
	}
	var b strings.Builder
	b.WriteString(`(?s)^`)
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(`.*`)
		case '?':
			b.WriteString(`.`)
		case '[':
			j := i + 1
			if j < len(pattern) && pattern[j] == '!' {
				j++
			}
			if j < len(pattern) && pattern[j] == ']' {
				j++
			}
			for j < len(pattern) && pattern[j] != ']' {
				j++
			}
			if j >= len(pattern) {
				b.WriteString(`\[`)
				continue
			}
			set := strings.ReplaceAll(pattern[i+1:j], `\`, `\\`)
			if strings.HasPrefix(set, "!") {
				set = "^" + set[1:]
			} else if strings.HasPrefix(set, "^") {
				set = `\` + set
			}
			b.WriteString("[" + strings.ReplaceAll(set, "[", `\[`) + "]")
			i = j
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	b.WriteString(`$`)
	r, err := regexp.Compile(b.String())
	if err != nil {
		r = nil
	}
	fnmatchCache.Store(pattern, r)
	return r
}

// globMatch is Python's fnmatch on one name.
func globMatch(pattern, name string) bool {
	re := fnmatchRegexp(pattern)
	return re != nil && re.MatchString(name)
}
