package conform

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	lookParts  = regexp.MustCompile(`(?m)^==(FILES|LINKS|SUMS|CONTENT|CASE \d+)\n`)
	fileHeader = regexp.MustCompile(`(?m)^==> \./(\d+)/(.*) <==\n`)
	sumLine    = regexp.MustCompile(`^(\d+ \d+) \./(\d+)/(.*)$`)
	pathLine   = regexp.MustCompile(`^\./(\d+)/(.*)$`)
)

// parseLooks gives each case what a script printed of it: its files, then what was to be looked at besides.
func parseLooks(out string) map[int]string {
	out = strings.ReplaceAll(out, "\r\n", "\n")
	texts := map[int]*strings.Builder{}
	add := func(number, text string) {
		i, _ := strconv.Atoi(number)
		if texts[i] == nil {
			texts[i] = &strings.Builder{}
		}
		texts[i].WriteString(text)
	}
	at := lookParts.FindAllStringSubmatchIndex(out, -1)
	var sums string
	for k, m := range at {
		end := len(out)
		if k+1 < len(at) {
			end = at[k+1][0]
		}
		name, text := out[m[2]:m[3]], out[m[1]:end]
		switch name {
		case "FILES", "LINKS":
			for l := range strings.Lines(text) {
				if p := pathLine.FindStringSubmatch(strings.TrimSuffix(l, "\n")); p != nil {
					add(p[1], p[2]+"\n")
				}
			}
		case "SUMS":
			sums = text
		case "CONTENT":
			contents(text, add)
			for l := range strings.Lines(sums) {
				if p := sumLine.FindStringSubmatch(strings.TrimSuffix(l, "\n")); p != nil {
					add(p[2], "== ./"+p[3]+" "+p[1]+"\n")
				}
			}
		default:
			add(strings.TrimPrefix(name, "CASE "), strings.TrimSuffix(text, "\n"))
		}
	}
	m := map[int]string{}
	for i, t := range texts {
		m[i] = t.String()
	}
	return m
}

// contents reads what tail -v printed. An empty line before a header is tail's own.
func contents(text string, add func(number, text string)) {
	at := fileHeader.FindAllStringSubmatchIndex(text, -1)
	for k, m := range at {
		end := len(text)
		if k+1 < len(at) {
			end = at[k+1][0]
		}
		add(text[m[2]:m[3]], "== ./"+text[m[4]:m[5]]+"\n"+strings.TrimSuffix(text[m[1]:end], "\n")+"\n")
	}
}
