package expr

import (
	"errors"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// Source is the text that offsets point into.
type Source struct {
	Text string
	File string // the file that Text is the whole content of, if any
	Skip int    // lines of the file before Text
	once sync.Once
	line []int
}

// At turns an offset into line and column of the text.
func (s *Source) At(off int) value.Pos {
	if s == nil {
		return value.Pos{}
	}
	s.once.Do(func() {
		s.line = []int{0}
		for i := 0; i < len(s.Text); i++ {
			if s.Text[i] == '\n' {
				s.line = append(s.line, i+1)
			}
		}
	})
	if off > len(s.Text) {
		off = len(s.Text)
	}
	lo, hi := 0, len(s.line)
	for hi-lo > 1 {
		if m := (lo + hi) / 2; s.line[m] <= off {
			lo = m
		} else {
			hi = m
		}
	}
	col := utf8.RuneCountInString(s.Text[s.line[lo]:off]) + 1
	return value.Pos{Line: lo + 1, Col: col}
}

// Line returns line n (from 1) of the source.
func (s *Source) Line(n int) string {
	s.At(0)
	if n < 1 || n > len(s.line) {
		return ""
	}
	l := s.Text[s.line[n-1]:]
	if i := strings.IndexByte(l, '\n'); i >= 0 {
		l = l[:i]
	}
	return l
}

// Error is an error with the place in the template where it happened.
type Error struct {
	Pos value.Pos // where known already; Src is nil then
	Src *Source
	Off int
	Err error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Fail adds a place to err, unless it has one.
func (st *State) Fail(off int, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	var u *value.Undefined
	if errors.As(err, &u) {
		if u.Pos.Line > 0 || u.Pos.File != "" {
			return &Error{Pos: u.Pos, Err: err}
		}
		if u.Pos.Col > 0 {
			off = u.Pos.Col - 1
		}
	}
	return &Error{Src: st.Src, Off: off, Err: err}
}

// here marks an undefined value with its offset in the running template; a
// position proper takes its place when the value leaves the template.
func here(off at) value.Pos { return value.Pos{Col: int(off) + 1} }
