package module

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

type iniFileArgs struct {
	Path           Path     `arg:"path,alias=dest,required" doc:"The INI file."`
	Section        *string  `arg:"section" doc:"Section; without it the option stands before the first one."`
	Option         *string  `arg:"option" doc:"Option; without it state=absent removes the section."`
	Value          *string  `arg:"value" doc:"The option's value."`
	Values         []string `arg:"values" doc:"Several values of the option."`
	Backup         bool     `arg:"backup,default=false" doc:"Keep a copy of the file as it was."`
	State          string   `arg:"state,default=present,choices=absent|present" doc:"Whether the option should be there."`
	Exclusive      bool     `arg:"exclusive,default=true" doc:"Remove or replace other values of the option."`
	NoExtraSpaces  bool     `arg:"no_extra_spaces,default=false" doc:"No blanks around =."`
	IgnoreSpaces   bool     `arg:"ignore_spaces,default=false" doc:"Leave lines that differ in blanks around = alone."`
	Create         bool     `arg:"create,default=true" doc:"Create the file if it does not exist."`
	AllowNoValue   bool     `arg:"allow_no_value,default=false" doc:"Allow an option without a value."`
	ModifyInactive bool     `arg:"modify_inactive_option,default=true" doc:"Replace a commented option."`
	Follow         bool     `arg:"follow,default=false" doc:"Follow a symbolic link."`
	FileArgs
}

var iniFileDef = &Def{
	Name:              "community.general.ini_file",
	Short:             "Tweak settings in INI files",
	Args:              func() any { return &iniFileArgs{} },
	FileArgs:          true,
	MutuallyExclusive: [][]string{{"value", "values"}},
	Run: func(c *Context, a any) *Result {
		r, err := iniFile(c, a.(*iniFileArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

func iniFile(c *Context, p *iniFileArgs) (*Result, error) {
	if p.State == "present" && !p.AllowNoValue && p.Value == nil && p.Values == nil {
		return nil, Errorf("Parameter 'value(s)' must be defined if state=present and allow_no_value=False.")
	}
	if deref(p.Section) == "" {
		p.Section = nil // as templates leave it
	}
	path := string(p.Path)
	target := path
	if p.Follow {
		target = realPath(path)
	}
	defer c.editing(target)()
	data, err := readFile(target)
	exists := err == nil
	if err != nil {
		if !leadsNowhere(err) {
			return nil, Errorf(fmt.Sprintf("Unable to read %s: %s", path, pyError(err, path)))
		}
		if !p.Create {
			return nil, Errorf(fmt.Sprintf("Destination %s does not exist!", path), "rc", 257)
		}
		if !c.Check {
			if err := makeParents(target); err != nil {
				return nil, err
			}
		}
	}
	before, err := iniText(data)
	if err != nil {
		return nil, Errorf(fmt.Sprintf("Unable to read %s: %s", path, err))
	}
	after, msg := newIniEdit(p, before).apply()
	changed := after != before
	r := Changed(changed).Set("path", path)
	content := Diff{Before: "", After: "", BeforeHeader: path + " (content)", AfterHeader: path + " (content)"}
	if c.Diff {
		content.Before, content.After = before, after
	}
	r.AddDiff(content)
	r.Msg = msg
	if changed && !c.Check {
		if p.Backup && exists {
			name, err := c.backup(target)
			if err != nil {
				return nil, err
			}
			r.Set("backup_file", name)
		}
		n, err := c.createBytes(target, []byte(after), p.UnsafeWrites)
		if err != nil {
			return nil, err
		}
		if _, err := n.finish(path, &p.FileArgs, nil); err != nil {
			return nil, err
		}
	} else if exists {
		ch, err := c.applyAttrs(target, &p.FileArgs, nil)
		if err != nil {
			return nil, err
		}
		r.Changed = r.Changed || ch
	}
	return r, nil
}

// iniText gives a file's text as Python's text files do: without a byte order mark, every line ended by a newline
// alone. Text that is not UTF-8 is taken as it is, but for UTF-16, into which UTF-8 cannot be written.
func iniText(data []byte) (string, error) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return "", errors.New("it is UTF-16 text; only UTF-8 can be edited")
	}
	s := strings.TrimPrefix(string(data), "\ufeff")
	if !strings.Contains(s, "\r") {
		return s, nil
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), nil
}

// iniEdit is the change of one option in the lines of an INI file.
type iniEdit struct {
	*iniFileArgs
	lines  []string
	option *regexp.Regexp // an assignment of the option, commented or not
	want   []*string
	msg    string
}

func newIniEdit(p *iniFileArgs, text string) *iniEdit {
	e := &iniEdit{iniFileArgs: p, lines: splitKeepEnds(text), msg: "OK"}
	if n := len(e.lines); n > 0 && !strings.HasSuffix(e.lines[n-1], "\n") {
		e.lines[n-1] += "\n"
	}
	if p.Option != nil {
		o := regexp.QuoteMeta(*p.Option)
		form := `^([ \t]*)([#;]?)([ \t]*)(` + o + `)([ \t]*)(=|$|\r?\n)([ \t]*)(.*?)\r?\n?$`
		e.option = regexp.MustCompile(form)
	}
	switch {
	case p.Value != nil:
		e.want = []*string{p.Value}
	case p.Values != nil:
		for i := range p.Values {
			if !slices.ContainsFunc(e.want, func(s *string) bool { return *s == p.Values[i] }) {
				e.want = append(e.want, &p.Values[i])
			}
		}
	case p.State == "present":
		e.want = []*string{nil}
	}
	return e
}

// bounds gives the lines of the section, its head excluded; found is false where
// there is no such section.
func (e *iniEdit) bounds() (head, from, to int, found bool) {
	isHead := func(l string) bool { return strings.HasPrefix(l, "[") }
	head = -1
	if e.Section == nil {
		found = true
	} else {
		for i, l := range e.lines {
			if strings.HasPrefix(l, "["+*e.Section+"]") {
				head, from, found = i, i+1, true // of headers without another section between them the last
			} else if found && isHead(l) {
				break
			}
		}
	}
	to = from
	for to < len(e.lines) && !isHead(e.lines[to]) {
		to++
	}
	return head, from, to, found
}

func (e *iniEdit) assignment(v *string) string {
	switch {
	case v == nil:
		return *e.Option + "\n"
	case e.NoExtraSpaces:
		return *e.Option + "=" + *v + "\n"
	}
	return *e.Option + " = " + *v + "\n"
}

// read matches a line against the option; active is false for a comment.
func (e *iniEdit) read(l string) (v *string, active, ok bool) {
	m := e.option.FindStringSubmatch(l)
	if m == nil {
		return nil, false, false
	}
	if strings.HasPrefix(m[6], "=") {
		v = &m[8]
	} else if m[8] != "" {
		return nil, false, false
	}
	return v, m[2] == "", true
}

func same(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

func (e *iniEdit) apply() (string, string) {
	head, from, to, found := e.bounds()
	if e.State == "absent" {
		e.remove(head, from, to, found)
		return strings.Join(e.lines, ""), e.msg
	}
	if !found {
		if len(e.lines) == 0 {
			e.lines = append(e.lines, "\n")
		}
		e.lines = append(e.lines, "["+*e.Section+"]\n")
		e.msg = "only section added"
		if e.Option != nil {
			for _, v := range e.want {
				e.lines = append(e.lines, e.assignment(v))
			}
			e.msg = "section and option added"
		}
		return strings.Join(e.lines, ""), e.msg
	}
	if e.Option != nil {
		e.set(from, to)
	}
	return strings.Join(e.lines, ""), e.msg
}

func (e *iniEdit) remove(head, from, to int, found bool) {
	if !found {
		return
	}
	if e.Option == nil {
		if e.Section != nil && e.Exclusive {
			e.lines = slices.Delete(e.lines, head, to)
			e.msg = "section removed"
		}
		return
	}
	var keep []string
	for _, l := range e.lines[from:to] {
		v, active, ok := e.read(l)
		if ok && active && (e.Exclusive || slices.ContainsFunc(e.want, func(w *string) bool { return same(v, w) })) {
			e.msg = "option changed"
			continue
		}
		keep = append(keep, l)
	}
	e.lines = slices.Concat(e.lines[:from], keep, e.lines[to:])
}

// set gives lines that hold a wanted value their form, then has the option's other lines hold what is still wanted,
// and removes the rest of them; commented lines count as the option's unless modify_inactive_option is off.
func (e *iniEdit) set(from, to int) {
	part := slices.Clone(e.lines[from:to])
	unplaced := slices.Clone(e.want)
	drop := make([]bool, len(part))
	settled := make([]bool, len(part))
	matches := func(l string) (v *string, active, ok bool) {
		v, active, ok = e.read(l)
		return v, active, ok && (active || e.ModifyInactive)
	}
	for i, l := range part {
		v, active, ok := matches(l)
		at := slices.IndexFunc(unplaced, func(w *string) bool { return same(v, w) })
		if !ok || at < 0 {
			continue
		}
		if n := e.assignment(v); n != l && !(active && e.IgnoreSpaces) {
			part[i] = n
			e.msg = "option changed"
		}
		unplaced, settled[i] = slices.Delete(unplaced, at, at+1), true
	}
	for i, l := range part {
		if _, _, ok := matches(l); !ok || settled[i] || !e.Exclusive {
			continue
		}
		switch {
		case len(unplaced) > 0 && (!e.AllowNoValue || unplaced[0] == nil):
			part[i] = e.assignment(unplaced[0])
			unplaced = unplaced[1:]
		case e.AllowNoValue: // the option may be there with a value and without
			continue
		default:
			drop[i] = true
		}
		e.msg = "option changed"
	}
	var out []string
	for i, l := range part {
		if !drop[i] {
			out = append(out, l)
		}
	}
	if len(unplaced) > 0 {
		at := len(out)
		for at > 0 && blankOrComment.MatchString(out[at-1]) {
			at--
		}
		var add []string
		for _, v := range unplaced {
			add = append(add, e.assignment(v))
		}
		out = slices.Insert(out, at, add...)
		e.msg = "option added"
	}
	e.lines = slices.Concat(e.lines[:from], out, e.lines[to:])
}

var blankOrComment = regexp.MustCompile(`^[ \t]*([#;].*)?\r?\n?$`)
