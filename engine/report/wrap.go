package report

import (
	"strings"
	"unicode"
)

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
