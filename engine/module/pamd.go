package module

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

type pamdArgs struct {
	Name          string    `arg:"name,required" doc:"File of the PAM service, such as system-auth."`
	Type          string    `arg:"type,required,choices=account|-account|auth|-auth|password|-password|session|-session" doc:"Type of the rule."`
	Control       string    `arg:"control,required" doc:"Control of the rule."`
	ModulePath    string    `arg:"module_path,required" doc:"Module of the rule."`
	NewType       *string   `arg:"new_type,choices=account|-account|auth|-auth|password|-password|session|-session" doc:"Type to give it, or of the new rule."`
	NewControl    *string   `arg:"new_control" doc:"Control to give it, or of the new rule."`
	NewModulePath *string   `arg:"new_module_path" doc:"Module to give it, or of the new rule."`
	Arguments     *[]string `arg:"module_arguments" doc:"Arguments that replace the rule's, are added to or taken from them."`
	State         string    `arg:"state,default=updated,choices=absent|before|after|args_absent|args_present|updated" doc:"What to do with the rule, or where to put a new one."`
	Path          Path      `arg:"path,default=/etc/pam.d" doc:"Folder of the service files."`
	Backup        bool      `arg:"backup,default=false" doc:"Keep a copy of the file as it was."`
}

var pamdDef = &Def{
	Name:          "community.general.pamd",
	NullIsMissing: true,
	Short:         "Manage PAM Modules",
	Args:          func() any { return &pamdArgs{} },
	Run: func(c *Context, a any) *Result {
		r, err := runPamd(c, a.(*pamdArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
	RequiredIf: []RequiredIf{
		{Key: "state", Value: "args_present", Required: []string{"module_arguments"}},
		{Key: "state", Value: "args_absent", Required: []string{"module_arguments"}},
		{Key: "state", Value: "before", Required: []string{"new_control", "new_type", "new_module_path"}},
		{Key: "state", Value: "after", Required: []string{"new_control", "new_type", "new_module_path"}},
	},
}

// pamLine is a rule, or with no type another line as it is written.
type pamLine struct {
	text, typ, control, path string
	args                     []string
}

func (l *pamLine) String() string {
	if l.typ == "" {
		return l.text
	}
	return strings.TrimRight(fmt.Sprintf("%-11s%s %s %s", l.typ, l.control, l.path, strings.Join(l.args, " ")), " ")
}

func (l *pamLine) is(typ, control, path string) bool {
	return l.typ == typ && l.control == control && l.path == path
}

var (
	pamRule     = regexp.MustCompile(`^(-?(?:auth|account|session|password))\s+(\[.*?\]|\S+)\s+(\S+)\s*(.*)$`)
	pamArgument = regexp.MustCompile(`\[[^\]]*\]|\S+`)
)

func runPamd(c *Context, a *pamdArgs) (*Result, error) {
	file := filepath.Join(string(a.Path), a.Name)
	defer c.editing(file)()
	data, err := readFile(file)
	if err != nil {
		return nil, Errorf(fmt.Sprintf("Unable to open/read PAM module file %s with error %s.", file, pyError(err, file)))
	}
	lines, err := readPam(file, string(data))
	if err != nil {
		return nil, err
	}
	lines, count := a.edit(lines)
	for _, l := range lines {
		if err := l.check(); err != nil {
			return nil, err
		}
	}
	r := Changed(count > 0).Set("change_count", count).Set("backupdest", "")
	if count == 0 || c.Check {
		return r, nil
	}
	if a.Backup {
		name, err := c.backup(file)
		if err != nil {
			return nil, err
		}
		r.Set("backupdest", name)
	}
	_, err = c.writeFile(file, []byte(writePam(lines)), &FileArgs{}, nil, nil)
	return r, err
}

// readPam reads a service file; a backslash at its end continues a line.
func readPam(file, text string) ([]*pamLine, error) {
	var out []*pamLine
	all := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if text == "" {
		all = nil
	}
	for i := 0; i < len(all); i++ {
		at, s := i+1, strings.TrimSpace(all[i])
		for !strings.HasPrefix(s, "#") && strings.HasSuffix(s, `\`) && i+1 < len(all) {
			i++
			s = strings.TrimSuffix(s, `\`) + " " + strings.TrimSpace(all[i])
		}
		l := &pamLine{text: strings.TrimRight(all[at-1], "\r")}
		out = append(out, l)
		if s == "" || s[0] == '#' || strings.HasPrefix(s, "@include") {
			continue
		}
		m := pamRule.FindStringSubmatch(s)
		if m == nil {
			return nil, Errorf(fmt.Sprintf("%s, line %d: this is no PAM rule: %s", file, at, s))
		}
		l.typ, l.control, l.path, l.args = m[1], m[2], m[3], pamArgument.FindAllString(m[4], -1)
	}
	return out, nil
}

// writePam writes the lines, the second one saying when they were changed.
func writePam(lines []*pamLine) string {
	stamp := "# Updated by Ansible - " + time.Now().Format("2006-01-02T15:04:05.000000")
	var out []string
	for _, l := range lines {
		out = append(out, l.String())
	}
	switch {
	case len(out) < 2:
		out = append([]string{"", stamp}, out...)
	case strings.HasPrefix(out[1], "# Updated by Ansible"):
		out[1] = stamp
	default:
		out = slices.Insert(out, 1, stamp)
	}
	return strings.Join(out, "\n") + "\n"
}

// edit changes the lines and counts the changed ones.
func (a *pamdArgs) edit(lines []*pamLine) ([]*pamLine, int) {
	var given []string
	if a.Arguments != nil {
		given = pamArgument.FindAllString(strings.Join(*a.Arguments, " "), -1)
	}
	count := 0
	out := lines[:0:0]
	for i, l := range lines {
		if !l.is(a.Type, a.Control, a.ModulePath) {
			out = append(out, l)
			continue
		}
		switch a.State {
		case "absent":
			count++
			continue
		case "before", "after":
			n := &pamLine{typ: *a.NewType, control: *a.NewControl, path: *a.NewModulePath, args: given}
			if near := neighbour(lines, i, a.State == "after"); near != nil && near.is(n.typ, n.control, n.path) {
				break
			}
			count++
			if a.State == "before" {
				out = append(out, n, l)
			} else {
				out = append(out, l, n)
			}
			continue
		default:
			if a.change(l, given) {
				count++
			}
		}
		out = append(out, l)
	}
	return out, count
}

// neighbour is the rule before or after a line; comments are passed over, other lines not.
func neighbour(lines []*pamLine, i int, after bool) *pamLine {
	step := -1
	if after {
		step = 1
	}
	for i += step; i >= 0 && i < len(lines); i += step {
		if s := strings.TrimSpace(lines[i].text); lines[i].typ != "" || s != "" && s[0] != '#' {
			return lines[i]
		}
	}
	return nil
}

// change changes a rule in place.
func (a *pamdArgs) change(l *pamLine, given []string) bool {
	was := l.String()
	switch a.State {
	case "args_absent":
		l.args = slices.DeleteFunc(slices.Clone(l.args), func(s string) bool { return slices.Contains(given, s) })
	case "args_present":
		l.args = addPamArguments(slices.Clone(l.args), given)
	default:
		for _, n := range []struct{ to, from *string }{{&l.typ, a.NewType}, {&l.control, a.NewControl}, {&l.path, a.NewModulePath}} {
			if n.from != nil && *n.from != "" {
				*n.to = *n.from
			}
		}
		if a.Arguments != nil {
			l.args = given
		}
	}
	return l.String() != was
}

// addPamArguments adds what is missing, those without a value first; one with a value replaces the last one of its name.
func addPamArguments(args, given []string) []string {
	given = slices.Clone(given)
	hasValue := func(s string) bool { return strings.Contains(s, "=") && s[0] != '[' }
	slices.SortStableFunc(given, func(a, b string) int {
		switch {
		case hasValue(a) == hasValue(b):
			return 0
		case hasValue(a):
			return 1
		}
		return -1
	})
	for _, g := range given {
		key, _, _ := strings.Cut(g, "=")
		at := -1
		for i, s := range args {
			if k, _, ok := strings.Cut(s, "="); s == g || hasValue(g) && ok && k == key {
				at = i
			}
		}
		if at < 0 {
			args = append(args, g)
		} else {
			args[at] = g
		}
	}
	return args
}

var (
	pamControls = strings.Fields("required requisite sufficient optional include substack definitive")
	pamValues   = strings.Fields("success open_err symbol_err service_err system_err buf_err perm_denied auth_err cred_insufficient " +
		"authinfo_unavail user_unknown maxtries new_authtok_reqd acct_expired session_err cred_unavail cred_expired cred_err " +
		"no_module_data conv_err authtok_err authtok_recover_err authtok_lock_busy authtok_disable_aging try_again ignore abort " +
		"authtok_expired module_unknown bad_item conv_again incomplete default")
	pamActions = strings.Fields("ignore bad die ok done reset")
)

// check checks a rule's control.
func (l *pamLine) check() error {
	wrong := func(what, s string) error {
		return Errorf(fmt.Sprintf("Rule control%s, %s, is not valid in rule %s", what, s, l))
	}
	if l.typ == "" {
		return nil
	}
	inner, bracketed := strings.CutPrefix(l.control, "[")
	if !bracketed {
		if !slices.Contains(pamControls, l.control) {
			return wrong("", l.control)
		}
		return nil
	}
	for _, s := range strings.Fields(strings.TrimSuffix(inner, "]")) {
		v, action, _ := strings.Cut(s, "=")
		if !slices.Contains(pamValues, v) {
			return wrong(" value", v)
		}
		if !slices.Contains(pamActions, action) && (action == "" || strings.Trim(action, "0123456789") != "") {
			return wrong(" action", action)
		}
	}
	return nil
}
