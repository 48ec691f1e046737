package module

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/pyre"
)

type blockinfileArgs struct {
	Path           Path    `arg:"path,alias=dest,alias=destfile,alias=name,required" doc:"The file to modify."`
	State          string  `arg:"state,default=present,choices=absent|present" doc:"Whether the block should be there or not."`
	Marker         string  `arg:"marker" default:"# {mark} ANSIBLE MANAGED BLOCK" doc:"The marker line template; {mark} is replaced."`
	Block          string  `arg:"block,alias=content" default:"" doc:"The text to insert between the markers; empty removes the block."`
	InsertAfter    *string `arg:"insertafter" doc:"Insert after the last match of this expression, or EOF."`
	InsertBefore   *string `arg:"insertbefore" doc:"Insert before the last match of this expression, or BOF."`
	Create         bool    `arg:"create,default=false" doc:"Create the file if it does not exist."`
	Backup         bool    `arg:"backup,default=false" doc:"Keep a copy of the file as it was."`
	Validate       *string `arg:"validate" doc:"Command that checks the new file before it replaces the old one; %s is its name."`
	MarkerBegin    string  `arg:"marker_begin,default=BEGIN" doc:"Replaces {mark} in the opening marker."`
	MarkerEnd      string  `arg:"marker_end,default=END" doc:"Replaces {mark} in the closing marker."`
	AppendNewline  *bool   `arg:"append_newline,default=false" doc:"Append a blank line to the inserted block."`
	PrependNewline *bool   `arg:"prepend_newline,default=false" doc:"Prepend a blank line to the inserted block."`
	FileArgs
}

var blockinfileDef = &Def{
	Name:              "ansible.builtin.blockinfile",
	Short:             "Insert/update/remove a text block surrounded by marker lines",
	Args:              func() any { return &blockinfileArgs{} },
	FileArgs:          true,
	MutuallyExclusive: [][]string{{"insertbefore", "insertafter"}},
	Run: func(c *Context, a any) *Result {
		r, err := blockinfile(c, a.(*blockinfileArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

func blockinfile(c *Context, p *blockinfileArgs) (*Result, error) {
	path := string(p.Path)
	defer c.editing(path)()
	if fi, err := os.Stat(path); err == nil && fi.IsDir() {
		return nil, Errorf(fmt.Sprintf("Path %s is a directory !", path), "rc", 256)
	}
	data, err := readFile(path)
	exists := err == nil
	if err != nil && notExist(err) && p.Create && p.State == "absent" {
		return OK().WithMsg(fmt.Sprintf("File %s not present", path)), nil
	}
	if err != nil {
		if !leadsNowhere(err) {
			return nil, Errorf(fmt.Sprintf("Unable to read %s: %s", path, pyError(err, path)))
		}
		if !p.Create {
			return nil, Errorf(fmt.Sprintf("Path %s does not exist !", path), "rc", 257)
		}
		if !c.Check {
			if err := makeParents(path); err != nil {
				return nil, err
			}
		}
	}
	before := string(data)
	after, removed, err := placeBlock(p, before)
	if err != nil {
		return nil, err
	}
	t := &textEdit{Context: c, dest: path, attrs: &p.FileArgs, validate: p.Validate, diff: newAttrDiff()}
	switch {
	case exists && before == after:
	case !exists:
		t.changed, t.msg = true, "File created"
	case removed:
		t.changed, t.msg = true, "Block removed"
	default:
		t.changed, t.msg = true, "Block inserted"
	}
	content := Diff{Before: "", After: "", BeforeHeader: path + " (content)", AfterHeader: path + " (content)"}
	if c.Diff {
		content.Before, content.After = before, after
	}
	r := OK()
	if t.changed && !c.Check {
		if p.Backup && exists {
			name, err := c.backup(path)
			if err != nil {
				return nil, err
			}
			r.Set("backup_file", name)
		}
		if err := t.write(after); err != nil {
			return nil, err
		}
	} else if exists {
		if err := t.checkAttrs(); err != nil {
			return nil, err
		}
	}
	r.Changed, r.Msg, r.HasMsg = t.changed, t.msg, true
	r.AddDiff(content)
	if exists || !c.Check {
		r.AddDiff(t.diff.diff(path))
	}
	return r, nil
}

// placeBlock returns the text with the block in its place, and whether the block
// was to be taken out.
func placeBlock(p *blockinfileArgs, text string) (string, bool, error) {
	lines := splitKeepEnds(text)
	place, err := blockRegexp(p)
	if err != nil {
		return "", false, err
	}
	open := strings.ReplaceAll(p.Marker, "{mark}", p.MarkerBegin) + "\n"
	end := strings.ReplaceAll(p.Marker, "{mark}", p.MarkerEnd) + "\n"
	var block []string
	if p.State == "present" && p.Block != "" {
		body := p.Block
		if !strings.HasSuffix(body, "\n") {
			body += "\n"
		}
		block = append(append([]string{open}, splitKeepEnds(body)...), end)
	}
	from, to := -1, -1
	for i, l := range lines {
		if i == len(lines)-1 && !strings.HasSuffix(l, "\n") {
			l += "\n"
		}
		if l == open {
			from = i
		}
		if l == end {
			to = i
		}
	}
	at := 0
	switch {
	case from < 0 || to < 0:
		if len(block) == 0 {
			return text, true, nil
		}
		if at, err = blockPlace(p, place, lines); err != nil {
			return "", false, err
		}
	case from < to:
		lines, at = slices.Delete(lines, from, to+1), from
	default:
		lines, at = slices.Delete(lines, to, from+1), to
	}
	if len(block) > 0 {
		if at > 0 && !strings.HasSuffix(lines[at-1], "\n") {
			lines[at-1] += "\n"
		}
		if *p.PrependNewline && at > 0 && strings.TrimRight(lines[at-1], "\r\n") != "" {
			lines = slices.Insert(lines, at, "\n")
			at++
		}
		lines = slices.Insert(lines, at, block...)
		if next := at + len(block); *p.AppendNewline && next < len(lines) && strings.TrimRight(lines[next], "\r\n") != "" {
			lines = slices.Insert(lines, next, "\n")
		}
	}
	return strings.Join(lines, ""), len(block) == 0, nil
}

// blockRegexp is the expression that says where a new block goes; nil for a fixed place.
func blockRegexp(p *blockinfileArgs) (*pyre.Regexp, error) {
	switch {
	case p.InsertBefore != nil && *p.InsertBefore != "BOF":
		return compile("insertbefore", *p.InsertBefore, pyre.ASCII)
	case p.InsertBefore == nil && p.InsertAfter != nil && *p.InsertAfter != "EOF":
		return compile("insertafter", *p.InsertAfter, pyre.ASCII)
	}
	return nil, nil
}

// blockPlace says before which line a new block goes.
func blockPlace(p *blockinfileArgs, re *pyre.Regexp, lines []string) (int, error) {
	if p.InsertBefore != nil && *p.InsertBefore == "BOF" {
		return 0, nil
	}
	at, after := len(lines), 1
	if p.InsertBefore != nil {
		after = 0
	}
	for i, l := range lines {
		if re == nil {
			break
		}
		m, err := matches(re, l)
		if err != nil {
			return 0, err
		}
		if m != nil {
			at = i + after
		}
	}
	return at, nil
}
