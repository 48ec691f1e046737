package module

import (
	"errors"
	"strings"
)

// shlexSplit splits a command line into words as a POSIX shell would, without
// expanding anything.
func shlexSplit(s string) ([]string, error) {
	out := []string{}
	var cur strings.Builder
	in := false // inside a word
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\'':
			j := strings.IndexByte(s[i+1:], '\'')
			if j < 0 {
				return nil, errors.New("No closing quotation")
			}
			cur.WriteString(s[i+1 : i+1+j])
			i += j + 1
			in = true
		case c == '"':
			in = true
			for i++; ; i++ {
				if i >= len(s) {
					return nil, errors.New("No closing quotation")
				}
				if s[i] == '"' {
					break
				}
				if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
					i++
				}
				cur.WriteByte(s[i])
			}
		case c == '\\':
			if i+1 >= len(s) {
				return nil, errors.New("No escaped character")
			}
			i++
			cur.WriteByte(s[i])
			in = true
		case strings.IndexByte(" \t\r\n", c) >= 0:
			if in {
				out = append(out, cur.String())
				cur.Reset()
				in = false
			}
		default:
			cur.WriteByte(c)
			in = true
		}
	}
	if in {
		out = append(out, cur.String())
	}
	return out, nil
}

// shQuote quotes s for a POSIX shell where it needs quoting.
func shQuote(s string) string {
	if s == "" {
		return "''"
	}
	safe := func(c byte) bool { return isAlnum(c) || strings.IndexByte("@%+=:,./-_", c) >= 0 }
	for i := range len(s) {
		if !safe(s[i]) {
			return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
		}
	}
	return s
}
