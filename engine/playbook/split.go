package playbook

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// rawKeys are the parameters that a free-form module takes as key=value; every
// other word of its line belongs to the command.
var rawKeys = map[string]bool{
	"creates": true, "removes": true, "chdir": true, "executable": true, "warn": true,
	"stdin": true, "stdin_add_newline": true, "strip_empty_ends": true,
}

// wordState is what is still open at the end of a word: a quote or template
// delimiters. While anything is open, white space does not end an argument.
type wordState struct {
	quote                 byte
	print, block, comment int
}

func (s *wordState) open() bool {
	return s.quote != 0 || s.depth() > 0
}

func (s *wordState) depth() int { return s.print + s.block + s.comment }

// feed follows the quotes through one word.
func (s *wordState) feed(word string) {
	for i := 0; i < len(word); i++ {
		c := word[i]
		if (c != '"' && c != '\'') || (i > 0 && word[i-1] == '\\') {
			continue
		}
		if s.quote == 0 {
			s.quote = c
		} else if s.quote == c {
			s.quote = 0
		}
	}
}

func balance(depth *int, word, open, end string) {
	*depth = max(*depth+strings.Count(word, open)-strings.Count(word, end), 0)
}

// SplitArgs splits a line of arguments at white space that is neither quoted
// nor within {{ }}, {% %} or {# #}. Newlines and runs of blanks are kept where they
// matter for free-form commands, attached to the argument before them. The error
// is Ansible's for unbalanced quotes or delimiters.
func SplitArgs(args string) ([]string, error) {
	if args == "" {
		return nil, nil
	}
	var params []string
	var st wordState
	lines := strings.Split(args, "\n")
	for li, line := range lines {
		continued := false
		for wi, word := range strings.Split(line, " ") {
			if word == `\` && st.quote == 0 {
				continued = true
				continue
			}
			was := st
			st.feed(word)
			switch {
			case was.open() && len(params) > 0:
				params[len(params)-1] += spaced(wi, word)
			case word != "":
				params = append(params, word)
			case wi > 0 && len(params) > 0:
				params[len(params)-1] += " "
			}
			balance(&st.print, word, "{{", "}}")
			balance(&st.block, word, "{%", "%}")
			balance(&st.comment, word, "{#", "#}")
		}
		if li < len(lines)-1 && !continued {
			if len(params) == 0 {
				params = append(params, "")
			}
			params[len(params)-1] += "\n"
		}
	}
	if st.open() {
		return nil, fmt.Errorf("failed at splitting arguments, either an unbalanced jinja2 block or quotes: %s", args)
	}
	return params, nil
}

func spaced(wi int, word string) string {
	if wi == 0 {
		return word
	}
	return " " + word
}

// ParseKV reads key=value arguments into dict. Words that are no pairs, and with
// raw set all pairs but the few a free-form module knows, are joined under
// _raw_params.
func ParseKV(args string, raw bool) (*value.Dict, error) {
	d := value.NewDict()
	words, err := SplitArgs(args)
	if err != nil {
		return nil, err
	}
	var rest []string
	for _, w := range words {
		plain := decodeEscapes(w)
		eq := pairSign(plain)
		if eq < 0 {
			if strings.Contains(plain, "=") {
				w = plain
			}
			rest = append(rest, strings.ReplaceAll(w, `\=`, "="))
			continue
		}
		k, v := plain[:eq], plain[eq+1:]
		if raw && !rawKeys[k] {
			rest = append(rest, w)
			continue
		}
		d.Set(strings.TrimSpace(k), unquote(strings.TrimSpace(v)))
	}
	if len(rest) > 0 {
		d.Set("_raw_params", joinArgs(rest))
	}
	return d, nil
}

func pairSign(s string) int {
	for i := 1; i < len(s); i++ {
		if s[i] == '=' && s[i-1] != '\\' {
			return i
		}
	}
	return -1
}

// joinArgs is the inverse of SplitArgs: blanks between words, none after a
// newline.
func joinArgs(words []string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 && !strings.HasSuffix(words[i-1], "\n") {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}

func unquote(s string) string {
	if n := len(s); n > 1 && s[0] == s[n-1] && (s[0] == '"' || s[0] == '\'') && s[n-2] != '\\' {
		return s[1 : n-1]
	}
	return s
}

// decodeEscapes replaces Python's escape sequences. Malformed ones stay.
func decodeEscapes(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 >= len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		n := 0
		switch c := s[i+1]; c {
		case 'x':
			n = hexEscape(&b, s, i, 2)
		case 'u':
			n = hexEscape(&b, s, i, 4)
		case 'U':
			n = hexEscape(&b, s, i, 8)
		case '\\', '\'', '"':
			b.WriteByte(c)
			n = 2
		case 'a', 'b', 'f', 'n', 'r', 't', 'v':
			b.WriteByte("\a\b\f\n\r\t\v"[strings.IndexByte("abfnrtv", c)])
			n = 2
		}
		if n == 0 {
			b.WriteByte(s[i])
			n = 1
		}
		i += n
	}
	return b.String()
}

func hexEscape(b *strings.Builder, s string, i, digits int) int {
	if i+2+digits > len(s) {
		return 0
	}
	n, err := strconv.ParseUint(s[i+2:i+2+digits], 16, 32)
	if err != nil || n > utf8.MaxRune {
		return 0
	}
	b.WriteRune(rune(n))
	return 2 + digits
}
