package action

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/value"
)

// AnsibleManaged is the text of ansible_managed, from the setting of that name.
var AnsibleManaged = "Ansible managed"

// templateOnly are parameters of template that copy does not know.
var templateOnly = []string{"src", "newline_sequence", "block_start_string", "block_end_string", "variable_start_string",
	"variable_end_string", "comment_start_string", "comment_end_string", "trim_blocks", "lstrip_blocks", "output_encoding"}

func templateAction(c *Context) (*value.Dict, error) {
	src, dest := argText(c.Args, "src"), argText(c.Args, "dest")
	if c.Args.Has("state") {
		return Fail("'state' cannot be specified on a template"), nil
	}
	if src == "" || dest == "" {
		return Fail("src and dest are required"), nil
	}
	if c.Args.Has("content") {
		return Fail("src and content are mutually exclusive"), nil
	}
	newline, err := newlineSequence(c.Args)
	if err != nil {
		return Fail(err.Error()), nil
	}
	path, err := c.Find("templates", src)
	if err != nil {
		return Fail(err.Error()), nil
	}
	fi, err := os.Stat(path)
	if err != nil {
		return Fail(err.Error()), nil
	}
	if fi.IsDir() {
		return Fail(fmt.Sprintf("the template %s is a folder", path)), nil
	}
	text, err := c.ReadFile(path)
	if err != nil {
		return Fail(err.Error()), nil
	}
	o := templar.FileOptions{
		Path: path, NoTrimBlocks: !asBool(c.Args.At("trim_blocks"), true), LstripBlocks: asBool(c.Args.At("lstrip_blocks"), false),
		NewlineSequence: newline,
		BlockStart:      argText(c.Args, "block_start_string"), BlockEnd: argText(c.Args, "block_end_string"),
		VarStart: argText(c.Args, "variable_start_string"), VarEnd: argText(c.Args, "variable_end_string"),
		CommentStart: argText(c.Args, "comment_start_string"), CommentEnd: argText(c.Args, "comment_end_string"),
		Vars: templar.DictVars{Dict: templateVars(src, path, dest, fi)},
	}
	out, err := c.Templar.RenderFile(string(text), o)
	if err != nil {
		return Fail(renderError(err)), nil
	}
	if enc := argText(c.Args, "output_encoding"); enc != "" {
		if out, err = module.EncodeText(out, enc); err != nil {
			return Fail(err.Error()), nil
		}
	}
	r, err := placeData(c, without(c.Args, templateOnly...), []byte(out), false, path, filepath.Base(path), fi.Mode())
	return r, err
}

// renderError names the kind of error first, as Ansible does.
func renderError(err error) string {
	var e *templar.Error
	msg := "AnsibleError: " + err.Error()
	var pe *py.Error
	if errors.As(err, &pe) && pe.Kind == "TemplateSyntaxError" {
		msg = "TemplateSyntaxError: " + err.Error()
	}
	if errors.As(err, &e) {
		if e.IsUndefined {
			msg = "AnsibleUndefinedVariable: " + err.Error()
		}
		if p := e.Place(); p != "" {
			msg += "\n\n" + p
		}
	}
	return msg
}

func newlineSequence(args *value.Dict) (string, error) {
	s, ok := args.GetStr("newline_sequence")
	if !ok || s == nil {
		return "\n", nil
	}
	t := strings.NewReplacer(`\n`, "\n", `\r`, "\r").Replace(value.Str(s))
	switch t {
	case "\n", "\r", "\r\n":
		return t, nil
	}
	return "", fmt.Errorf(`newline_sequence needs to be one of: \n, \r or \r\n`)
}

// TemplateVars are the variables that only templates see, for the file at path.
func TemplateVars(path, dest string) (*value.Dict, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return templateVars(path, path, dest, fi), nil
}

// templateVars are the variables that only templates see; shown is the path as
// the task gives it.
func templateVars(shown, path, dest string, fi os.FileInfo) *value.Dict {
	host, _ := os.Hostname()
	full, err := filepath.Abs(path)
	if err != nil {
		full = path
	}
	owner := fileOwner(fi)
	mtime := fi.ModTime()
	managed := strings.NewReplacer("{{", "{", "}}", "}", "{file}", asWritten(shown), "{host}", host, "{uid}", owner).Replace(AnsibleManaged)
	return value.DictOf(
		"template_host", host, "template_path", value.Unsafe(shown), "template_mtime", stamp(mtime), "template_uid", owner,
		"template_fullpath", value.Unsafe(full), "template_destpath", value.Unsafe(dest), "template_run_date", stamp(time.Now()),
		"ansible_managed", strftime(managed, mtime))
}

// asWritten keeps a name from being taken for a template, or for a time.
func asWritten(name string) string {
	name = strings.ReplaceAll(name, "%", "%%")
	if strings.ContainsAny(name, "{}") {
		name = "{%% raw %%}" + strings.ReplaceAll(name, "endraw", "") + "{%% endraw %%}"
	}
	return name
}

// strftime expands the letters Python's strftime knows that make sense in a
// header; others stay.
func strftime(s string, t time.Time) string {
	layouts := map[byte]string{'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'y': "06", 'b': "Jan", 'B': "January",
		'a': "Mon", 'A': "Monday", 'p': "PM", 'Z': "MST", 'z': "-0700", 'j': "002", 'I': "03", 'F': "2006-01-02", 'T': "15:04:05", 'D': "01/02/06"}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+1 < len(s) {
			if l, ok := layouts[s[i+1]]; ok {
				b.WriteString(t.Format(l))
				i++
				continue
			}
			if s[i+1] == '%' {
				i++
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
