package pyre

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Match is one match in a subject.
type Match struct {
	re  *Regexp
	s   string
	loc []int // byte offsets, two for each group; -1 where a group took no part
}

// Start and End are the byte offsets of group i, -1 where it took no part.
func (m *Match) Start(i int) int { return m.loc[2*i] }

// End is the byte offset after group i.
func (m *Match) End(i int) int { return m.loc[2*i+1] }

// Group returns the text of group i, 0 for all; ok is false where it took no part.
func (m *Match) Group(i int) (text string, ok bool) {
	if i < 0 || 2*i >= len(m.loc) || m.loc[2*i] < 0 {
		return "", false
	}
	return m.s[m.loc[2*i]:m.loc[2*i+1]], true
}

// Text returns the whole match.
func (m *Match) Text() string { return m.s[m.loc[0]:m.loc[1]] }

// Named returns the text of a named group.
func (m *Match) Named(name string) (text string, ok bool) {
	i, known := m.re.byName[name]
	if !known {
		return "", false
	}
	return m.Group(i)
}

// subject is text cut into characters once, for the backtracking engine.
type subject struct {
	s     string
	runes []rune
	off   []int // byte offset of each rune and of the end; nil for ASCII
}

func newSubject(s string) *subject {
	b := &subject{s: s}
	if isASCII(s) {
		b.runes = []rune(s)
		return b
	}
	b.runes = make([]rune, 0, len(s))
	b.off = make([]int, 0, len(s)+1)
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		if c == utf8.RuneError && n == 1 {
			c = 0xdc00 + rune(s[i]) // stray bytes are lone surrogates, as in Python
		}
		b.runes = append(b.runes, c)
		b.off = append(b.off, i)
		i += n
	}
	b.off = append(b.off, len(s))
	return b
}

func (b *subject) byteAt(i int) int {
	if b.off == nil {
		return i
	}
	return b.off[i]
}

// find searches from rune number from on.
func (r *Regexp) find(b *subject, from int, k kind) (*Match, int, error) {
	re, err := r.backFor(k)
	if err != nil {
		return nil, 0, err
	}
	m, err := re.FindRunesMatchStartingAt(b.runes, from)
	if err != nil {
		return nil, 0, fmt.Errorf("the regular expression %q took longer than %s on %d characters of text", r.pattern, Timeout, len(b.runes))
	}
	if m == nil {
		return nil, 0, nil
	}
	out := &Match{re: r, s: b.s, loc: make([]int, 2*len(r.names))}
	for i := range r.names {
		out.loc[2*i], out.loc[2*i+1] = -1, -1
		if g := m.GroupByNumber(i); g != nil && len(g.Captures) > 0 {
			out.loc[2*i] = b.byteAt(g.Index)
			out.loc[2*i+1] = b.byteAt(g.Index + g.Length)
		}
	}
	return out, m.Index + m.Length, nil
}

func (r *Regexp) first(s string, k kind) (*Match, error) {
	if re := r.stdFor(s, k); re != nil {
		loc := re.FindStringSubmatchIndex(s)
		if loc == nil {
			return nil, nil
		}
		return &Match{re: r, s: s, loc: loc}, nil
	}
	m, _, err := r.find(newSubject(s), 0, k)
	return m, err
}

// Search is re.search: the first match anywhere, or nil.
func (r *Regexp) Search(s string) (*Match, error) { return r.first(s, anywhere) }

// Match is re.match: a match at the start, or nil.
func (r *Regexp) Match(s string) (*Match, error) { return r.first(s, atStart) }

// FullMatch is re.fullmatch: a match of all of s, or nil.
func (r *Regexp) FullMatch(s string) (*Match, error) { return r.first(s, whole) }

// FindAll returns the matches in order, at most n of them where n > 0.
func (r *Regexp) FindAll(s string, n int) ([]*Match, error) {
	if n <= 0 {
		n = -1
	}
	// The standard library drops an empty match right behind another, Python does not.
	if re := r.stdFor(s, anywhere); re != nil && r.minLen > 0 {
		var out []*Match
		for _, loc := range re.FindAllStringSubmatchIndex(s, n) {
			out = append(out, &Match{re: r, s: s, loc: loc})
		}
		return out, nil
	}
	b := newSubject(s)
	var out []*Match
	k := anywhere
	for from := 0; from <= len(b.runes) && len(out) != n; {
		m, end, err := r.find(b, from, k)
		if err != nil {
			return nil, err
		}
		if m == nil {
			break
		}
		out = append(out, m)
		from, k = end, anywhere
		if m.loc[0] == m.loc[1] {
			k = advancing
		}
	}
	return out, nil
}

// SubFunc replaces each match (at most n where n > 0) with what f returns, and
// returns the number replaced.
func (r *Regexp) SubFunc(s string, n int, f func(*Match) (string, error)) (string, int, error) {
	all, err := r.FindAll(s, n)
	if err != nil || len(all) == 0 {
		return s, 0, err
	}
	var out strings.Builder
	at := 0
	for _, m := range all {
		out.WriteString(s[at:m.loc[0]])
		t, err := f(m)
		if err != nil {
			return "", 0, err
		}
		out.WriteString(t)
		at = m.loc[1]
	}
	out.WriteString(s[at:])
	return out.String(), len(all), nil
}

// Sub is re.subn with a replacement template (\1, \g<name>, \n ...); n <= 0
// replaces all.
func (r *Regexp) Sub(template, s string, n int) (string, int, error) {
	t, err := r.Template(template)
	if err != nil {
		return "", 0, err
	}
	return r.SubFunc(s, n, func(m *Match) (string, error) { return t.Expand(m), nil })
}

// Split is re.split: the text between matches, and the groups where the
// pattern has any; a group that took no part gives ok false.
func (r *Regexp) Split(s string, n int) ([]Piece, error) {
	all, err := r.FindAll(s, n)
	if err != nil {
		return nil, err
	}
	out := make([]Piece, 0, len(all)+1)
	at := 0
	for _, m := range all {
		out = append(out, Piece{s[at:m.loc[0]], true})
		for i := 1; i < len(r.names); i++ {
			t, ok := m.Group(i)
			out = append(out, Piece{t, ok})
		}
		at = m.loc[1]
	}
	return append(out, Piece{s[at:], true}), nil
}

// Piece is one item of Split.
type Piece struct {
	Text string
	OK   bool
}

// Escape is re.escape.
func Escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
