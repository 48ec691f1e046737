package facts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// localFacts reads the *.fact files of fact_path: executable ones are run.
func localFacts(h *host, d *value.Dict) {
	out := value.NewDict()
	d.Set("local", out)
	dir := h.opt.FactPath
	if dir == "" {
		dir = "/etc/ansible/facts.d"
	}
	files, _ := filepath.Glob(filepath.Join(h.path(dir), "*.fact"))
	sort.Strings(files)
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".fact")
		if strings.HasPrefix(filepath.Base(f), ".") {
			continue // hidden, as glob in Python sees it
		}
		text, problem := h.factText(f)
		if problem == "" {
			v, err := parseFact(text)
			if err == nil {
				out.Set(name, v)
				continue
			}
			problem = fmt.Sprintf("error loading facts as JSON or ini - please check content: %s: %s", f, err)
			var option optionError
			if errors.As(err, &option) {
				problem = fmt.Sprintf("error loading facts as ini - please check content: %s (%s)", f, err)
			}
		}
		out.Set(name, problem)
		h.warn(problem)
	}
}

func (h *host) factText(file string) (text, problem string) {
	st, err := os.Stat(file)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("[Errno 2] No such file or directory: '%s'", file)
		}
		return "", fmt.Sprintf("Could not stat fact (%s): %s", file, err)
	}
	var b []byte
	if st.Mode()&0o100 != 0 {
		ctx, cancel := context.WithTimeout(h.ctx, h.opt.Timeout)
		defer cancel()
		cmd := exec.CommandContext(ctx, file)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		cmd.Env = append(os.Environ(), h.opt.Env...)
		cmd.WaitDelay = time.Second
		b, err = cmd.Output()
		var exit *exec.ExitError
		switch {
		case ctx.Err() != nil && h.ctx.Err() == nil:
			return "", fmt.Sprintf("Failure executing fact script (%s): no answer within %s", file, h.opt.Timeout)
		case errors.As(err, &exit):
			return "", fmt.Sprintf("Failure executing fact script (%s), rc: %d, err: %s", file, exit.ExitCode(), stderr.String())
		case err != nil:
			return "", fmt.Sprintf("Could not execute fact script (%s): %s", file, err)
		}
	} else if b, err = os.ReadFile(file); err != nil {
		return "", fmt.Sprintf("Could not read fact (%s): %s", file, err)
	}
	if !utf8.Valid(b) {
		return "", fmt.Sprintf("error loading fact - output of running %q was not utf-8", file)
	}
	return string(b), ""
}

func parseFact(text string) (value.Value, error) {
	if v, err := value.ParseJSON([]byte(text)); err == nil {
		return v, nil
	}
	return parseINI(text)
}

// optionError is an option whose value cannot be read, in a file that otherwise can.
type optionError string

func (e optionError) Error() string { return string(e) }

// parseINI reads an ini file as Python's configparser: sections, option names
// in lower case, "=" or ":", continuation lines, %(name)s, [DEFAULT].
func parseINI(text string) (*value.Dict, error) {
	sections, defaults := value.NewDict(), value.NewDict()
	var cur *value.Dict
	last := ""
	for n, raw := range strings.Split(text, "\n") {
		l := strings.TrimRight(raw, " \t\r")
		t := strings.TrimSpace(l)
		switch {
		case t == "" || t[0] == '#' || t[0] == ';':
			continue
		case (raw[0] == ' ' || raw[0] == '\t') && cur != nil && last != "":
			old, _ := value.Text(cur.At(last))
			cur.Set(last, strings.TrimPrefix(old+"\n"+t, "\n"))
		case t[0] == '[' && strings.Contains(t, "]"):
			name := t[1:strings.LastIndex(t, "]")]
			last = ""
			if name == "DEFAULT" {
				cur = defaults
				continue
			}
			if sections.Has(name) {
				return nil, fmt.Errorf("line %d: section '%s' already exists", n+1, name)
			}
			cur = value.NewDict()
			sections.Set(name, cur)
		case cur == nil:
			return nil, fmt.Errorf("line %d: no section header before %q", n+1, t)
		default:
			i := strings.IndexAny(t, "=:")
			if i <= 0 {
				return nil, fmt.Errorf("line %d: no '=' in %q", n+1, t)
			}
			last = strings.ToLower(strings.TrimSpace(t[:i]))
			if cur.Has(last) {
				return nil, fmt.Errorf("line %d: option '%s' already exists", n+1, last)
			}
			cur.Set(last, strings.TrimSpace(t[i+1:]))
		}
	}
	out := value.NewDict()
	for name, v := range sections.All() {
		s := v.(*value.Dict)
		merged := s.Clone()
		for k, dv := range defaults.All() {
			if _, had := merged.Get(k); !had {
				merged.Set(k, dv)
			}
		}
		for _, k := range merged.Keys() {
			v, _ := merged.Get(k)
			t, _ := value.Text(v)
			x, err := interpolate(t, merged, 0)
			if err != nil {
				return nil, optionError(fmt.Sprintf("section '%s', option '%s': %s", value.Str(name), value.Str(k), err))
			}
			s.Set(k, x)
		}
		out.Set(name, s)
	}
	return out, nil
}

func interpolate(s string, vars *value.Dict, depth int) (string, error) {
	if !strings.Contains(s, "%") {
		return s, nil
	}
	if depth > 10 {
		return "", errors.New("values refer to each other")
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '%':
			b.WriteByte(s[i])
		case strings.HasPrefix(s[i:], "%%"):
			b.WriteByte('%')
			i++
		case strings.HasPrefix(s[i:], "%("):
			end := strings.Index(s[i:], ")s")
			if end < 0 {
				return "", fmt.Errorf("bad reference %q", s[i:])
			}
			name := strings.ToLower(s[i+2 : i+end])
			v, ok := value.Text(vars.At(name))
			if !ok {
				return "", fmt.Errorf("refers to the missing option '%s'", name)
			}
			x, err := interpolate(v, vars, depth+1)
			if err != nil {
				return "", err
			}
			b.WriteString(x)
			i += end + 1
		default:
			return "", fmt.Errorf("'%%' must be followed by '%%' or '(', found: %q", s[i:])
		}
	}
	return b.String(), nil
}
