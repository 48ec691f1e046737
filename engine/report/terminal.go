// Package report turns the event stream into output: Ansible's default
// layout, minimal and one-line layouts for ad hoc use, JSON, JUnit ... It
// reads engine/event and nothing else of the run.
package report

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"time"
	"unicode"

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
	Cowsay       bool
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

// Ansible's names of colours and their codes.
var colors = map[string]string{
	"black": "0;30", "bright gray": "0;37", "blue": "0;34", "white": "1;37",
	"green": "0;32", "cyan": "0;36", "bright green": "1;32", "red": "0;31",
	"bright cyan": "1;36", "purple": "0;35", "bright red": "1;31", "yellow": "0;33",
	"bright purple": "1;35", "dark gray": "1;30", "magenta": "0;35",
	"bright magenta": "1;35", "normal": "0", "bright blue": "1;34", "bright yellow": "1;33",
}

// Paint wraps every line of text in a colour's codes.
func (s *Screen) Paint(text, color string) string {
	code := colors[color]
	if !s.Color || code == "" {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = "\x1b[" + code + "m" + l + "\x1b[0m"
	}
	return strings.Join(lines, "\n")
}

// Print writes a line to standard output.
func (s *Screen) Print(text, color string) { s.write(s.Out, text, color, true) }

// PrintErr writes a line to standard error.
func (s *Screen) PrintErr(text, color string) { s.write(s.Err, text, color, true) }

func (s *Screen) write(w io.Writer, text, color string, newline bool) {
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

// log writes a line to the log file, with time, process and level.
func (s *Screen) log(text, color string) {
	text = strings.Trim(text, "\n")
	if strings.TrimSpace(text) == "" {
		return
	}
	level := "INFO"
	switch color {
	case "red", "bright red":
		level = "ERROR"
	case "bright purple", "purple":
		level = "WARNING"
	case "dark gray":
		level = "DEBUG"
	}
	who := os.Getenv("USER")
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	fmt.Fprintf(s.Log, "%s p=%d u=%s n=ansible %s| %s\n", time.Now().Format("2006-01-02 15:04:05,000"), os.Getpid(), who, level, text)
}

// Banner prints an empty line and the text, padded with stars.
func (s *Screen) Banner(text, color string) {
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
			s.log(text, "blue")
		}
		return
	}
	s.Print(text, "blue")
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
	s.PrintErr(text, "bright purple")
}

// Deprecated prints a deprecation once.
func (s *Screen) Deprecated(text string) {
	text = wrap(text, s.Columns)
	if s.seen[text] {
		return
	}
	s.seen[text] = true
	s.PrintErr(strings.TrimSpace(text), "purple")
}

// Fail prints an error.
func (s *Screen) Fail(msg string, wrapped bool) {
	if wrapped {
		s.PrintErr(wrap("[ERROR]: "+msg, s.Columns), "red")
		return
	}
	s.PrintErr("ERROR! "+msg, "red")
}

// wrap folds at width as Python's textwrap does with its defaults: white space
// becomes single breaks, long words are cut.
func wrap(text string, width int) string {
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' || r == '\v' || r == '\f' {
			return ' '
		}
		return r
	}, text)
	var lines []string
	var line strings.Builder
	n := 0
	flush := func() {
		lines = append(lines, strings.TrimRight(line.String(), " "))
		line.Reset()
		n = 0
	}
	for _, chunk := range chunks(text) {
		w := len([]rune(chunk))
		if n+w > width && strings.TrimSpace(chunk) == "" {
			if n > 0 {
				flush()
			}
			continue
		}
		if n+w > width && n > 0 && w <= width {
			flush()
		}
		for w > width { // a word longer than a line is cut
			r := []rune(chunk)
			room := width - n
			line.WriteString(string(r[:room]))
			chunk = string(r[room:])
			w -= room
			n = width
			flush()
		}
		if n == 0 && len(lines) > 0 && strings.TrimSpace(chunk) == "" {
			continue
		}
		line.WriteString(chunk)
		n += w
	}
	if n > 0 {
		flush()
	}
	return strings.Join(lines, "\n") + "\n"
}

// chunks splits into runs of blanks and words, words also after hyphens
// between letters.
func chunks(text string) []string {
	var out []string
	r := []rune(text)
	start := 0
	for i := range r {
		if i == start {
			continue
		}
		blank, was := r[i] == ' ', r[i-1] == ' '
		hyphen := r[i-1] == '-' && i-2 >= start && unicode.IsLetter(r[i-2]) && unicode.IsLetter(r[i])
		if blank != was || hyphen {
			out = append(out, string(r[start:i]))
			start = i
		}
	}
	if start < len(r) {
		out = append(out, string(r[start:]))
	}
	return out
}

// Width is the number of columns text takes on a terminal.
func Width(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case r < 0x20 || unicode.Is(unicode.Mn, r) || r == 0x200b || r == 0x200d:
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	return r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf && r != 0x303f ||
		r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f ||
		r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1f64f ||
		r >= 0x1f900 && r <= 0x1f9ff || r >= 0x20000 && r <= 0x3fffd)
}
