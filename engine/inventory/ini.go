package inventory

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

var (
	iniSection = regexp.MustCompile(`^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$`)
	iniGroup   = regexp.MustCompile(`^([^:\]\s]+)\s*(?:#.*)?$`)
)

// iniPending is a group that was spoken of before it was defined.
type iniPending struct {
	line    int
	vars    bool // by [x:vars], else as a child
	parents []string
}

type iniReader struct {
	inv     *Inventory
	file    string
	line    int
	group   string
	kind    string // hosts, vars or children
	pending map[string]*iniPending
	order   []string
}

// parseINI reads the INI format: sections [group], [group:vars] and
// [group:children]. Errors name file and line.
func (inv *Inventory) parseINI(file string, src []byte) error {
	r := &iniReader{inv: inv, file: file, group: "ungrouped", kind: "hosts", pending: map[string]*iniPending{}}
	for raw := range strings.Lines(strings.TrimPrefix(string(src), "\ufeff")) {
		r.line++
		line := strings.TrimSpace(raw)
		if line == "" || line[0] == ';' || line[0] == '#' {
			continue
		}
		var err error
		if iniSection.MatchString(line) || line[0] == '[' && line[len(line)-1] == ']' {
			err = r.section(line)
		} else {
			err = r.entry(line)
		}
		if err != nil {
			return err
		}
	}
	for _, name := range r.order {
		p := r.pending[name]
		if p == nil {
			continue
		}
		r.line = p.line
		if p.vars {
			return r.fail("Section [%s:vars] not valid for undefined group: %s", name, name)
		}
		return r.fail("Section [%s:children] includes undefined group: %s", p.parents[len(p.parents)-1], name)
	}
	return nil
}

func (r *iniReader) fail(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", r.file, r.line, fmt.Sprintf(format, args...))
}

func (r *iniReader) section(line string) error {
	m := iniSection.FindStringSubmatch(line)
	if m == nil {
		return r.fail("Invalid section entry: '%s'. Please make sure that there are no spaces in the section entry, and that there are no other invalid characters", line)
	}
	r.group, r.kind = r.inv.safeName(m[1]), m[2]
	switch r.kind {
	case "":
		r.kind = "hosts"
	case "hosts", "vars", "children":
	default:
		return r.fail("Section [%s:%s] has unknown type: %s", m[1], m[2], m[2])
	}
	_, known := r.inv.groups[r.group]
	p := r.pending[r.group]
	switch {
	case r.kind == "vars" && !known:
		if p == nil {
			r.wait(r.group, &iniPending{line: r.line, vars: true})
		}
		return nil
	case r.kind != "vars":
		r.inv.addGroup(r.group)
		if p != nil {
			delete(r.pending, r.group)
			for _, parent := range p.parents {
				if err := r.inv.addChild(parent, r.group); err != nil {
					return r.fail("%s", err)
				}
			}
		}
	}
	return nil
}

func (r *iniReader) wait(name string, p *iniPending) {
	r.pending[name] = p
	r.order = append(r.order, name)
}

func (r *iniReader) entry(line string) error {
	switch r.kind {
	case "hosts":
		return r.hosts(line)
	case "vars":
		return r.variable(line)
	}
	m := iniGroup.FindStringSubmatch(line)
	if m == nil {
		return r.fail("Expected group name, got: %s", line)
	}
	child := r.inv.safeName(m[1])
	if _, known := r.inv.groups[child]; !known {
		p := r.pending[child]
		if p == nil {
			p = &iniPending{}
			r.wait(child, p)
		}
		p.line, p.vars = r.line, false
		p.parents = append(p.parents, r.group)
		return nil
	}
	if err := r.inv.addChild(r.group, child); err != nil {
		return r.fail("%s", err)
	}
	return nil
}

func (r *iniReader) hosts(line string) error {
	tokens, err := shellSplit(line)
	if err != nil {
		return r.fail("Error parsing host definition '%s': %s", line, err)
	}
	if len(tokens) == 0 {
		return nil
	}
	if err := noYAML(tokens[0]); err != nil {
		return r.fail("%s", err)
	}
	names, port, err := expandHosts(tokens[0])
	if err != nil {
		return r.fail("%s", err)
	}
	vars := value.NewDict()
	for _, t := range tokens[1:] {
		k, v, ok := strings.Cut(t, "=")
		if !ok {
			return r.fail("Expected key=value host variable assignment, got: %s", t)
		}
		vars.Set(k, iniValue(v))
	}
	pos := value.Pos{File: r.file, Line: r.line}
	for _, n := range names {
		h, err := r.inv.addHost(n, r.group, port)
		if err != nil {
			return r.fail("%s", err)
		}
		for k, v := range vars.All() {
			r.inv.setVar(h.Vars, k.(string), value.Copy(v), pos)
		}
	}
	return nil
}

func (r *iniReader) variable(line string) error {
	k, v, ok := strings.Cut(line, "=")
	if !ok {
		return r.fail("Expected key=value, got: %s", line)
	}
	g := r.inv.groups[r.group]
	if g == nil {
		// The group may be defined further down: it is made now, and complained
		// of at the end if it never was.
		g = r.inv.addGroup(r.group)
	}
	if err := r.inv.setGroupVar(g, strings.TrimSpace(k), iniValue(strings.TrimSpace(v)), value.Pos{File: r.file, Line: r.line}); err != nil {
		return r.fail("%s", err)
	}
	return nil
}

// iniValue reads text as a Python literal where it is one.
func iniValue(s string) value.Value {
	if v, err := yaml.ParseLiteral(s); err == nil {
		return v
	}
	return s
}

// shellSplit splits as Python's shlex.split with comments: quotes, backslashes
// outside single quotes, and "#" up to the end of the line.
func shellSplit(s string) ([]string, error) {
	var out []string
	var cur []byte
	word := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			if word {
				out, cur, word = append(out, string(cur)), nil, false
			}
		case c == '#':
			i = len(s)
		case c == '\\':
			if i++; i >= len(s) {
				return nil, fmt.Errorf("No escaped character")
			}
			cur, word = append(cur, s[i]), true
		case c == '\'' || c == '"':
			word = true
			for i++; ; i++ {
				if i >= len(s) {
					return nil, fmt.Errorf("No closing quotation")
				}
				if s[i] == c {
					break
				}
				if s[i] == '\\' && c == '"' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
					i++
				}
				cur = append(cur, s[i])
			}
		default:
			cur, word = append(cur, c), true
		}
	}
	if word {
		out = append(out, string(cur))
	}
	return out, nil
}
