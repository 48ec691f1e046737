package yaml

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	y3 "go.yaml.in/yaml/v3"

	"github.com/goplay-engine/goplay/engine/value"
)

// Error is a fault in a YAML file: what is wrong, where, the lines around it and
// hints. Error() gives all of it.
type Error struct {
	Pos     value.Pos
	Problem string // in the parser's words
	Lines   string // excerpt with an arrow and hints, or ""
	json    string // what reading the file as JSON said
	hidden  bool
}

// Error gives the whole message in Ansible's layout.
func (e *Error) Error() string {
	s := "We were unable to read either as JSON nor YAML, these are the errors we got from each:\n" +
		"JSON: " + e.jsonError() + "\n\nSyntax Error while loading YAML.\n  " + e.Problem
	if e.Pos.Line == 0 {
		return s
	}
	s += "\n\n" + where(e.Pos)
	if e.hidden {
		return s
	}
	if e.Lines == "" {
		if src, err := os.ReadFile(e.Pos.File); err == nil {
			e.excerpt(src)
		}
	}
	return s + e.Lines
}

func (e *Error) jsonError() string {
	if e.json == "" {
		return "Expecting value: line 1 column 1 (char 0)"
	}
	return e.json
}

// Short gives file:line:col and the problem on one line.
func (e *Error) Short() string { return e.Pos.String() + ": " + e.Problem }

func where(p value.Pos) string {
	return fmt.Sprintf("The error appears to be in '%s': line %d, column %d, but may\n"+
		"be elsewhere in the file depending on the exact syntax problem.\n", p.File, p.Line, p.Col)
}

func (e *Error) excerpt(src []byte) {
	e.Lines = "\nThe offending line appears to be:\n\n" + Excerpt(src, e.Pos, true)
}

// Where describes a place for an error message: file, line and column, the
// lines there with an arrow. It reads the file; where that fails, or hide is
// set because the content is secret, the lines are left out.
func Where(p value.Pos, hide bool) string {
	if p.IsZero() || filepath.Base(p.File) == "__adhoc_playbook__" { // what an ad hoc command runs stands in no file
		return ""
	}
	s := where(p)
	if hide {
		return s
	}
	src, err := os.ReadFile(p.File)
	if err != nil {
		return s + "\n(could not open file to display line)\n"
	}
	return s + "\nThe offending line appears to be:\n\n" + Excerpt(src, p, false)
}

var shorthand = regexp.MustCompile(`\w+\s*=\s*[\w/-]+`)

// Excerpt returns the line at p, the one before it, an arrow below the column,
// and hints on mistakes the lines suggest.
func Excerpt(src []byte, p value.Pos, syntax bool) string {
	lines := strings.Split(strings.TrimRight(string(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))), "\n"), "\n")
	at := min(p.Line, len(lines)) - 1
	if at < 0 {
		return ""
	}
	prev, line := "", lines[at]
	if at > 0 {
		prev = lines[at-1]
	}
	s := prev + "\n" + line + "\n" + strings.Repeat(" ", min(max(p.Col-1, 0), 1000)) + "^ here\n"
	if syntax && shorthand.MatchString(prev) && strings.Contains(prev, ":") && strings.Contains(line, ":") && indent(line) > indent(prev) {
		s += "\nThere appears to be both 'k=v' shorthand syntax and YAML in this task. Only one syntax may be used.\n"
	}
	return s + hints(line)
}

func indent(s string) int { return len(s) - len(strings.TrimLeft(s, " -")) }

func hints(line string) string {
	s := ""
	flat := strings.ReplaceAll(line, " ", "")
	if strings.HasPrefix(strings.TrimLeft(line, " "), "\t") {
		s += hintTab
	}
	if strings.Contains(line, "{{") && strings.Contains(line, "}}") {
		if !strings.Contains(line, `"{{`) || !strings.Contains(line, `'{{`) {
			return s + hintBraces
		}
	}
	if i := strings.Index(flat, ":{{"); i >= 0 {
		return s + hintBraces
	}
	_, rest, ok := strings.Cut(line, ":")
	if !ok {
		return s
	}
	rest = strings.TrimSpace(rest)
	if rest == "" || (rest[0] != '"' && rest[0] != '\'') {
		if strings.Count(rest, `"`) > 2 || strings.Count(rest, "'") > 2 {
			return s + hintUnbalanced
		}
		return s
	}
	q := rest[:1]
	switch n := strings.Count(rest, q); {
	case rest[len(rest)-1] == rest[0] && n > 2:
		s += hintUnbalanced
	case rest[len(rest)-1] != rest[0] || n < 2:
		s += hintQuoted
	}
	return s
}

const hintBraces = `We could be wrong, but this one looks like it might be an issue with
missing quotes. Always quote template expression brackets when they
start a value. For instance:

    with_items:
      - {{ foo }}

Should be written as:

    with_items:
      - "{{ foo }}"
`

const hintTab = `There appears to be a tab character at the start of the line.

YAML does not use tabs for formatting. Tabs should be replaced with spaces.

For example:
    - name: update tooling
      vars:
        version: 1.2.3
#    ^--- there is a tab there.

Should be written as:
    - name: update tooling
      vars:
        version: 1.2.3
# ^--- all spaces here.
`

const hintQuoted = `This one looks easy to fix. It seems that there is a value started
with a quote, and the YAML parser is expecting to see the line ended
with the same kind of quote. For instance:

    when: "ok" in result.stdout

Could be written as:

   when: '"ok" in result.stdout'

Or equivalently:

   when: "'ok' in result.stdout"
`

const hintUnbalanced = `We could be wrong, but this one looks like it might be an issue with
unbalanced quotes. If starting a value with a quote, make sure the
line ends with the same set of quotes. For instance this arbitrary
example:

    foo: "bad" "wolf"

Could be written as:

    foo: '"bad" "wolf"'
`

var messageLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntaxError gives the parser's error its exact place. The parser reports a
// line at most, often of the context; the place itself is in its state, which is
// read by reflection. Should that state ever be renamed, the line remains.
func (b *builder) syntaxError(dec *y3.Decoder, err error) error {
	line, problem := 0, err.Error()
	if m := messageLine.FindStringSubmatch(problem); m != nil {
		line, _ = strconv.Atoi(m[1])
		problem = m[2]
	}
	if name, ok := strings.CutPrefix(problem, "unknown anchor '"); ok {
		name, _, _ = strings.Cut(name, "'")
		if l, c, ok := parserMark(dec, "event", "start_mark"); ok {
			return b.errAt(l, c, fmt.Sprintf("found undefined alias '%s'", name))
		}
	}
	if off, ok := parserInt(dec, "parser", "problem_offset"); ok && off > 0 || strings.Contains(problem, "control characters") {
		l, c := b.lineCol(int(off))
		return b.errAt(l, c, problem)
	}
	if l, c, ok := parserMark(dec, "parser", "problem_mark"); ok {
		return b.errAt(l, c, problem)
	}
	return b.errAt(max(line, 1), 1, problem)
}

func parserField(dec *y3.Decoder, path ...string) (reflect.Value, bool) {
	v := reflect.ValueOf(dec).Elem().FieldByName("parser")
	for _, name := range path {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return v, false
		}
		if v = v.FieldByName(name); !v.IsValid() {
			return v, false
		}
	}
	return v, true
}

func parserInt(dec *y3.Decoder, path ...string) (int64, bool) {
	v, ok := parserField(dec, path...)
	if !ok || !v.CanInt() {
		return 0, false
	}
	return v.Int(), true
}

// parserMark returns a mark counted from 1.
func parserMark(dec *y3.Decoder, where, mark string) (line, col int, ok bool) {
	l, ok1 := parserInt(dec, where, mark, "line")
	c, ok2 := parserInt(dec, where, mark, "column")
	return int(l) + 1, int(c) + 1, ok1 && ok2
}

// lineCol turns a byte offset into line and column.
func (b *builder) lineCol(off int) (line, col int) {
	head := b.src[:min(max(off, 0), len(b.src))]
	line = bytes.Count(head, []byte("\n")) + 1
	return line, len([]rune(string(head[bytes.LastIndexByte(head, '\n')+1:]))) + 1
}
