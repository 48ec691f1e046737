package module

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf16"

	"github.com/goplay-engine/goplay/engine/pyre"
)

type replaceArgs struct {
	Path     Path    `arg:"path,alias=dest,alias=destfile,alias=name,required" doc:"The file to modify."`
	Regexp   string  `arg:"regexp,required" doc:"Regular expression to look for, in multiline mode."`
	Replace  string  `arg:"replace" default:"" doc:"Text to put in place of matches; may hold references to groups."`
	After    *string `arg:"after" doc:"Only content after this expression is replaced."`
	Before   *string `arg:"before" doc:"Only content before this expression is replaced."`
	Backup   bool    `arg:"backup,default=false" doc:"Keep a copy of the file as it was."`
	Validate *string `arg:"validate" doc:"Command that checks the new file before it replaces the old one; %s is its name."`
	Encoding string  `arg:"encoding,default=utf-8" doc:"Character encoding of the file."`
	FileArgs
}

var replaceDef = &Def{
	Name:     "ansible.builtin.replace",
	Short:    "Replace all instances of a particular string in a file using a back-referenced regular expression",
	Args:     func() any { return &replaceArgs{} },
	FileArgs: true,
	Run: func(c *Context, a any) *Result {
		r, err := replaceText(c, a.(*replaceArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

func replaceText(c *Context, p *replaceArgs) (*Result, error) {
	path := string(p.Path)
	defer c.editing(path)()
	if fi, err := os.Stat(path); err == nil && fi.IsDir() {
		return nil, Errorf(fmt.Sprintf("Path %s is a directory !", path), "rc", 256)
	} else if err != nil {
		return nil, Errorf(fmt.Sprintf("Path %s does not exist !", path), "rc", 257)
	}
	data, err := readFile(path)
	if err != nil {
		return nil, Errorf(fmt.Sprintf("Unable to read the contents of %s: %s", path, pyError(err, path)))
	}
	text, err := decodeText(data, p.Encoding)
	if err != nil {
		return nil, err
	}
	r := OK().Set("rc", 0)
	r.HasMsg = true
	from, to := 0, len(text)
	if p.After != nil || p.Before != nil {
		pattern := "(?P<subsection>.*?)"
		if p.After == nil || p.Before == nil {
			pattern = "(?P<subsection>.*)"
		}
		pattern = deref(p.After) + pattern + deref(p.Before)
		re, err := compile("after/before", pattern, pyre.DotAll)
		if err != nil {
			return nil, err
		}
		m, err := matches(re, text)
		if err != nil {
			return nil, err
		}
		if m == nil {
			return r.WithMsg("Pattern for before/after params did not match the given file: " + pattern), nil
		}
		g, _ := re.GroupIndex("subsection")
		from, to = m.Start(g), m.End(g)
	}
	re, err := compile("regexp", p.Regexp, pyre.Multiline)
	if err != nil {
		return nil, err
	}
	section, n, err := re.Sub(p.Replace, text[from:to], 0)
	if err != nil {
		return nil, Errorf(fmt.Sprintf("replace is not a valid replacement for regexp: %s", err))
	}
	t := &textEdit{Context: c, dest: path, attrs: &p.FileArgs, validate: p.Validate}
	after := text[:from] + section + text[to:]
	if n > 0 && after != text {
		t.changed, t.msg = true, fmt.Sprintf("%d replacements made", n)
		if c.Diff {
			r.AddDiff(Diff{Before: text, After: after, BeforeHeader: path, AfterHeader: path})
		}
	}
	if t.changed && !c.Check {
		if p.Backup {
			name, err := c.backup(path)
			if err != nil {
				return nil, err
			}
			r.Set("backup_file", name)
		}
		out, err := EncodeText(after, p.Encoding)
		if err != nil {
			return nil, err
		}
		if err := t.write(out); err != nil {
			return nil, err
		}
	} else if err := t.checkAttrs(); err != nil {
		return nil, err
	}
	r.Changed, r.Msg = t.changed, t.msg
	return r, nil
}

// cp1252 has what Windows-1252 puts into 0x80 to 0x9f.
var cp1252 = [32]rune{0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0,
	0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178}

func encodingName(s string) string {
	s = strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(s))
	switch s {
	case "utf8", "utf", "u8":
		return "utf8"
	case "ascii", "usascii", "646":
		return "ascii"
	case "utf8sig":
		return s
	case "latin1", "iso88591", "l1", "8859", "cp819":
		return "latin1"
	case "cp1252", "windows1252", "1252":
		return "cp1252"
	case "utf16le", "utf16be", "utf16":
		return s
	}
	return ""
}

// decodeText turns a file's bytes into text; bytes that are not UTF-8 stay as
// they are and are written back unchanged.
func decodeText(data []byte, encoding string) (string, error) {
	switch e := encodingName(encoding); e {
	case "utf8", "ascii":
		return string(data), nil
	case "utf8sig":
		return strings.TrimPrefix(string(data), byteOrderMark), nil
	case "latin1":
		r := make([]rune, len(data))
		for i, b := range data {
			r[i] = rune(b)
		}
		return string(r), nil
	case "cp1252":
		r := make([]rune, len(data))
		for i, b := range data {
			r[i] = rune(b)
			if b >= 0x80 && b < 0xa0 && cp1252[b-0x80] != 0 {
				r[i] = cp1252[b-0x80]
			}
		}
		return string(r), nil
	case "utf16", "utf16le", "utf16be":
		big := e == "utf16be"
		if len(data) >= 2 && e == "utf16" {
			if big = data[0] == 0xfe && data[1] == 0xff; big || data[0] == 0xff && data[1] == 0xfe {
				data = data[2:]
			}
		}
		u := make([]uint16, len(data)/2)
		for i := range u {
			lo, hi := data[2*i], data[2*i+1]
			if big {
				lo, hi = hi, lo
			}
			u[i] = uint16(hi)<<8 | uint16(lo)
		}
		return string(utf16.Decode(u)), nil
	}
	return "", Errorf(fmt.Sprintf("unknown encoding: %s; supported are utf-8, ascii, latin-1, cp1252 and utf-16", encoding))
}

const byteOrderMark = "\ufeff"

// EncodeText writes text in an encoding: utf-8, ascii, latin-1, cp1252, utf-16.
func EncodeText(s, encoding string) (string, error) {
	switch e := encodingName(encoding); e {
	case "":
		return "", Errorf(fmt.Sprintf("unknown encoding: %s; supported are utf-8, ascii, latin-1, cp1252 and utf-16", encoding))
	case "utf8sig":
		return byteOrderMark + s, nil
	case "latin1", "ascii":
		most := rune(0xff)
		if e == "ascii" {
			most = 0x7f
		}
		b := make([]byte, 0, len(s))
		for _, r := range s {
			if r > most {
				return "", Errorf(fmt.Sprintf("the new content holds %q, which %s cannot express", r, encoding))
			}
			b = append(b, byte(r))
		}
		return string(b), nil
	case "cp1252":
		b := make([]byte, 0, len(s))
	runes:
		for _, r := range s {
			for i, c := range cp1252 {
				if c == r && c != 0 {
					b = append(b, byte(0x80+i))
					continue runes
				}
			}
			if r > 0xff || r >= 0x80 && r < 0xa0 {
				return "", Errorf(fmt.Sprintf("the new content holds %q, which %s cannot express", r, encoding))
			}
			b = append(b, byte(r))
		}
		return string(b), nil
	case "utf16", "utf16le", "utf16be":
		var b []byte
		if e == "utf16" {
			b = []byte{0xff, 0xfe}
		}
		for _, u := range utf16.Encode([]rune(s)) {
			if e == "utf16be" {
				b = append(b, byte(u>>8), byte(u))
			} else {
				b = append(b, byte(u), byte(u>>8))
			}
		}
		return string(b), nil
	}
	return s, nil
}
