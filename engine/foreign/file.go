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

// fileRequest describes how a module that is not new-style is run: from a
// temporary file, with a file of arguments where it reads one.
func (m *Modules) fileRequest(c *action.Context, s remote.Session, p *payload, args *value.Dict) (req *value.Dict, src []byte, err error) {
	j, err := value.DumpJSON(args, value.JSONOptions{EscapeASCII: true})
	if err != nil {
		return nil, nil, err
	}
	src = p.src
	req = value.DictOf("file", path.Base(p.file))
	switch p.kind {
	case jsonArgs:
		src = bytes.ReplaceAll(src, []byte("<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"), []byte(j))
	case oldStyle:
		req.Set("args", words(args))
	default:
		req.Set("args", j)
	}
	argv := value.NewList("{file}")
	if p.kind != binary {
		interp, opts := shebang(src)
		if strings.HasPrefix(path.Base(interp), "python") {
			if interp, err = m.python(c, s); err != nil {
				return nil, nil, err
			}
		} else if v, ok := interpreterVar(c, path.Base(interp)); ok {
			interp = v
		}
		if interp == "" {
			return nil, nil, fmt.Errorf("module (%s) is missing interpreter line", path.Base(p.file))
		}
		argv = value.NewList()
		for _, w := range append(strings.Fields(interp), opts...) {
			argv.Append(w)
		}
		argv.Append("{file}")
	}
	if req.Has("args") {
		argv.Append("{args}")
	}
	req.Set("argv", argv)
	return req, src, nil
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
	return strings.Join(parts, " ") + " "
}

func quote(s string) string {
	if s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./-_", r))
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}
