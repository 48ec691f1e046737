package conform

import (
	"encoding/json"
	"os"
	"os/user"
	"regexp"
	"slices"
	"strings"
)

// normal makes answers comparable: times, inode numbers, temporary names and folders are replaced.
type normal struct {
	case_ *Case
	paths *strings.Replacer
	me    bool // not root: own ids stand for root's
	user  string
	group string
}

func newNormal(p Place, dir string, c *Case) *normal {
	n := &normal{case_: c, paths: strings.NewReplacer()}
	if dir != "" {
		n.paths = strings.NewReplacer(dir, "DIR", p.Local, "LOCAL", p.URL, "URL", strings.TrimPrefix(p.URL, "http://"), "URLHOST")
	}
	if u, err := user.Current(); err == nil && os.Geteuid() != 0 {
		n.me, n.user = true, u.Username
		if g, err := user.LookupGroupId(u.Gid); err == nil {
			n.group = g.Name
		}
	}
	return n
}

// dropped are return values that tell of the machinery or of the file system.
var dropped = map[string]bool{"exception": true, "module_stdout": true, "module_stderr": true, "discovered_interpreter_python": true, "deprecations": true,
	"attr_flags": true, "blocks": true, "block_size": true, "device_type": true, "version": true, "writeable": true, "attempts": true}

// times are return values that are never the same twice.
var times = map[string]bool{"start": true, "end": true, "delta": true, "elapsed": true, "atime": true, "mtime": true, "ctime": true, "ino": true, "inode": true,
	"dev": true, "date": true, "last_modified": true, "ansible_job_id": true, "birthtime": true, "pid": true, "cache_update_time": true}

// unordered are return values whose order is the file system's or a set's.
var unordered = map[string]bool{"files": true, "matched": true, "expanded_paths": true, "diff": true}

var patterns = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~`), ".BACKUP~"},
	{regexp.MustCompile(`/[^\s'"]*/ansible-moduletmp-[0-9A-Z.]+-[a-z0-9_]+/tmp[a-z0-9_]+`), "TMPF"},
	{regexp.MustCompile(`(\.{3}|/)[^\s'"]*/([\w.-]*?(_all|noarch))[a-z0-9_]{8,10}\.(deb|rpm)|\.{3}/([\w.-]*?_all)[a-z0-9_]{8,10}\.deb`), "TMP/$2$5"},
	{regexp.MustCompile(`/[^\s'"]*/\.ansible/tmp/ansible-tmp-[\d.-]+/`), "TMP/"},
	{regexp.MustCompile(`/[^\s'"]*/\.ansible_async/(j\d+\.\d+)?`), "ASYNC/"},
	{regexp.MustCompile(`/tmp/ansible-tmp-\d+/`), "TMP/"},
	{regexp.MustCompile(`/[^\s'"]*/tmp(\d{1,10}|[a-z0-9_]{8})\b`), "TMPF"},
	{regexp.MustCompile(`/[^\s'"]*/lab/\.work/id_ed25519`), "LABKEY"},
	{regexp.MustCompile(`(^|[\s"'])/[^\s'"]*/bin/rsync\b`), "$1/usr/bin/rsync"}, // the controller's
	{regexp.MustCompile(`Valid booleans include: .*`), "Valid booleans include: ..."},
	{regexp.MustCompile(`/[^\s'"]*/ansible-local-[a-z0-9_]+/tmp[a-z0-9_]+`), "TMPF"},
	{regexp.MustCompile(`\.ansible_tmp[A-Za-z0-9_]+`), ".ansible_tmp"},
	{regexp.MustCompile(`ansible\.[a-z0-9_]{8}`), "ansible.XXXXXXXX"},
	{regexp.MustCompile(`/tmp/ansible_[a-z_.]+_payload_[a-z0-9_]+/ansible_[a-z_.]+_payload\.zip/`), ""},
	{regexp.MustCompile(`(\(Reading database \.\.\. [^()]*)+\(?.*?installed\.\)`), "(Reading database)"},
	{regexp.MustCompile(`\[\d+ k?B\]|0 B/\d+ k?B of archives`), "SIZE"},
	{regexp.MustCompile(`\b1[6-9]\d{8}\.\d{5,}\b`), "TIME"},
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?`), "TIME"},
	{regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT`), "TIME"},
}

// onlyLooks matches commands that change nothing: which of them a module needs is its own affair.
var onlyLooks = regexp.MustCompile(`^/usr/sbin/ufw (status|--version)|^/usr/bin/grep `)

func (n *normal) text(s string) string {
	s = n.paths.Replace(s)
	for _, p := range patterns {
		s = p.re.ReplaceAllString(s, p.to)
	}
	return s
}

func (n *normal) result(r map[string]any) map[string]any {
	m, _ := n.value("", r).(map[string]any)
	return m
}

func (n *normal) value(at string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		isDir := v["state"] == "directory" || v["state"] == "link" || v["isdir"] == true || v["islnk"] == true
		m := map[string]any{}
		for k, e := range v {
			where := strings.TrimPrefix(at+"."+k, ".")
			if num, is := e.(json.Number); is {
				e = n.value(where, num)
			}
			switch _, simple := e.(map[string]any); {
			case at == "status" && strings.HasSuffix(k, "Timestamp"): // only there when the unit has been that
			case at == "status":
				m[k] = unitProperty(k, e)
			case n.ignored(where), dropped[k] && !strings.HasPrefix(where, "invocation."), k == "attributes" && !strings.HasPrefix(where, "invocation."):
			case times[k] && !simple && e != nil && !strings.HasPrefix(where, "invocation."):
				m[k] = "TIME"
			case isDir && (k == "size" || k == "nlink"):
				m[k] = "ANY"
			case n.me && (k == "uid" && e == float64(os.Geteuid()) || k == "gid" && e == float64(os.Getegid())):
				m[k] = 0.0
			case n.me && (k == "owner" || k == "pw_name") && e == n.user, n.me && (k == "group" || k == "gr_name") && e == n.group:
				m[k] = "root"
			default:
				m[n.text(k)] = n.value(where, e)
			}
		}
		return m
	case []any:
		if at == "commands" {
			v = slices.DeleteFunc(slices.Clone(v), func(e any) bool { s, ok := e.(string); return ok && onlyLooks.MatchString(s) })
		}
		l := make([]any, 0, len(v))
		for _, e := range v {
			if s, ok := e.(string); !ok || !aptProgress.MatchString(s) {
				l = append(l, n.value(at, e))
			}
		}
		if strings.Contains(at, "path_content") || unordered[at] || at == "results" && onlyText(l) { // in the order of the file system
			slices.SortFunc(l, func(a, b any) int { return strings.Compare(show(a), show(b)) })
		}
		return l
	case string:
		return n.text(v)
	case json.Number:
		if len(v) > 18 && !strings.ContainsAny(string(v), ".eE") {
			return string(v)
		}
		f, _ := v.Float64()
		return f
	}
	return v
}

var aptProgress = regexp.MustCompile(`^\(Reading database \.\.\. (\d+%)?$`)

// onlyText tells dnf's list of packages, in the order of a set, from the results of a loop.
func onlyText(l []any) bool {
	return !slices.ContainsFunc(l, func(e any) bool { _, is := e.(string); return !is })
}

var (
	unitNumbers = regexp.MustCompile(`Timestamp|PID|^InvocationID$|^ControlGroupId$|^(CPU|Memory|IO|IP|Tasks)(Usage|Current|Available|Peak|Egress|Ingress|Read|Write)|^StatusText$`)
	unitLists   = regexp.MustCompile(`^(After|Before|Requires|Wants|WantedBy|RequiredBy|Conflicts|Names|TriggeredBy|Documentation|BindsTo|PartOf|ConsistsOf|RequiresMountsFor|SystemCallFilter)$`)
	unitExec    = regexp.MustCompile(`(start_time|stop_time)=\[[^]]*\]|pid=\d+`)
)

// unitProperty makes a unit's property comparable: no numbers that each start changes, lists in order.
func unitProperty(name string, v any) any {
	s, ok := v.(string)
	switch {
	case !ok:
	case unitNumbers.MatchString(name):
		return "ANY"
	case unitLists.MatchString(name):
		return strings.Join(slices.Sorted(slices.Values(strings.Fields(s))), " ")
	default:
		return unitExec.ReplaceAllString(s, "ANY")
	}
	return v
}

func (n *normal) ignored(where string) bool {
	for _, i := range n.case_.Ignore {
		if i == where {
			return true
		}
	}
	return false
}

// look is what a look printed, line by line.
func (n *normal) look(out string) []string {
	if n.me {
		out = strings.ReplaceAll(out, " "+n.user+":"+n.group+" ", " root:root ")
	}
	return strings.Split(strings.TrimRight(n.text(out), "\n"), "\n")
}
