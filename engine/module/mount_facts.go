package module

import (
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/facts"
	"github.com/goplay-engine/goplay/engine/value"
)

type mountFactsArgs struct {
	Devices   []string    `arg:"devices" doc:"Patterns of devices to report."`
	Fstypes   []string    `arg:"fstypes" doc:"Patterns of file system types to report."`
	Sources   []string    `arg:"sources" doc:"Files or programs to read: dynamic, static, all or a path."`
	MountBin  value.Value `arg:"mount_binary,raw,default=mount" doc:"Has no effect: the kernel's table is read."`
	Timeout   *float64    `arg:"timeout" doc:"Seconds to wait for a file system."`
	OnTimeout string      `arg:"on_timeout,default=error,choices=error|warn|ignore" doc:"What to do when one does not answer."`
	Aggregate *bool       `arg:"include_aggregate_mounts" doc:"Also list every mount of a point that has several."`
}

var mountFactsDef = &Def{
	Name:  "ansible.builtin.mount_facts",
	Short: "Retrieve mount information",
	Args:  func() any { return &mountFactsArgs{} },
	Run:   runMountFacts,
}

func runMountFacts(c *Context, args any) *Result {
	a := args.(*mountFactsArgs)
	limit := 10 * time.Second
	if a.Timeout != nil {
		limit = time.Duration(*a.Timeout * float64(time.Second))
	}
	match := func(patterns []string, s string) bool {
		if len(patterns) == 0 {
			return true
		}
		for _, p := range patterns {
			if globMatch(p, s) {
				return true
			}
		}
		return false
	}
	points, aggregate := value.NewDict(), value.NewList()
	dynamic, static := mountSources(a.Sources)
	add := func(source, line string, m facts.Mount, mounted bool) *Result {
		if !match(a.Devices, m.Device) || !match(a.Fstypes, m.FSType) {
			return nil
		}
		d := value.DictOf("mount", m.Point, "device", m.Device, "fstype", m.FSType, "options", m.Options, "dump", m.Dump, "passno", m.Passno)
		if mounted {
			size, timedOut := facts.MountSize(c, m.Point, limit)
			if timedOut {
				text := "Timed out getting mount size for mount " + m.Point + " (type " + m.FSType + ")"
				switch a.OnTimeout {
				case "error":
					return Fail("%s after %s", text, limit)
				case "warn":
					c.warn(text)
				}
			}
			d.Update(size)
		}
		uuid := facts.DeviceUUID(m.Device)
		if uuid == "" {
			uuid = "N/A"
		}
		d.Set("uuid", uuid)
		d.Set("ansible_context", value.DictOf("source", source, "source_data", line))
		points.Set(m.Point, d)
		aggregate.Append(d)
		return nil
	}
	if dynamic {
		for _, m := range facts.Mounts() {
			line := strings.Join([]string{m.Device, m.Point, m.FSType, m.Options, "0", "0"}, " ")
			if bad := add("/proc/mounts", line, m, true); bad != nil {
				return bad
			}
		}
	}
	for _, file := range static {
		data, err := readFile(file)
		if err != nil {
			continue
		}
		for _, l := range strings.Split(string(data), "\n") {
			e, ok := parseFstab(l)
			if !ok || dynamic && points.Has(e.path) {
				continue
			}
			dump, _ := parseInt(e.dump)
			pass, _ := parseInt(e.passno)
			d, _ := dump.(int64)
			p, _ := pass.(int64)
			if bad := add(file, l, facts.Mount{Device: e.src, Point: e.path, FSType: e.fstype, Options: e.opts, Dump: d, Passno: p}, false); bad != nil {
				return bad
			}
		}
	}
	if a.Aggregate == nil || !*a.Aggregate {
		aggregate = value.NewList()
	}
	r := OK()
	r.Facts = value.DictOf("mount_points", points, "aggregate_mounts", aggregate)
	return r
}

// mountSources tells whether the kernel's table is wanted, and which files.
func mountSources(sources []string) (dynamic bool, static []string) {
	if len(sources) == 0 {
		sources = []string{"all"}
	}
	for _, s := range sources {
		switch s {
		case "all":
			dynamic, static = true, append(static, "/etc/fstab")
		case "dynamic", "mount", "/proc/mounts", "/etc/mtab", "/proc/self/mounts", "/etc/mnttab":
			dynamic = true
		case "static":
			static = append(static, "/etc/fstab")
		default:
			static = append(static, s)
		}
	}
	return dynamic, static
}
