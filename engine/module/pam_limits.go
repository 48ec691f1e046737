package module

import (
	"fmt"
	"strconv"
	"strings"
)

type pamLimitsArgs struct {
	Domain    string `arg:"domain,required" doc:"User name, @group, wildcard, or a range of ids."`
	LimitType string `arg:"limit_type,required,choices=soft|hard|-" doc:"Kind of limit."`
	LimitItem string `arg:"limit_item,required,choices=core|data|fsize|memlock|nofile|rss|stack|cpu|nproc|as|maxlogins|maxsyslogins|priority|locks|sigpending|msgqueue|nice|rtprio|chroot" doc:"What is limited."`
	Value     string `arg:"value,required" doc:"The limit: a number, unlimited, infinity or -1."`
	Backup    bool   `arg:"backup,default=false" doc:"Keep a copy of the file as it was."`
	UseMin    bool   `arg:"use_min,default=false" doc:"Keep the smaller of the two values."`
	UseMax    bool   `arg:"use_max,default=false" doc:"Keep the larger of the two values."`
	Dest      Path   `arg:"dest,default=/etc/security/limits.conf" doc:"The file to change."`
	Comment   string `arg:"comment" default:"" doc:"Comment for the line."`
}

var pamLimitsDef = &Def{
	Name:  "community.general.pam_limits",
	Short: "Modify Linux PAM limits",
	Args:  func() any { return &pamLimitsArgs{} },
	Run: func(c *Context, a any) *Result {
		r, err := pamLimits(c, a.(*pamLimitsArgs))
		if err != nil {
			return FailErr(err)
		}
		r.NoPathInfo = true
		return r
	},
}

// limitValue reads a limit; unlimited sorts above every number.
func limitValue(s, item string) (n int64, unlimited bool, err error) {
	switch s {
	case "unlimited", "infinity", "-1":
		if item != "nice" && item != "priority" || s != "-1" {
			return 0, true, nil
		}
	}
	n, e := strconv.ParseInt(s, 10, 64)
	if e != nil || n < 0 && item != "nice" && item != "priority" {
		return 0, false, Errorf(fmt.Sprintf(" Value of %s for item '%s' is invalid. Value must either be 'unlimited', 'infinity' or -1, all of which indicate no limit, or a limit of 0 or larger. Refer to the limits.conf(5) manual pages for more details.", "'"+s+"'", item))
	}
	if (item == "nice" || item == "priority") && (n < -20 || n > 19) {
		return 0, false, Errorf(fmt.Sprintf(" Value of '%s' for item '%s' is invalid. Value must be a number in the range -20 to 19 inclusive. Refer to the limits.conf(5) manual pages for more details.", s, item))
	}
	return n, false, nil
}

func pamLimits(c *Context, p *pamLimitsArgs) (*Result, error) {
	dest := string(p.Dest)
	defer c.editing(dest)()
	if p.UseMin && p.UseMax {
		return nil, Errorf("Cannot use use_min and use_max at the same time.")
	}
	wantN, wantInf, err := limitValue(p.Value, p.LimitItem)
	if err != nil {
		return nil, err
	}
	data, err := readFile(dest)
	exists := err == nil
	if err != nil && !notExist(err) {
		return nil, Errorf(fmt.Sprintf("%s is not readable: %s", dest, strerror(err)))
	}
	if !exists && !isFolder(parentOf(dest)) {
		return nil, Errorf(fmt.Sprintf("directory %s is not writable (check presence, access rights, use sudo)", parentOf(dest)))
	}
	final := p.Value
	line := func() string {
		l := p.Domain + "\t" + p.LimitType + "\t" + p.LimitItem + "\t" + final
		if p.Comment != "" {
			l += "\t#" + p.Comment
		}
		return l + "\n"
	}
	var out []string
	found, message := false, ""
	for _, l := range splitKeepEnds(string(data)) {
		body, comment, hasComment := strings.Cut(l, "#")
		f := strings.Fields(body)
		if len(f) != 4 || f[0] != p.Domain || f[1] != p.LimitType || f[2] != p.LimitItem {
			out = append(out, l)
			continue
		}
		if found { // a duplicate
			continue
		}
		found = true
		oldN, oldInf, err := limitValue(f[3], p.LimitItem)
		if err == nil {
			if p.UseMin && (wantInf || !oldInf && oldN < wantN) || p.UseMax && (oldInf || !wantInf && oldN > wantN) {
				final = f[3]
			}
		}
		if p.Comment == "" && hasComment {
			p.Comment = strings.TrimRight(comment, "\n")
		}
		if f[3] == final { // another comment alone changes nothing
			message = l
			out = append(out, l)
			continue
		}
		message = line()
		out = append(out, message)
	}
	if !found {
		if n := len(out); n > 0 && !strings.HasSuffix(out[n-1], "\n") {
			out[n-1] += "\n"
		}
		message = line()
		out = append(out, message)
	}
	before, after := string(data), strings.Join(out, "")
	r := Changed(before != after).WithMsg(message)
	r.AddDiff(Diff{Before: before, After: after})
	if !r.Changed || c.Check {
		return r, nil
	}
	if p.Backup && exists {
		name, err := c.backup(dest)
		if err != nil {
			return nil, err
		}
		r.Set("backup_file", name)
	}
	_, err = c.replaceFile(dest, []byte(after), &FileArgs{}, nil, nil)
	return r, err
}

func parentOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}
