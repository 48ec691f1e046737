package playbook

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// Exit codes of the errors here, as ansible-playbook ends with them.
const (
	ExitError = 1 // a file, role or option that is not there
	ExitParse = 4 // what was written cannot be right
)

// Error is a mistake in what the user wrote. Error() is the whole message as
// ansible-playbook prints it after "ERROR! ", with the place, an excerpt and
// our hint.
type Error struct {
	Msg   string    // what is wrong
	Pos   value.Pos // where; zero: unknown
	Hint  string    // "did you mean 'x'?", or ""
	After string    // a remark printed below the excerpt, then the place again
	Tried []string  // files and folders looked at, in order
	Exit  int       // ExitError or ExitParse
	// Hidden keeps the excerpt out: the file was encrypted.
	Hidden bool
}

// Error gives the message in the reference's layout.
func (e *Error) Error() string {
	s := e.Msg
	where := strings.TrimRight(yaml.Where(e.Pos, e.Hidden), "\n")
	if where != "" {
		s += "\n\n" + where
		if e.After != "" {
			s += "\n\n" + e.After + "\n\n" + where
		}
	}
	if len(e.Tried) > 0 {
		s += "\n\nSearched in:\n\t" + strings.Join(e.Tried, "\n\t")
	}
	if e.Hint != "" {
		s += "\n\nHint: " + e.Hint
	}
	return s
}

// Short is one line: the place and what is wrong.
func (e *Error) Short() string {
	msg, _, _ := strings.Cut(e.Msg, "\n")
	if e.Pos.IsZero() {
		return msg
	}
	return e.Pos.String() + ": " + msg
}

func parseError(pos value.Pos, format string, a ...any) *Error {
	return &Error{Msg: fmt.Sprintf(format, a...), Pos: pos, Exit: ExitParse}
}

func plainError(pos value.Pos, format string, a ...any) *Error {
	return &Error{Msg: fmt.Sprintf(format, a...), Pos: pos, Exit: ExitError}
}

func didYouMean(word string, candidates []string) string {
	if n := nearest(word, candidates); n != "" {
		return fmt.Sprintf("did you mean '%s'?", n)
	}
	return ""
}

// twice gives the text of an undefined variable as the reference does where it
// renders while loading: the message, then its cause.
func twice(err error) string {
	s := err.Error()
	if strings.HasSuffix(s, " is undefined") && !strings.Contains(s, ". ") {
		return s + ". " + s
	}
	return s
}
