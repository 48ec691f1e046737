package module

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/pyre"
)

type lineinfileArgs struct {
	Path         Path    `arg:"path,alias=dest,alias=destfile,alias=name,required" doc:"The file to modify."`
	State        string  `arg:"state,default=present,choices=absent|present" doc:"Whether the line should be there or not."`
	Regexp       *string `arg:"regexp,alias=regex" doc:"Regular expression to look for in every line; the last match is replaced."`
	SearchString *string `arg:"search_string" doc:"Literal text to look for in every line."`
	Line         *string `arg:"line,alias=value" doc:"The line to insert or replace into the file."`
	InsertAfter  *string `arg:"insertafter" doc:"Insert after the last match of this expression, or EOF."`
	InsertBefore *string `arg:"insertbefore" doc:"Insert before the last match of this expression, or BOF."`
	Backrefs     bool    `arg:"backrefs,default=false" doc:"Expand groups of the regular expression in line; change nothing where it does not match."`
	Create       bool    `arg:"create,default=false" doc:"Create the file if it does not exist."`
	Backup       bool    `arg:"backup,default=false" doc:"Keep a copy of the file as it was."`
	FirstMatch   bool    `arg:"firstmatch,default=false" doc:"Work with the first match instead of the last."`
	Validate     *string `arg:"validate" doc:"Command that checks the new file before it replaces the old one; %s is its name."`
	FileArgs
}

var lineinfileDef = &Def{
	Name:     "ansible.builtin.lineinfile",
	Short:    "Manage lines in text files",
	Args:     func() any { return &lineinfileArgs{} },
	FileArgs: true,
	MutuallyExclusive: [][]string{
		{"insertbefore", "insertafter"}, {"regexp", "search_string"}, {"backrefs", "search_string"},
	},
	Run: func(c *Context, a any) *Result {
		p := a.(*lineinfileArgs)
		r, err := lineinfile(c, p)
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

func lineinfile(c *Context, p *lineinfileArgs) (*Result, error) {
	dest := string(p.Path)
	defer c.editing(dest)()
	if fi, err := os.Stat(dest); err == nil && fi.IsDir() {
		return nil, Errorf(fmt.Sprintf("Path %s is a directory !", dest), "rc", 256)
	}
	if p.Regexp != nil && *p.Regexp == "" {
		what := "The regular expression is an empty string, which will match every line in the file. This may have unintended consequences, such as replacing the last line in the file rather than appending."
		if p.State == "absent" {
			what = "The regular expression is an empty string, which will match every line in the file. This may have unintended consequences, such as removing every line in the file."
		}
		c.warn(what + " If this is desired, use '^' to match every line in the file and avoid this warning.")
	}
	if p.SearchString != nil && *p.SearchString == "" {
		what := "replacing the last line in the file rather than appending."
		if p.State == "absent" {
			what = "removing every line in the file."
		}
		c.warn("The search string is an empty string, which will match every line in the file. This may have unintended consequences, such as " + what)
	}
	e := &lineEdit{lineinfileArgs: p, textEdit: textEdit{Context: c, dest: dest, attrs: &p.FileArgs, validate: p.Validate, diff: newAttrDiff()}}
	if p.State == "absent" {
		if p.Regexp == nil && p.SearchString == nil && p.Line == nil {
			return nil, Errorf("one of line, search_string, or regexp is required with state=absent")
		}
		return e.absent()
	}
	if p.Backrefs && p.Regexp == nil {
		return nil, Errorf("regexp is required with backrefs=true")
	}
	if p.Line == nil {
		return nil, Errorf("line is required with state=present")
	}
	return e.present()
}

type lineEdit struct {
	*lineinfileArgs
	textEdit
	re     *pyre.Regexp
	before string
	lines  []string
	exists bool
}

// load reads the file and compiles the expression.
func (e *lineEdit) load() error {
	if e.Regexp != nil {
		var err error
		if e.re, err = compile("regexp", *e.Regexp, pyre.ASCII); err != nil {
			return err
		}
	}
	data, err := readFile(e.dest)
	if err != nil && !leadsNowhere(err) {
		return Errorf(fmt.Sprintf("Unable to read %s: %s", e.dest, pyError(err, e.dest)))
	}
	e.exists = err == nil
	e.before = string(data)
	e.lines = splitKeepEnds(e.before)
	return nil
}

func matches(re *pyre.Regexp, s string) (*pyre.Match, error) {
	m, err := re.Search(s)
	if err != nil {
		return nil, Errorf(err.Error())
	}
	return m, nil
}

func (e *lineEdit) present() (*Result, error) {
	if err := e.load(); err != nil {
		return nil, err
	}
	if !e.exists {
		if !e.Create {
			return nil, Errorf(fmt.Sprintf("Destination %s does not exist !", e.dest), "rc", 257)
		}
		if !e.Check {
			if err := makeParents(e.dest); err != nil {
				return nil, err
			}
		}
	}
	line := *e.Line
	at, insertAt, match, err := e.locate(line)
	if err != nil {
		return nil, err
	}
	switch {
	case at >= 0:
		text := line
		if e.Backrefs && match != nil {
			t, err := e.re.Template(line)
			if err != nil {
				return nil, Errorf(fmt.Sprintf("line is not a valid replacement for regexp: %s", err))
			}
			text = t.Expand(match)
		}
		if !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		if e.lines[at] != text {
			e.lines[at] = text
			e.changed, e.msg = true, "line replaced"
		}
	case e.Backrefs:
	case deref(e.InsertBefore) == "BOF" || deref(e.InsertAfter) == "BOF":
		e.insert(0, line)
	case insertAt < 0:
		if n := len(e.lines); n > 0 && !endsLine(e.lines[n-1]) {
			e.lines[n-1] += "\n"
		}
		e.insert(len(e.lines), line)
	default:
		if insertAt == len(e.lines) && !endsLine(e.lines[insertAt-1]) {
			e.lines[insertAt-1] += "\n"
		}
		e.insert(insertAt, line)
	}
	return e.done(nil)
}

// locate finds the line to replace (at), else where to insert, -1 meaning
// nowhere. match is that of the regular expression.
func (e *lineEdit) locate(line string) (at, insertAt int, match *pyre.Match, err error) {
	at, insertAt = -1, -1
	if e.re != nil || e.SearchString != nil {
		for i, l := range e.lines {
			var m *pyre.Match
			found := false
			if e.re != nil {
				if m, err = matches(e.re, l); err != nil {
					return
				}
				found = m != nil
			} else {
				found = strings.Contains(l, *e.SearchString)
			}
			if found {
				at, match = i, m
				if e.FirstMatch {
					break
				}
			}
		}
		if at >= 0 {
			return
		}
	}
	var near *pyre.Regexp
	after := 0
	if e.InsertAfter != nil && *e.InsertAfter != "BOF" && *e.InsertAfter != "EOF" {
		near, err = compile("insertafter", *e.InsertAfter, pyre.ASCII)
		after = 1
	} else if e.InsertBefore != nil && *e.InsertBefore != "BOF" {
		near, err = compile("insertbefore", *e.InsertBefore, pyre.ASCII)
	}
	if err != nil {
		return
	}
	for i, l := range e.lines {
		if strings.TrimRight(l, "\r\n") == line {
			at = i
			continue
		}
		if near == nil {
			continue
		}
		var m *pyre.Match
		if m, err = matches(near, l); err != nil {
			return
		}
		if m == nil {
			continue
		}
		if insertAt = i + after; e.FirstMatch { // what stands further down is not looked at, but for the very place
			if after == 1 && insertAt < len(e.lines) && strings.TrimRight(e.lines[insertAt], "\r\n") == line {
				at = insertAt
			}
			break
		}
	}
	return
}

func (e *lineEdit) insert(i int, line string) {
	e.lines = slices.Insert(e.lines, i, line+"\n")
	e.changed, e.msg = true, "line added"
}

func (e *lineEdit) absent() (*Result, error) {
	if err := e.load(); err != nil {
		return nil, err
	}
	if !e.exists {
		return OK().WithMsg("file not present"), nil
	}
	var keep []string
	found := 0
	for _, l := range e.lines {
		hit := false
		switch {
		case e.re != nil:
			m, err := matches(e.re, l)
			if err != nil {
				return nil, err
			}
			hit = m != nil
		case e.SearchString != nil:
			hit = strings.Contains(l, *e.SearchString)
		default:
			hit = strings.TrimRight(l, "\r\n") == *e.Line
		}
		if hit {
			found++
		} else {
			keep = append(keep, l)
		}
	}
	if found > 0 {
		e.lines = keep
		e.changed, e.msg = true, fmt.Sprintf("%d line(s) removed", found)
	}
	return e.done(&found)
}

// done writes what changed and makes up the result.
func (e *lineEdit) done(found *int) (*Result, error) {
	content := Diff{Before: "", After: "", BeforeHeader: e.dest + " (content)", AfterHeader: e.dest + " (content)"}
	after := e.before
	if e.changed {
		after = strings.Join(e.lines, "")
	}
	if e.Diff {
		content.Before, content.After = e.before, after
	}
	backup := ""
	if e.changed && !e.Check {
		var err error
		if e.Backup && e.exists {
			if backup, err = e.backup(e.dest); err != nil {
				return nil, err
			}
		}
		if err := e.write(after); err != nil {
			return nil, err
		}
	} else if e.exists {
		if err := e.checkAttrs(); err != nil {
			return nil, err
		}
	}
	r := Changed(e.changed).Set("backup", backup)
	r.Msg, r.HasMsg = e.msg, true
	if found != nil {
		r.Set("found", *found)
	}
	r.AddDiff(content)
	if e.exists || !e.Check {
		r.AddDiff(e.diff.diff(e.dest))
	}
	return r, nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// endsLine tells whether nothing has to be put after a last line before another one: old Macs ended theirs by \r alone.
func endsLine(l string) bool { return strings.HasSuffix(l, "\n") || strings.HasSuffix(l, "\r") }
