package module

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type timezoneArgs struct {
	Name    *string `arg:"name" doc:"Time zone, as Europe/Berlin."`
	HWClock *string `arg:"hwclock,alias=rtc,choices=local|UTC" doc:"Whether the hardware clock holds UTC."`
}

var timezoneDef = &Def{
	Name:          "community.general.timezone",
	Short:         "Configure timezone setting",
	Args:          func() any { return &timezoneArgs{} },
	Run:           runTimezone,
	RequiredOneOf: [][]string{{"hwclock", "name"}},
}

const zoneDir = "/usr/share/zoneinfo/"

func currentZone() string {
	if t, err := os.Readlink("/etc/localtime"); err == nil {
		if i := strings.Index(t, "zoneinfo/"); i >= 0 {
			return t[i+len("zoneinfo/"):]
		}
	}
	b, _ := readFile("/etc/timezone")
	return or(strings.TrimSpace(string(b)), "n/a")
}

func currentClock() string {
	b, _ := readFile("/etc/adjtime")
	if l := strings.Split(string(b), "\n"); len(l) > 2 && strings.TrimSpace(l[2]) == "LOCAL" {
		return "local"
	}
	return "UTC"
}

func runTimezone(c *Context, args any) *Result {
	a := args.(*timezoneArgs)
	before, after := value.NewDict(), value.NewDict()
	if a.Name != nil {
		if strings.Contains(*a.Name, "..") || !exists(zoneDir+*a.Name) {
			return Fail("Error message:\ngiven timezone \"%s\" is not available", *a.Name)
		}
		before.Set("name", currentZone())
		after.Set("name", *a.Name)
	}
	if a.HWClock != nil {
		before.Set("hwclock", currentClock())
		after.Set("hwclock", *a.HWClock)
	}
	res := Changed(!value.Equal(before, after))
	res.AddDiff(Diff{Before: before, After: after})
	if !res.Changed || c.Check {
		return res
	}
	tool := ""
	if exists("/run/systemd/system") {
		tool, _ = c.findProgram("timedatectl")
	}
	set := func(argv ...string) bool {
		if tool == "" {
			return false
		}
		p, err := c.run(append([]string{tool}, argv...), &progOptions{Env: cLocale})
		if err != nil || p.RC != 0 {
			return false
		}
		res.Msg = strings.TrimPrefix(res.Msg+"\n"+"executed `"+strings.Join(append([]string{tool}, argv...), " ")+"`", "\n")
		return true
	}
	if a.Name != nil && *a.Name != value.Str(before.At("name")) && !set("set-timezone", *a.Name) {
		// Without timedated: what it would do, in one rename.
		tmp := "/etc/.localtime." + randomName(8)
		err := os.Symlink(zoneDir+*a.Name, tmp)
		if err == nil {
			err = os.Rename(tmp, "/etc/localtime")
		}
		if err == nil && exists("/etc/timezone") {
			var n *newFile
			if n, err = c.createBytes("/etc/timezone", []byte(*a.Name+"\n"), false); err == nil {
				err = n.Commit(false)
			}
		}
		if err != nil {
			_ = os.Remove(tmp)
			return Fail("could not set the time zone: %s", err)
		}
	}
	if a.HWClock != nil && *a.HWClock != value.Str(before.At("hwclock")) {
		if !set("set-local-rtc", map[bool]string{true: "yes", false: "no"}[*a.HWClock == "local"]) {
			word := map[string]string{"local": "LOCAL", "UTC": "UTC"}[*a.HWClock]
			n, err := c.createBytes("/etc/adjtime", []byte("0.0 0 0.0\n0\n"+word+"\n"), false)
			if err == nil {
				err = n.Commit(false)
			}
			if err != nil {
				return Fail("could not set the hardware clock's mode: %s", err)
			}
		}
	}
	return res
}

type localeGenArgs struct {
	Name  []string `arg:"name,required" doc:"Locales, as de_DE.UTF-8."`
	State string   `arg:"state,default=present,choices=absent|present" doc:"Whether they exist."`
}

var localeGenDef = &Def{
	Name:  "community.general.locale_gen",
	Short: "Creates or removes locales",
	Args:  func() any { return &localeGenArgs{} },
	Run:   runLocaleGen,
}

// localeKey makes en_US.UTF-8 and en_US.utf8 equal.
func localeKey(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	base, rest, ok := strings.Cut(s, ".")
	if !ok {
		return s
	}
	code, mod, hasMod := strings.Cut(rest, "@")
	base += "." + strings.NewReplacer("-", "", "_", "").Replace(code)
	if hasMod {
		base += "@" + mod
	}
	return base
}

var reLocaleLine = regexp.MustCompile(`^\s*#?\s*(\S+)\s+(\S+)\s*$`)

func runLocaleGen(c *Context, args any) *Result {
	a := args.(*localeGenArgs)
	p, err := c.run([]string{"locale", "-a"}, &progOptions{Env: cLocale})
	if err != nil {
		return FailErr(err)
	}
	have := map[string]bool{}
	for _, l := range strings.Split(p.Stdout, "\n") {
		have[localeKey(l)] = true
	}
	var todo []string
	for _, n := range a.Name {
		if have[localeKey(n)] != (a.State == "present") {
			todo = append(todo, n)
		}
	}
	res := Changed(len(todo) > 0).Set("name", a.Name)
	if len(todo) == 0 {
		return res
	}
	const file = "/etc/locale.gen"
	data, err := readFile(file)
	if err != nil {
		if exists("/var/lib/locales/supported.d") {
			return c.ubuntuLocales(res, todo, a.State == "present")
		}
		return Fail("/etc/locale.gen is missing. Is the package \"locales\" installed?")
	}
	supported, _ := readFile("/usr/share/i18n/SUPPORTED")
	lines := strings.Split(string(data), "\n")
	for _, n := range todo {
		found := false
		for i, l := range lines {
			m := reLocaleLine.FindStringSubmatch(l)
			if m == nil || localeKey(m[1]) != localeKey(n) && m[1] != n {
				continue
			}
			found = true
			lines[i] = m[1] + " " + m[2]
			if a.State == "absent" {
				lines[i] = "# " + lines[i]
			}
		}
		if found || a.State == "absent" {
			continue
		}
		for _, l := range strings.Split(string(supported), "\n") {
			if f := strings.Fields(l); len(f) == 2 && localeKey(f[0]) == localeKey(n) && !found {
				found = true
				lines = append(lines, f[0]+" "+f[1])
			}
		}
		if !found {
			return Fail("The locale you've entered is not available on your system: %s", n)
		}
	}
	if c.Check {
		return res
	}
	text := strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
	n, err := c.createBytes(file, []byte(text), false)
	if err == nil {
		err = n.Commit(false)
	}
	if err != nil {
		return FailErr(err)
	}
	gen, err := c.findProgram("locale-gen")
	if err != nil {
		return FailErr(err)
	}
	out, err := c.run([]string{gen}, &progOptions{Env: cLocale, Cancel: cancelFinish})
	if err != nil {
		return FailErr(err)
	}
	if out.RC != 0 {
		return failedProgram("locale-gen failed: "+strings.TrimSpace(or(out.Stderr, out.Stdout)), out)
	}
	return res
}

// ubuntuLocales serves hosts whose locale-gen takes names instead of a file.
func (c *Context) ubuntuLocales(res *Result, names []string, present bool) *Result {
	if c.Check {
		return res
	}
	if !present {
		files, _ := filepath.Glob("/var/lib/locales/supported.d/*")
		for _, f := range files {
			b, err := readFile(f)
			if err != nil {
				continue
			}
			var out []string
			for _, l := range strings.Split(string(b), "\n") {
				drop := false
				for _, n := range names {
					w := strings.Fields(l)
					drop = drop || len(w) > 0 && localeKey(w[0]) == localeKey(n)
				}
				if !drop {
					out = append(out, l)
				}
			}
			n, err := c.createBytes(f, []byte(strings.Join(out, "\n")), false)
			if err == nil {
				err = n.Commit(false)
			}
			if err != nil {
				return FailErr(err)
			}
		}
		names = []string{"--purge"}
	}
	gen, err := c.findProgram("locale-gen")
	if err != nil {
		return FailErr(err)
	}
	p, err := c.run(append([]string{gen}, names...), &progOptions{Env: cLocale, Cancel: cancelFinish})
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return failedProgram("locale-gen failed: "+strings.TrimSpace(or(p.Stderr, p.Stdout)), p)
	}
	return res
}
