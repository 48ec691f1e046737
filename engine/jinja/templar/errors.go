package templar

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/lex"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Error is why something did not render. Error gives the message alone; Detail
// adds place, excerpt and hint.
type Error struct {
	Pos         value.Pos // in the file the user wrote, as exact as known
	Msg         string    // in Ansible's words: 'foo' is undefined
	Hint        string    // did you mean 'fo'?
	Excerpt     string    // the line of the template
	Col         int       // the place in Excerpt, from 1; 0 if unknown
	Template    string    // the whole template string
	IsUndefined bool
	IsSyntax    bool
	Name        string // of what is undefined
	Err         error
}

// Error gives the message.
func (e *Error) Error() string { return e.Msg }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Detail is the message with all that helps to find the place.
func (e *Error) Detail() string {
	var b strings.Builder
	if p := e.Pos.String(); p != "" {
		b.WriteString(p + ": ")
	}
	b.WriteString(e.Msg)
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	if e.Excerpt != "" {
		b.WriteString("\n    " + e.Excerpt)
		if e.Col > 0 {
			b.WriteString("\n    " + strings.Repeat(" ", e.Col-1) + "^")
		}
	}
	return b.String()
}

// Place says where in the user's files the error is, with an excerpt and a hint,
// for messages that already have the text of Error; empty if nothing is known.
func (e *Error) Place() string {
	var b strings.Builder
	if p := e.Pos.String(); p != "" && e.Pos.Line > 0 && !strings.Contains(p, "__adhoc_playbook__:") {
		b.WriteString("In " + p + ":\n")
	}
	if e.Excerpt != "" && b.Len() > 0 {
		b.WriteString("    " + e.Excerpt + "\n")
		if e.Col > 0 {
			b.WriteString("    " + strings.Repeat(" ", e.Col-1) + "^\n")
		}
	}
	if e.Hint != "" {
		b.WriteString(strings.ToUpper(e.Hint[:1]) + e.Hint[1:] + "\n")
	}
	return b.String()
}

// fail makes an *Error of whatever went wrong in the template src, which was
// How the reference words errors of syntax and of types.
const (
	syntaxHead    = "template error while templating string: "
	syntaxEnd     = ". String: "
	typeErrorHead = "Unexpected templating type error occurred on (%s): "
)

// written at pos.
func (t *Templar) fail(err error, src string, pos value.Pos) error {
	var done *Error
	if errors.As(err, &done) {
		return done
	}
	out := &Error{Pos: pos, Msg: err.Error(), Template: src, Err: err}
	var place *expr.Error
	if errors.As(err, &place) {
		if place.Src == nil {
			out.Pos = place.Pos
		} else {
			at := place.Src.At(place.Off)
			out.Excerpt = place.Src.Line(at.Line)
			out.Col = at.Col
			if place.Src.File != "" {
				out.Pos = value.Pos{File: place.Src.File, Line: at.Line + place.Src.Skip, Col: at.Col}
			} else {
				out.Pos = locate(pos, at, out.Excerpt)
			}
			if len(out.Excerpt) > 200 {
				out.Excerpt, out.Col = excerpt(out.Excerpt, out.Col)
			}
		}
	}
	var u *value.Undefined
	if errors.As(err, &u) {
		out.IsUndefined, out.Name = true, u.Name
		out.Hint = t.suggest(u)
	}
	var p *expr.NoPlugin
	if errors.As(err, &p) {
		table := builtin.Filters
		if p.Kind == "test" {
			table = builtin.Tests
		}
		names := make([]string, 0, len(table))
		for n := range table {
			names = append(names, n)
		}
		if n := nearest(p.Name, names); n != "" {
			out.Hint = "did you mean '" + n + "'?"
		}
	}
	inFile := place != nil && place.Src != nil && place.Src.File != ""
	if np := (*expr.NoPlugin)(nil); errors.As(err, &np) && src != "" && !inFile {
		out.Msg = syntaxHead + np.Error() + syntaxEnd + short(src)
	}
	if te := (*py.Error)(nil); errors.As(err, &te) && te.Kind == "TypeError" && src != "" && !inFile {
		out.Msg = fmt.Sprintf(typeErrorHead, short(src)) + te.Error()
	}
	var s *lex.Error
	if errors.As(err, &s) {
		out.IsSyntax = true
		out.Msg = syntaxHead + s.Msg + syntaxEnd + short(src)
		if inFile {
			out.Msg = syntaxHead + s.Msg
		}
	}
	return out
}

// excerpt cuts a long line around column col.
func excerpt(line string, col int) (string, int) {
	r := []rune(line)
	from := max(0, min(col-80, len(r)-160))
	to := min(len(r), from+160)
	return string(r[from:to]), col - from
}

// locate turns a place in a template string into one of the file that holds
// the string at pos. The file is read to be exact about quotes and block
// scalars; where that fails, the place of the string itself is given.
func locate(pos, at value.Pos, line string) value.Pos {
	if pos.File == "" || pos.Line == 0 {
		if pos.Line > 0 {
			return value.Pos{Line: pos.Line + at.Line - 1, Col: pos.Col + at.Col - 1}
		}
		return pos
	}
	data, err := os.ReadFile(pos.File)
	if err != nil || len(data) > 8<<20 {
		return pos
	}
	lines := strings.Split(string(data), "\n")
	for _, n := range []int{pos.Line - 1 + at.Line - 1, pos.Line + at.Line - 1, pos.Line + at.Line} {
		if n < 0 || n >= len(lines) {
			continue
		}
		from := 0
		if n == pos.Line-1 && pos.Col > 0 && pos.Col-1 <= len(lines[n]) {
			from = pos.Col - 1
		}
		if i := strings.Index(lines[n][from:], strings.TrimSpace(line)); i >= 0 && strings.TrimSpace(line) != "" {
			lead := len(line) - len(strings.TrimLeft(line, " \t"))
			return value.Pos{File: pos.File, Line: n + 1, Col: max(1, from+i+at.Col-lead)}
		}
	}
	return pos
}

// suggest finds a name close to one that is missing.
func (t *Templar) suggest(u *value.Undefined) string {
	var names []string
	switch x := u.Obj.(type) {
	case nil:
		if u.Hint != "" || t.vars == nil {
			return ""
		}
		names = t.vars.Names()
	case *value.Dict:
		for _, k := range x.Keys() {
			if s, ok := value.Text(k); ok {
				names = append(names, s)
			}
		}
	case value.Mapping:
		for _, k := range x.Keys() {
			if s, ok := value.Text(k); ok {
				names = append(names, s)
			}
		}
	}
	if n := nearest(u.Name, names); n != "" {
		return fmt.Sprintf("did you mean '%s'?", n)
	}
	return ""
}

// nearest returns the name with the fewest changes to want, if that is few.
func nearest(want string, names []string) string {
	limit := len(want)/4 + 1
	if len(want) < 3 || len(want) > 100 {
		return ""
	}
	best, found := limit+1, ""
	for _, n := range names {
		if n == want || len(n) > len(want)+limit || len(want) > len(n)+limit {
			continue
		}
		if d := distance(want, n, best); d < best || d == best && n < found {
			best, found = d, n
		}
	}
	if best > limit {
		return ""
	}
	return found
}

// distance is the number of letters inserted, deleted, replaced or swapped.
func distance(a, b string, _ int) int {
	prev2 := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
