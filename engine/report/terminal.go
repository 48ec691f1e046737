// Package report turns the event stream into output: Ansible's default
// layout, minimal and one-line layouts for ad hoc use, JSON, JUnit ... It
// reads engine/event and nothing else of the run.
package report

import (
	"io"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// Screen is a terminal, or what stands for one.
type Screen struct {
	Out, Err     io.Writer
	Columns      int // width that banners are padded to
	Color        bool
	Verbosity    int
	LogVerbosity int       // log_verbosity: more than Verbosity goes to Log only
	Log          io.Writer // log_path, uncoloured, may be nil
	LogFilter    []string  // log_filter: names of writers whose lines stay out of Log
	// Colors has the colour of each kind of text; what it lacks is as in Ansible.
	Colors map[string]string
	// VerboseToErr sends what -v adds to Err.
	VerboseToErr bool
	Cow          *Cow            // draws banners; nil: none
	seen         map[string]bool // warnings already shown
}

// NewScreen measures the terminal behind out. color is "auto", "always" or
// "never".
func NewScreen(out, err io.Writer, color string, verbosity int) *Screen {
	s := &Screen{Out: out, Err: err, Columns: 79, Verbosity: verbosity, seen: map[string]bool{}}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		if w, _, e := term.GetSize(int(f.Fd())); e == nil && w-1 > 79 {
			s.Columns = w - 1
		}
		s.Color = color != "never"
	}
	if color == "always" {
		s.Color = true
	}
	return s
}

// Print writes a line to standard output.
func (s *Screen) Print(text, color string) { s.write(s.Out, text, color, true) }

// PrintErr writes a line to standard error.
func (s *Screen) PrintErr(text, color string) { s.write(s.Err, text, color, true) }

func (s *Screen) write(w io.Writer, text, color string, newline bool) {
	text = legible(text)
	end := ""
	if newline && !strings.HasSuffix(text, "\n") {
		end = "\n"
	}
	if s.Log != nil {
		s.log(text, color)
	}
	if newline && strings.HasSuffix(text, "\n") && s.Color {
		io.WriteString(w, s.Paint(strings.TrimSuffix(text, "\n"), color)+"\n")
		return
	}
	io.WriteString(w, s.Paint(text, color)+end)
}

// stray is a byte that is no UTF-8, as JSON has it; other escapes are matched to be passed over.
var stray = regexp.MustCompile(`\\(?:udc[89a-f][0-9a-f]|.)`)

// legible puts a question mark where text, or JSON, has a byte that is no UTF-8.
func legible(text string) string {
	if strings.Contains(text, `\udc`) {
		text = stray.ReplaceAllStringFunc(text, func(m string) string {
			if len(m) > 2 {
				return "?"
			}
			return m
		})
	}
	if utf8.ValidString(text) {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n == 1 {
			b = append(b, '?')
		} else {
			b = append(b, text[i:i+n]...)
		}
		i += n
	}
	return string(b)
}

// Banner prints an empty line and the text, padded with stars.
func (s *Screen) Banner(text, color string) {
	if s.Cow != nil {
		if drawn, ok := s.Cow.Say(text); ok {
			s.Print(drawn, color)
			return
		}
	}
	text = strings.TrimSpace(text)
	n := max(s.Columns-Width(text), 3)
	s.Print("\n"+text+" "+strings.Repeat("*", n), color)
}

// Verbose prints at verbosity level and above.
func (s *Screen) Verbose(level int, host, text string) {
	if host != "" {
		text = "<" + host + "> " + text
	}
	if s.Verbosity < level {
		if s.Log != nil && s.LogVerbosity >= level {
			s.log(text, "verbose")
		}
		return
	}
	if s.VerboseToErr {
		s.PrintErr(text, "verbose")
		return
	}
	s.Print(text, "verbose")
}

// Warn prints a warning once.
func (s *Screen) Warn(msg string, verbatim bool) {
	text := "[WARNING]: " + msg
	if verbatim {
		text = "\n" + text
	} else {
		text = wrap(text, s.Columns)
	}
	if s.seen[text] {
		return
	}
	s.seen[text] = true
	s.PrintErr(text, "warn")
}

// Deprecated prints a deprecation once.
func (s *Screen) Deprecated(text string) {
	text = wrap(text, s.Columns)
	if s.seen[text] {
		return
	}
	s.seen[text] = true
	s.PrintErr(strings.TrimSpace(text), "deprecate")
}

// Fail prints an error.
func (s *Screen) Fail(msg string, wrapped bool) {
	if wrapped {
		s.PrintErr(wrap("[ERROR]: "+msg, s.Columns), "error")
		return
	}
	s.PrintErr("ERROR! "+msg, "error")
}
