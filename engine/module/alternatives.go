package module

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type alternativesSub struct {
	Name string `arg:"name,required" doc:"Name of the further link's group."`
	Path Path   `arg:"path,required" doc:"File it points to."`
	Link Path   `arg:"link,required" doc:"The further link."`
}

type alternativesArgs struct {
	Family   *string           `arg:"family" doc:"Family of the alternative (Red Hat)."`
	Link     *Path             `arg:"link" doc:"The link that programs use."`
	Name     string            `arg:"name,required" doc:"Name of the group."`
	Path     *Path             `arg:"path" doc:"File the link points to."`
	Priority *int              `arg:"priority" doc:"Priority of the file; 50 where it is new."`
	State    string            `arg:"state,default=selected,choices=present|selected|auto|absent" doc:"The state wanted."`
	Sub      []alternativesSub `arg:"subcommands,alias=slaves" doc:"Further links that change along."`
}

var alternativesDef = &Def{
	Name:  "community.general.alternatives",
	Short: "Manages alternative programs for common commands",
	Args:  func() any { return &alternativesArgs{} },
	Run:   runAlternatives,
}

// alternative is one file a group can point to.
type alternative struct {
	priority int
	subs     map[string]string // name -> path
}

type alternativesState struct {
	mode, link, current string
	files               map[string]*alternative
	subLinks            map[string]string
}

// parseAlternatives reads `update-alternatives --query` (Debian, SUSE).
func parseAlternatives(out string) alternativesState {
	s := alternativesState{files: map[string]*alternative{}, subLinks: map[string]string{}}
	var cur *alternative
	inSubs := false
	for _, l := range strings.Split(out, "\n") {
		if strings.HasPrefix(l, " ") && inSubs {
			if f := strings.Fields(l); len(f) == 2 {
				if cur != nil {
					cur.subs[f[0]] = f[1]
				} else {
					s.subLinks[f[0]] = f[1]
				}
			}
			continue
		}
		k, v, _ := strings.Cut(l, ":")
		v = strings.TrimSpace(v)
		inSubs = k == "Slaves"
		switch k {
		case "Link":
			s.link = v
		case "Status":
			s.mode = v
		case "Value":
			if v != "none" {
				s.current = v
			}
		case "Alternative":
			cur = &alternative{subs: map[string]string{}}
			s.files[v] = cur
		case "Priority":
			if cur != nil {
				cur.priority, _ = strconv.Atoi(v)
			}
		}
	}
	return s
}

// parseAlternativesDisplay reads `alternatives --display` (Red Hat), which
// does not name the link.
func parseAlternativesDisplay(out string) alternativesState {
	s := alternativesState{files: map[string]*alternative{}, subLinks: map[string]string{}}
	var cur *alternative
	for _, l := range strings.Split(out, "\n") {
		t := strings.TrimSpace(l)
		switch {
		case strings.Contains(l, " - status is "):
			s.mode = strings.TrimSuffix(l[strings.Index(l, " - status is ")+len(" - status is "):], ".")
		case strings.HasPrefix(t, "link currently points to "):
			s.current = strings.TrimPrefix(t, "link currently points to ")
		case strings.HasPrefix(l, "/") && strings.Contains(l, " - ") && strings.Contains(l, "priority "):
			path, rest, _ := strings.Cut(l, " - ")
			cur = &alternative{subs: map[string]string{}}
			f := strings.Fields(rest[strings.Index(rest, "priority ")+len("priority "):])
			if len(f) > 0 {
				cur.priority, _ = strconv.Atoi(f[0])
			}
			s.files[path] = cur
		case cur != nil && (strings.HasPrefix(t, "slave ") || strings.HasPrefix(t, "follower ")):
			_, rest, _ := strings.Cut(t, " ")
			if name, path, ok := strings.Cut(rest, ": "); ok && path != "(null)" {
				cur.subs[name] = path
			}
		}
	}
	if s.mode == "auto" || s.mode == "manual" {
		return s
	}
	return alternativesState{files: s.files, subLinks: s.subLinks}
}

func runAlternatives(c *Context, args any) *Result {
	a := args.(*alternativesArgs)
	exe, err := c.findProgram("update-alternatives")
	if err != nil {
		if exe, err = c.findProgram("alternatives"); err != nil {
			return FailErr(err)
		}
	}
	path := ""
	if a.Path != nil {
		path = string(*a.Path)
	}
	if a.State != "auto" && path == "" {
		return Fail("missing required arguments: path")
	}
	p, err := c.run([]string{exe, "--query", a.Name}, &progOptions{Env: cLocale})
	if err != nil {
		return FailErr(err)
	}
	s := parseAlternatives(p.Stdout)
	if p.RC != 0 {
		if p, err = c.run([]string{exe, "--display", a.Name}, &progOptions{Env: cLocale}); err != nil {
			return FailErr(err)
		}
		s = parseAlternativesDisplay(p.Stdout)
	}
	r := &alternativesRun{c: c, a: a, exe: exe, s: s, path: path, res: OK()}
	r.before, r.after = r.describe(), value.NewDict()
	switch a.State {
	case "absent":
		err = r.remove()
	case "auto":
		if path != "" {
			err = r.install()
		}
		if err == nil && s.mode != "auto" {
			r.notes = append(r.notes, fmt.Sprintf("Set alternative to auto for '%s'.", a.Name))
			r.after.Set("state", "present")
			err = r.call("--auto", a.Name)
		}
	default:
		if err = r.install(); err == nil && a.State == "selected" && s.current != path {
			if _, there := s.files[path]; there || a.Link != nil || s.link != "" || !c.Check {
				r.notes = append(r.notes, fmt.Sprintf("Set alternative '%s' for '%s'.", path, a.Name))
				r.after.Set("state", "selected")
				err = r.call("--set", a.Name, path)
			}
		}
	}
	if err != nil {
		return FailErr(err)
	}
	r.res.Msg, r.res.HasMsg = strings.Join(r.notes, " "), true
	if c.Diff {
		r.res.AddDiff(Diff{Before: r.before, After: r.after})
	}
	return r.res
}

type alternativesRun struct {
	c      *Context
	a      *alternativesArgs
	exe    string
	s      alternativesState
	path   string
	res    *Result
	before *value.Dict // of the file: nothing where the group is new
	after  *value.Dict // what changes
	notes  []string
}

func (r *alternativesRun) describe() *value.Dict {
	d := value.NewDict()
	f, there := r.s.files[r.path]
	switch {
	case there:
		d.Set("state", "present")
		d.Set("path", r.path)
		d.Set("priority", f.priority)
		d.Set("link", orNull(r.s.link))
		if len(f.subs) > 0 {
			var subs []any
			for _, n := range slices.Sorted(maps.Keys(f.subs)) {
				subs = append(subs, map[string]any{"name": n, "path": f.subs[n], "link": orNull(r.s.subLinks[n])})
			}
			d.Set("subcommands", value.From(subs))
		}
	case len(r.s.files) > 0:
		d.Set("state", "absent")
	}
	return d
}

func (r *alternativesRun) call(args ...string) error {
	r.res.Changed = true
	if r.c.Check {
		return nil
	}
	_, err := r.c.tool(append([]string{r.exe}, args...)...)
	return err
}

func (r *alternativesRun) remove() error {
	if _, there := r.s.files[r.path]; !there {
		return nil
	}
	r.notes = append(r.notes, fmt.Sprintf("Remove alternative '%s' from '%s'.", r.path, r.a.Name))
	r.after.Set("state", "absent")
	return r.call("--remove", r.a.Name, r.path)
}

// install adds the file to the group, or changes its priority and links.
func (r *alternativesRun) install() error {
	old, there := r.s.files[r.path]
	same := there && (r.a.Priority == nil || *r.a.Priority == old.priority)
	if same && r.a.Sub != nil {
		same = len(r.a.Sub) == len(old.subs)
		for _, s := range r.a.Sub {
			same = same && old.subs[s.Name] == string(s.Path) && (r.s.subLinks[s.Name] == "" || r.s.subLinks[s.Name] == string(s.Link))
		}
	}
	if same && r.a.Link != nil && r.s.link != "" {
		same = r.s.link == string(*r.a.Link)
	}
	if same {
		return nil
	}
	link := r.s.link
	if r.a.Link != nil {
		link = string(*r.a.Link)
	}
	if link == "" {
		return Errorf("Needed to install the alternative, but unable to do so as we are missing the link")
	}
	if _, err := os.Stat(r.path); err != nil {
		return Errorf(fmt.Sprintf("Specified path %s does not exist", r.path))
	}
	priority := 50
	switch {
	case r.a.Priority != nil:
		priority = *r.a.Priority
	case there:
		priority = old.priority
	}
	args := []string{"--install", link, r.a.Name, r.path, strconv.Itoa(priority)}
	if r.a.Family != nil {
		args = append(args, "--family", *r.a.Family)
	}
	r.after.Set("state", "present")
	r.after.Set("path", r.path)
	r.after.Set("priority", priority)
	r.after.Set("link", link)
	if r.a.Sub != nil {
		var subs []any
		for _, s := range r.a.Sub {
			args = append(args, "--slave", string(s.Link), s.Name, string(s.Path))
			subs = append(subs, map[string]any{"name": s.Name, "path": string(s.Path), "link": string(s.Link)})
		}
		r.after.Set("subcommands", value.From(subs))
	} else if there {
		for n, p := range old.subs {
			if l := r.s.subLinks[n]; l != "" {
				args = append(args, "--slave", l, n, p)
			}
		}
	}
	r.notes = append(r.notes, fmt.Sprintf("Install alternative '%s' for '%s'.", r.path, r.a.Name))
	return r.call(args...)
}
