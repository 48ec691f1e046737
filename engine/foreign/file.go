package foreign

import (
	"bytes"
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

func sorted(m map[string][]byte) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// runFile runs a module that is not new-style: it is put into a temporary
// folder on the target, with a file of arguments where it reads one.
func (m *Modules) runFile(c *action.Context, s remote.Session, p *payload, args *value.Dict) (*value.Dict, error) {
	dir, err := s.TempDir(c)
	if err != nil {
		return nil, err
	}
	j, err := value.DumpJSON(args, value.JSONOptions{EscapeASCII: true})
	if err != nil {
		return nil, err
	}
	src, argFile := p.src, []byte(j)
	interp, opts := shebang(src)
	switch p.kind {
	case jsonArgs:
		src = bytes.ReplaceAll(src, []byte("<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"), []byte(j))
		argFile = nil
	case oldStyle:
		argFile = []byte(words(args))
	}
	file := path.Join(dir, path.Base(p.file))
	if err := s.PutFile(c, file, bytes.NewReader(src), int64(len(src)), 0o700); err != nil {
		return nil, err
	}
	argv := []string{file}
	if p.kind != binary {
		if strings.HasPrefix(path.Base(interp), "python") {
			if interp, err = m.python(c, s); err != nil {
				return nil, err
			}
		} else if v, ok, _ := c.Templar.Var("ansible_" + path.Base(interp) + "_interpreter"); ok && v != nil {
			interp = value.Str(v)
		}
		if interp == "" {
			return nil, fmt.Errorf("module (%s) is missing interpreter line", path.Base(p.file))
		}
		argv = append(append(strings.Fields(interp), opts...), file)
	}
	if argFile != nil {
		a := path.Join(dir, "args-"+path.Base(p.file))
		if err := s.PutFile(c, a, bytes.NewReader(argFile), int64(len(argFile)), 0o600); err != nil {
			return nil, err
		}
		argv = append(argv, a)
	}
	r, err := s.Exec(c, &remote.Exec{Argv: argv, Env: c.Task.Env})
	if err != nil {
		return nil, err
	}
	return parse(r), nil
}

// shebang reads the interpreter of a script; env's is the program it names.
func shebang(src []byte) (interp string, opts []string) {
	line, _, _ := bytes.Cut(src, []byte("\n"))
	text, ok := strings.CutPrefix(string(line), "#!")
	if !ok {
		return "", nil
	}
	f := strings.Fields(text)
	if len(f) == 0 {
		return "", nil
	}
	if path.Base(f[0]) == "env" && len(f) > 1 {
		f = f[1:]
	}
	return f[0], f[1:]
}

// words writes arguments as k=v for modules that read them so.
func words(args *value.Dict) string {
	var parts []string
	for k, v := range args.All() {
		parts = append(parts, value.Str(k)+"="+quote(value.Str(v)))
	}
	return strings.Join(parts, " ")
}

func quote(s string) string {
	if s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./-_", r))
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}

// parse finds the module's JSON in its output: the first line that opens an
// object, up to the last that closes it.
func parse(r *remote.ExecResult) *value.Dict {
	text := string(r.Stdout)
	if d := findJSON(text); d != nil {
		out := lines(d)
		if len(r.Stderr) > 0 && !out.Has("stderr") && value.Truth(out.At("failed")) {
			out.Set("module_stderr", string(r.Stderr))
		}
		return out
	}
	d := value.DictOf("failed", true, "changed", false, "module_stdout", text, "module_stderr", string(r.Stderr),
		"msg", "MODULE FAILURE: No start of json char found\nSee stdout/stderr for the exact error", "rc", int64(r.RC))
	if strings.Contains(string(r.Stderr), "Traceback") {
		d.Set("exception", string(r.Stderr))
	}
	return d
}

func findJSON(text string) *value.Dict {
	all := strings.Split(text, "\n")
	for i, l := range all {
		t := strings.TrimLeft(l, " \t")
		if !strings.HasPrefix(t, "{") {
			continue
		}
		for j := len(all); j > i; j-- {
			if !strings.HasSuffix(strings.TrimRight(all[j-1], " \t\r"), "}") {
				continue
			}
			v, err := value.ParseJSON([]byte(strings.Join(all[i:j], "\n")))
			if d, ok := v.(*value.Dict); ok && err == nil {
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
		}
	}
	return nil
}

// lines adds stdout_lines and stderr_lines where they are missing.
func lines(d *value.Dict) *value.Dict {
	for _, k := range []string{"stdout", "stderr"} {
		v, ok := d.GetStr(k)
		s, isText := value.Text(v)
		if !ok || !isText || d.Has(k+"_lines") {
			continue
		}
		l := value.NewList()
		if s != "" {
			for _, x := range strings.Split(strings.TrimSuffix(s, "\n"), "\n") {
				l.Append(x)
			}
		}
		d.Set(k+"_lines", l)
	}
	return d
}
