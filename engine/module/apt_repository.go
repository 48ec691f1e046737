package module

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
)

type aptRepositoryArgs struct {
	Codename         *string `arg:"codename" doc:"Code name for a PPA; the host's own when not given."`
	Filename         *string `arg:"filename" doc:"File in sources.list.d, without .list."`
	InstallPythonApt bool    `arg:"install_python_apt,default=true" doc:"Has no effect: no Python library is needed."`
	Mode             Mode    `arg:"mode,type=raw" doc:"Permissions of the file."`
	Repo             string  `arg:"repo,required" doc:"Line as in sources.list, or ppa:owner/name."`
	State            string  `arg:"state,default=present,choices=absent|present" doc:"Whether the source is there."`
	UpdateCache      bool    `arg:"update_cache,alias=update-cache,default=true" doc:"Update the package lists after a change."`
	UpdateRetries    int     `arg:"update_cache_retries,default=5" doc:"How often to try the update again."`
	UpdateRetryDelay int     `arg:"update_cache_retry_max_delay,default=12" doc:"Longest pause between those, in seconds."`
	ValidateCerts    bool    `arg:"validate_certs,default=true" doc:"Check the certificate of the PPA's server."`
}

var aptRepositoryDef = &Def{
	Name:  "ansible.builtin.apt_repository",
	Short: "Add and remove APT repositories",
	Args:  func() any { return &aptRepositoryArgs{} },
	Run:   runAptRepository,
}

// aptSource is one line of a sources file.
type aptSource struct {
	enabled bool
	valid   bool
	source  string // normalised: type, options, URI, suite, components
	comment string
	line    string // as it was
}

var reAptSource = regexp.MustCompile(`^(deb|deb-src)\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S.*)$`)

func parseAptSource(line string) aptSource {
	s := aptSource{line: line, enabled: true}
	t := strings.TrimSpace(line)
	if rest, ok := strings.CutPrefix(t, "#"); ok {
		s.enabled = false
		t = strings.TrimSpace(strings.TrimLeft(rest, "#"))
	}
	if i := strings.Index(t, "#"); i > 0 {
		s.comment = strings.TrimSpace(t[i+1:])
		t = strings.TrimSpace(t[:i])
	}
	m := reAptSource.FindStringSubmatch(t)
	if m == nil {
		return s
	}
	s.valid = true
	parts := []string{m[1]}
	if o := strings.Join(strings.Fields(strings.Trim(strings.TrimSpace(m[2]), "[]")), " "); o != "" {
		parts = append(parts, "["+o+"]")
	}
	s.source = strings.Join(append(append(parts, m[3]), strings.Fields(m[4])...), " ")
	return s
}

const aptListDir = "/etc/apt/sources.list.d"

func runAptRepository(c *Context, args any) *Result {
	a := args.(*aptRepositoryArgs)
	repo := strings.TrimSpace(a.Repo)
	if repo == "" {
		return Fail("Please set argument 'repo' to a non-empty value")
	}
	file := ""
	if strings.HasPrefix(repo, "ppa:") {
		line, name, err := c.ppa(repo, a)
		if err != nil {
			return FailErr(err)
		}
		repo, file = line, name
	}
	want := parseAptSource(repo)
	if !want.valid || !want.enabled {
		return Fail("Invalid repository string: %s", a.Repo)
	}
	if a.Filename != nil {
		file = *a.Filename
	}
	if file == "" {
		file = suggestAptFile(want.source)
	}
	if !strings.HasPrefix(file, "/") {
		file = filepath.Join(aptListDir, file)
	}
	if !strings.HasSuffix(file, ".list") {
		file += ".list"
	}
	files, _ := filepath.Glob(aptListDir + "/*.list")
	sort.Strings(files)
	files = append([]string{"/etc/apt/sources.list"}, files...)
	before, after := map[string]string{}, map[string]string{}
	for _, f := range files {
		b, err := readFile(f)
		if err == nil {
			before[f] = string(b)
		} else if !notExist(err) {
			return Fail("Failed to read %s: %s", f, strerror(err))
		}
	}
	there := false
	for f, text := range before {
		out, found := editAptSources(text, want.source, a.State == "present")
		there = there || found
		after[f] = out
	}
	if a.State == "present" && !there {
		text := after[file]
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		line := want.source
		if want.comment != "" {
			line += " # " + want.comment
		}
		after[file] = text + line + "\n"
	}
	res := OK().Set("repo", a.Repo).Set("state", a.State)
	var touched []string
	for f := range after {
		if after[f] != before[f] {
			touched = append(touched, f)
		}
	}
	sort.Strings(touched)
	res.Changed = len(touched) > 0
	added, removed := []string{}, []string{}
	for _, f := range touched {
		_, had := before[f]
		switch {
		case !had:
			added = append(added, f)
		case after[f] == "" && f != "/etc/apt/sources.list":
			removed = append(removed, f)
		}
	}
	if c.Diff && res.Changed { // of all files, as the reference
		for _, f := range slices.Sorted(maps.Keys(after)) {
			_, had := before[f]
			d := Diff{Before: before[f], After: after[f], BeforeHeader: f, AfterHeader: f}
			if !had {
				d.BeforeHeader = "/dev/null"
			}
			if after[f] == "" {
				d.AfterHeader = "/dev/null"
			}
			res.AddDiff(d)
		}
	}
	res.DiffList, res.DiffPresent = len(res.Diff) > 0, true
	res.Set("sources_added", added).Set("sources_removed", removed)
	if c.Check || !res.Changed {
		return res
	}
	if err := c.writeAptFiles(touched, after, a.Mode); err != nil {
		return FailErr(err)
	}
	if a.UpdateCache {
		yes := true
		apt, err := c.findProgram("apt-get")
		r := &aptRun{Context: c, apt: apt, a: &aptArgs{UpdateCache: &yes, LockTimeout: 60, UpdateRetries: a.UpdateRetries, UpdateRetryDelay: a.UpdateRetryDelay}}
		if err == nil {
			err = r.refresh()
		}
		if err != nil { // a source that cannot be read must not stay behind
			if rerr := c.restoreAptFiles(touched, before); rerr != nil {
				c.warn("could not restore the sources: " + rerr.Error())
			}
			return FailErr(err)
		}
	}
	return res
}

// editAptSources enables, or with present false removes, a source in a file.
func editAptSources(text, source string, present bool) (string, bool) {
	var out []string
	found := false
	for _, l := range strings.SplitAfter(text, "\n") {
		s := parseAptSource(strings.TrimSuffix(l, "\n"))
		if !s.valid || s.source != source {
			out = append(out, l)
			continue
		}
		switch {
		case present && s.enabled:
			found = true
			out = append(out, l)
		case present && !found:
			found = true
			out = append(out, s.source+"\n")
		case !present && s.enabled:
			found = true
		default:
			out = append(out, l)
		}
	}
	s := strings.Join(out, "")
	if strings.TrimSpace(s) == "" {
		s = ""
	}
	return s, found
}

var reUnsafeName = regexp.MustCompile(`[^a-zA-Z0-9]+`)

// suggestAptFile names the file of a source after its address.
func suggestAptFile(source string) string {
	s := regexp.MustCompile(`\[[^\]]*\]`).ReplaceAllString(source, "")
	var uri string
	for _, w := range strings.Fields(s) {
		if strings.Contains(w, ":") {
			uri = w
			break
		}
	}
	if i := strings.Index(uri, "://"); i >= 0 {
		uri = uri[i+3:]
	} else if _, rest, ok := strings.Cut(uri, ":"); ok {
		uri = rest
	}
	if i := strings.LastIndex(uri, "@"); i >= 0 {
		uri = uri[i+1:]
	}
	return strings.Trim(reUnsafeName.ReplaceAllString(uri, "_"), "_")
}

func (c *Context) writeAptFiles(files []string, text map[string]string, mode Mode) error {
	for _, f := range files {
		if text[f] == "" && f != "/etc/apt/sources.list" {
			if err := os.Remove(f); err != nil && !notExist(err) {
				return Errorf(pyError(err, f))
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
			return Errorf(fmt.Sprintf("Failed to create directory %s: %s", filepath.Dir(f), strerror(err)))
		}
		n, err := c.createBytes(f, []byte(text[f]), false)
		if err != nil {
			return err
		}
		if n.Created {
			err = os.Chmod(n.Path, 0o644)
		}
		if err == nil {
			err = n.Commit(false)
		}
		if err != nil {
			n.Discard()
			return err
		}
		if mode.Given() {
			if _, err := c.applyAttrs(f, &FileArgs{Mode: mode}, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Context) restoreAptFiles(files []string, before map[string]string) error {
	texts := map[string]string{}
	for _, f := range files {
		texts[f] = before[f]
	}
	return c.writeAptFiles(files, texts, Mode{})
}
