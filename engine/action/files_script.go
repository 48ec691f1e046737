package action

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

func scriptAction(c *Context) (*value.Dict, error) {
	raw := argText(c.Args, "_raw_params")
	if raw == "" {
		raw = argText(c.Args, "cmd")
	}
	raw = strings.TrimLeft(raw, " \t\n")
	if raw == "" {
		return Fail("one of the following is required: _raw_params, cmd"), nil
	}
	for k := range c.Args.All() {
		switch value.Str(k) {
		case "_raw_params", "cmd", "creates", "removes", "chdir", "executable", "decrypt":
		default:
			return Fail(fmt.Sprintf("Unsupported parameters for (script) module: %s. Supported parameters include: _raw_params, chdir, cmd, creates, decrypt, executable, removes.", value.Str(k))), nil
		}
	}
	name, rest := firstWord(raw)
	args := value.DictOf("line", rest)
	for _, k := range []string{"creates", "removes", "chdir", "executable"} {
		if v := c.Args.At(k); v != nil && value.Str(v) != "" {
			args.Set(k, v)
		}
	}
	args.Set("name", filepath.Base(name))
	path, err := c.Find("files", name)
	if err != nil {
		return Fail(err.Error()), nil
	}
	fi, err := os.Stat(path)
	if err != nil {
		return Fail(err.Error()), nil
	}
	f := &localFile{path: path, rel: filepath.Base(path), mode: fi.Mode()}
	if err := f.load(c); err != nil {
		return Fail(err.Error()), nil
	}
	var blob []byte
	if !c.Task.Check {
		if f.data != nil && f.size <= remote.BlobMax {
			blob = f.data
		} else {
			e := value.NewDict()
			if _, err := f.send(c, e); err != nil {
				return nil, err
			}
			args.Set("staged", e.At("staged"))
		}
	}
	r, err := c.Module(module.ScriptModule, args, blob)
	if err != nil {
		return nil, err
	}
	r.Delete("invocation")
	return r, nil
}

// firstWord cuts the script's name, which may be quoted, from its arguments.
func firstWord(s string) (word, rest string) {
	if s[0] == '"' || s[0] == '\'' {
		if i := strings.IndexByte(s[1:], s[0]); i >= 0 {
			return s[1 : i+1], s[i+2:]
		}
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if s[i] == ' ' || s[i] == '\t' || s[i] == '\n' {
			return strings.ReplaceAll(s[:i], `\ `, " "), s[i:]
		}
	}
	return strings.ReplaceAll(s, `\ `, " "), ""
}

func rawAction(c *Context) (*value.Dict, error) {
	if c.Task.Check {
		return value.DictOf("changed", false, "skipped", true), nil
	}
	line := argText(c.Args, "_raw_params")
	if line == "" {
		line = argText(c.Args, "cmd")
	}
	if exe := argText(c.Args, "executable"); exe != "" {
		line = exe + " -c " + shellQuote(line)
	}
	if len(c.Task.Env) > 0 {
		c.Warn("raw module does not support the environment keyword")
	}
	res, err := c.Raw(line, nil)
	if err != nil {
		return nil, err
	}
	r := value.DictOf("changed", true, "rc", int64(res.RC),
		"stdout", value.Unsafe(res.Stdout), "stdout_lines", value.MarkUnsafe(value.From(module.SplitLines(string(res.Stdout)))),
		"stderr", value.Unsafe(res.Stderr), "stderr_lines", value.MarkUnsafe(value.From(module.SplitLines(string(res.Stderr)))))
	if res.RC != 0 {
		r.Set("failed", true)
		r.Set("msg", "non-zero return code")
	}
	return r, nil
}

func shellQuote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}

// uriAction sends a body from files of the controller along.
func uriAction(c *Context) (*value.Dict, error) {
	src := argText(c.Args, "src")
	remoteSrc := asBool(c.Args.At("remote_src"), false)
	body, isDict := c.Args.At("body").(*value.Dict)
	if argText(c.Args, "body_format") == "form-multipart" && isDict && !remoteSrc {
		form, err := multipartFiles(c, body)
		if err != nil {
			return Fail(err.Error()), nil
		}
		args := c.Args.Clone()
		args.Set("body", form)
		return c.Module("ansible.legacy.uri", args, nil)
	}
	if src == "" || remoteSrc {
		return c.Module("ansible.legacy.uri", c.Args, nil)
	}
	path, err := c.Find("files", src)
	if err != nil {
		return Fail(err.Error()), nil
	}
	f := &localFile{path: path, rel: filepath.Base(path)}
	if err := f.load(c); err != nil {
		return Fail(err.Error()), nil
	}
	if f.data != nil {
		return c.Module("ansible.legacy.uri", c.Args, f.data)
	}
	e := value.NewDict()
	if _, err := f.send(c, e); err != nil {
		return nil, err
	}
	args := c.Args.Clone()
	args.Set("src", e.At("staged"))
	return c.Module("ansible.legacy.uri", args, nil)
}

// multipartFiles puts the content of the files a form names into the form.
func multipartFiles(c *Context, body *value.Dict) (*value.Dict, error) {
	out := value.NewDict()
	for k, v := range body.All() {
		f, ok := v.(*value.Dict)
		if name := argText(orEmpty(f), "filename"); ok && name != "" && !f.Has("content") {
			path, err := c.Find("files", name)
			if err != nil {
				return nil, err
			}
			data, err := c.ReadFile(path)
			if err != nil {
				return nil, err
			}
			f = f.Clone()
			f.Set("content", value.Unsafe(data))
			f.Set("filename", filepath.Base(path))
			f.Set("_goplay_file", true)
			v = f
		}
		out.Set(k, v)
	}
	return out, nil
}

func orEmpty(d *value.Dict) *value.Dict {
	if d == nil {
		return value.NewDict()
	}
	return d
}
