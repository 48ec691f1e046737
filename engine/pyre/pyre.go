// Package pyre is Python's `re` for Go: its syntax, its escapes, its idea of
// empty matches and its replacement templates.
//
// A pattern is parsed once and translated, for the standard library's regexp
// where that finds the same match, else for regexp2, which knows lookaround,
// backreferences and conditions. It imports nothing else of the engine, so
// that the helper on the target can share it.
package pyre

import (
	"fmt"
	"regexp"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// Flags are Python's re flags.
type Flags uint8

// The flags that Ansible's filters and modules make use of.
const (
	IgnoreCase Flags = 1 << iota
	Multiline
	DotAll
	Verbose
	ASCII // \w, \d, \s and \b know ASCII only, as in patterns over bytes
)

// Timeout bounds one search by the backtracking engine.
const Timeout = 10 * time.Second

// Error is a mistake in a pattern or a replacement, in Python's words.
type Error struct {
	Msg     string
	Pattern string
	Pos     int  // in characters from 0, or -1
	IsIndex bool // Python raises IndexError, not re.error
}

func (e *Error) Error() string {
	if e.Pos < 0 {
		return e.Msg
	}
	line, col := 1, 1
	for i, r := range []rune(e.Pattern) {
		if i >= e.Pos {
			break
		}
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
	}
	if line == 1 && !hasNewline(e.Pattern) {
		return fmt.Sprintf("%s at position %d", e.Msg, e.Pos)
	}
	return fmt.Sprintf("%s at position %d (line %d, column %d)", e.Msg, e.Pos, line, col)
}

func hasNewline(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' {
			return true
		}
	}
	return false
}

// kind is where a match may begin and end.
type kind int

const (
	anywhere kind = iota
	atStart
	whole
	advancing // anywhere, but not empty at the place where the search starts
	kinds
)

// Regexp is a compiled pattern, safe for concurrent use.
type Regexp struct {
	pattern string
	names   []string // by group number; "" where unnamed
	byName  map[string]int
	flags   Flags
	minLen  int

	mu     sync.Mutex
	std    [2][kinds]*regexp.Regexp // [0] for ASCII subjects, [1] for others
	noStd  [2]bool                  // the standard library cannot do this pattern
	dollar bool                     // has a $ that also matches before a last newline
	back   [kinds]*regexp2.Regexp
}

type cacheKey struct {
	pattern string
	flags   Flags
}

var cache = struct {
	sync.RWMutex
	m map[cacheKey]*Regexp
}{m: map[cacheKey]*Regexp{}}

const cacheSize = 2000

// Compile parses a Python pattern; results are cached.
func Compile(pattern string, f Flags) (*Regexp, error) {
	k := cacheKey{pattern, f}
	cache.RLock()
	r, ok := cache.m[k]
	cache.RUnlock()
	if ok {
		return r, nil
	}
	p, err := translate(pattern, f, true)
	if err != nil {
		return nil, err
	}
	r = &Regexp{pattern: pattern, flags: f, names: p.names, byName: p.byName, minLen: p.root.min, dollar: p.dollar}
	r.noStd[0] = !p.root.stdOK
	r.noStd[1] = !p.root.stdOK || p.boundary
	cache.Lock()
	if len(cache.m) >= cacheSize {
		cache.m = map[cacheKey]*Regexp{}
	}
	cache.m[k] = r
	cache.Unlock()
	return r, nil
}

// Pattern returns the pattern as written.
func (r *Regexp) Pattern() string { return r.pattern }

// NumGroups returns the number of groups, the whole match not counted.
func (r *Regexp) NumGroups() int { return len(r.names) - 1 }

// GroupNames returns the name of each group by number, "" where it has none.
func (r *Regexp) GroupNames() []string { return r.names }

// GroupIndex returns the number of a named group.
func (r *Regexp) GroupIndex(name string) (int, bool) {
	i, ok := r.byName[name]
	return i, ok
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// stdFor returns the standard library's program for subject s, or nil where
// only backtracking gives Python's answer.
func (r *Regexp) stdFor(s string, k kind) *regexp.Regexp {
	if k == advancing || (r.dollar && len(s) > 0 && s[len(s)-1] == '\n') {
		return nil
	}
	v := 0
	if !isASCII(s) {
		v = 1
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.noStd[v] {
		return nil
	}
	if re := r.std[v][k]; re != nil {
		return re
	}
	p, err := translate(r.pattern, r.flags, v == 0)
	if err != nil || !p.root.stdOK {
		r.noStd[v] = true
		return nil
	}
	src := wrap(p.root.std, k)
	re, err := regexp.Compile(src)
	if err != nil || re.NumSubexp() != r.NumGroups() {
		r.noStd[v] = true // repeat counts above its limit, for example
		return nil
	}
	r.std[v][k] = re
	return re
}

func wrap(src string, k kind) string {
	switch k {
	case atStart:
		return `\A(?:` + src + `)`
	case whole:
		return `\A(?:` + src + `)\z`
	case advancing:
		return `(?:` + src + `)(?!\G)`
	}
	return src
}

func (r *Regexp) backFor(k kind) (*regexp2.Regexp, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if re := r.back[k]; re != nil {
		return re, nil
	}
	p, err := translate(r.pattern, r.flags, false)
	if err != nil {
		return nil, err
	}
	re, err := regexp2.Compile(wrap(p.root.back, k), regexp2.None)
	if err != nil {
		return nil, &Error{Msg: "unsupported regular expression: " + err.Error(), Pattern: r.pattern, Pos: -1}
	}
	re.MatchTimeout = Timeout
	r.back[k] = re
	return re, nil
}
