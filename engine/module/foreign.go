package module

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// ForeignName is the request that runs a module written in another language.
const ForeignName = "goplay.foreign"

// foreignDef runs a program that is a module: its file and its arguments come
// with the request and are gone when it ends; its output holds the result.
//
// Arguments: argv, in which {file} and {args} stand for the temporary files;
// file, the name of the program's file, whose content is the request's blob
// (without it the blob is the standard input); args, the text of the arguments'
// file.
var foreignDef = &Def{
	Name:  ForeignName,
	Short: "Run a module written in another language",
	Args:  func() any { return &struct{}{} },
	Raw:   runForeign,
}

func runForeign(c *Context, a *value.Dict) *value.Dict {
	var argv []string
	if l, ok := a.At("argv").(*value.List); ok {
		for _, e := range l.Items {
			argv = append(argv, value.Str(e))
		}
	}
	o := &progOptions{}
	if a.Has("file") {
		dir, err := os.MkdirTemp(c.tempDir(), "goplay-module-")
		if err != nil {
			return Fail("could not make a temporary folder for the module: %s", err).Dict()
		}
		defer os.RemoveAll(dir)
		file := filepath.Join(dir, filepath.Base(value.Str(a.At("file"))))
		if err := writeProgram(file, c.Blob); err != nil {
			return Fail("could not write the module: %s", err).Dict()
		}
		args := filepath.Join(dir, "args")
		if t, ok := a.GetStr("args"); ok {
			if err := os.WriteFile(args, []byte(value.Str(t)), 0o600); err != nil {
				return Fail("could not write the module's arguments: %s", err).Dict()
			}
		}
		r := strings.NewReplacer("{file}", file, "{args}", args)
		for i := range argv {
			argv[i] = r.Replace(argv[i])
		}
	} else {
		o.Stdin = c.Blob
		if o.Stdin == nil {
			o.Stdin = []byte{}
		}
	}
	r, err := c.run(argv, o)
	if err != nil {
		return FailErr(err).Dict()
	}
	return foreignResult(r)
}

// tempDir is where the module's files go: the task's remote_tmp, or the
// system's folder where that cannot be used.
func (c *Context) tempDir() string {
	if fi, err := os.Stat(c.Tmpdir); err == nil && fi.IsDir() {
		return c.Tmpdir
	}
	return ""
}

// foreignResult finds the module's JSON in its output: the first line that opens
// an object, up to the last that closes it.
func foreignResult(r *progResult) *value.Dict {
	if d := findResult(r.Stdout); d != nil {
		if r.Stderr != "" && !d.Has("stderr") && value.Truth(d.At("failed")) {
			d.Set("module_stderr", r.Stderr)
		}
		if r.Stderr != "" {
			d.Set("_ansible_stderr", r.Stderr) // shown for asynchronous jobs
		}
		return withLines(d)
	}
	d := value.DictOf("failed", true, "changed", false, "module_stdout", r.Stdout, "module_stderr", r.Stderr,
		"msg", "MODULE FAILURE: No start of json char found\nSee stdout/stderr for the exact error", "rc", int64(r.RC))
	if strings.Contains(r.Stderr, "Traceback") {
		d.Set("exception", r.Stderr)
	}
	return d
}

func findResult(text string) *value.Dict {
	all := strings.Split(text, "\n")
	i := slices.IndexFunc(all, func(l string) bool { return strings.HasPrefix(strings.TrimLeft(l, " \t"), "{") })
	if i < 0 {
		return nil
	}
	j := len(all)
	for j > i && !strings.HasSuffix(strings.TrimRight(all[j-1], " \t\r"), "}") {
		j--
	}
	v, err := value.ParseJSON([]byte(strings.Join(all[i:j], "\n")))
	d, ok := v.(*value.Dict)
	if err != nil || !ok {
		return nil
	}
	if rest := strings.TrimSpace(strings.Join(all[j:], "\n")); rest != "" {
		w, _ := d.At("warnings").(*value.List)
		if w == nil {
			w = value.NewList()
		}
		w.Append("Module invocation had junk after the JSON data: " + rest)
		d.Set("warnings", w)
	}
	return d
}

// withLines adds stdout_lines and stderr_lines where they are missing.
func withLines(d *value.Dict) *value.Dict {
	for _, k := range []string{"stdout", "stderr"} {
		v, ok := d.GetStr(k)
		s, isText := value.Text(v)
		if !ok || !isText || d.Has(k+"_lines") {
			continue
		}
		d.Set(k+"_lines", value.From(SplitLines(s)))
	}
	return d
}
