package module

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type partedArgs struct {
	Device   string   `arg:"device,required" doc:"The disk, or an image file."`
	Align    string   `arg:"align,default=optimal,choices=none|cylinder|minimal|optimal|undefined" doc:"Alignment of new partitions; undefined leaves it to parted."`
	Number   *int     `arg:"number" doc:"Number of the partition."`
	Unit     string   `arg:"unit,default=KiB,choices=s|B|KB|KiB|MB|MiB|GB|GiB|TB|TiB|%|cyl|chs|compact" doc:"Unit in which places and sizes are returned."`
	Label    string   `arg:"label,default=msdos,choices=aix|amiga|bsd|dvh|gpt|loop|mac|msdos|pc98|sun" doc:"Kind of partition table; another one is replaced, its partitions are lost."`
	PartType string   `arg:"part_type,default=primary,choices=extended|logical|primary" doc:"Kind of partition, in msdos and dvh tables."`
	Start    string   `arg:"part_start,default=0%" doc:"Where a new partition starts."`
	End      string   `arg:"part_end,default=100%" doc:"Where the partition ends."`
	Name     *string  `arg:"name" doc:"Name of the partition."`
	State    string   `arg:"state,default=info,choices=absent|present|info" doc:"Whether there is such a partition; info only looks."`
	Flags    []string `arg:"flags" doc:"Flags that are set, no others."`
	FSType   *string  `arg:"fs_type" doc:"Kind of file system a new partition is for."`
	Resize   bool     `arg:"resize,default=false" doc:"Move the end of a partition that is there."`
}

var partedDef = &Def{
	Name:          "community.general.parted",
	NullIsMissing: true,
	Short:         "Configure block device partitions",
	Args:          func() any { return &partedArgs{} },
	Run: func(c *Context, a any) *Result {
		r, err := (&partedRun{Context: c, partedArgs: a.(*partedArgs)}).run()
		if err != nil {
			return FailErr(err)
		}
		return r
	},
	RequiredIf: []RequiredIf{
		{Key: "state", Value: "present", Required: []string{"number"}},
		{Key: "state", Value: "absent", Required: []string{"number"}},
	},
}

type partedRun struct {
	*Context
	*partedArgs
	script []string // what parted was told
}

func (p *partedRun) run() (*Result, error) {
	if p.Number != nil && *p.Number < 1 {
		return nil, Errorf("The partition number must be greater then 0.")
	}
	for _, s := range []struct {
		name string
		text *string
	}{{"part_start", &p.Start}, {"part_end", &p.End}} {
		if err := checkPartedSize(s.name, s.text); err != nil {
			return nil, err
		}
	}
	now, err := p.info(p.Unit)
	if err != nil {
		return nil, err
	}
	changed := false
	switch p.State {
	case "info":
		p.script = append(p.script, "unit '"+p.Unit+"' print")
	case "absent":
		if changed = now.find(*p.Number) != nil; changed {
			err = p.tell("rm", strconv.Itoa(*p.Number))
		}
	case "present":
		changed, err = p.present(now)
	}
	if err != nil {
		return nil, err
	}
	if now, err = p.info(p.Unit); err != nil {
		return nil, err
	}
	return Changed(changed).Set("disk", now.disk).Set("partitions", now.partitions).Set("script", strings.Join(p.script, " ")), nil
}

// present makes or resizes the partition, then gives it its name and flags.
func (p *partedRun) present(now *partedInfo) (changed bool, err error) {
	n := strconv.Itoa(*p.Number)
	part := now.find(*p.Number)
	var script []string
	table := now.disk.At("table")
	if table != p.Label {
		script = append(script, "mklabel", p.Label)
	}
	made := false
	switch {
	case part == nil || table != p.Label:
		script = append(script, "mkpart", p.PartType)
		if p.FSType != nil {
			script = append(script, *p.FSType)
		}
		script = append([]string{"unit", p.Unit}, append(script, p.Start, p.End)...)
		made = true
	case p.Resize:
		same, err := p.endsAt(part)
		if err != nil {
			return false, err
		}
		if !same {
			script = []string{"resizepart", n, p.End}
		}
	}
	if len(script) > 0 {
		if err := p.tell(script...); err != nil {
			return false, err
		}
		changed = true
		if made && p.Check {
			part = value.DictOf("name", "", "flags", value.NewList())
		} else if !p.Check {
			if now, err = p.info(p.Unit); err != nil {
				return false, err
			}
			part = now.find(*p.Number)
		}
	}
	if part == nil { // parted gave the new one another number
		return changed, nil
	}
	script = p.nameAndFlags(n, part)
	if len(script) == 0 {
		return changed, nil
	}
	return true, p.tell(append([]string{"unit", p.Unit}, script...)...)
}

func (p *partedRun) nameAndFlags(n string, part *value.Dict) []string {
	var script []string
	if p.partedArgs.Name != nil && part.At("name") != *p.partedArgs.Name {
		script = append(script, "name", n, partedName(*p.partedArgs.Name))
	}
	if len(p.Flags) == 0 {
		return script
	}
	var have []string
	l, _ := part.At("flags").(*value.List)
	for _, f := range l.Items {
		have = append(have, value.Str(f))
	}
	want := p.Flags
	if slices.Contains(want, "esp") && !slices.Contains(want, "boot") { // they come together
		want = append([]string{"boot"}, want...)
	}
	for _, f := range want {
		if !slices.Contains(have, f) {
			script = append(script, "set", n, f, "on")
		}
	}
	for _, f := range have {
		if !slices.Contains(want, f) && !(f == "esp" && slices.Contains(want, "boot")) {
			script = append(script, "set", n, f, "off")
		}
	}
	return script
}

// partedName is a name as parted reads it.
func partedName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

// tell runs a parted script, unless in check mode.
func (p *partedRun) tell(words ...string) error {
	shown := slices.Clone(words)
	for i, w := range shown {
		if strings.HasPrefix(w, `"`) {
			shown[i] = "'" + w + "'"
		}
	}
	p.script = append(p.script, strings.Join(shown, " "))
	if p.Check {
		return nil
	}
	argv := []string{"parted", "-s", "-m"}
	if p.Align != "undefined" {
		argv = append(argv, "-a", p.Align)
	}
	argv = append(argv, p.Device, "--")
	r, err := p.tryTool(append(slices.Clone(argv), words...)...)
	if err != nil {
		return err
	}
	if r.RC != 0 {
		return Errorf("Error while running parted script: "+strings.Join(append(p.programPath(argv), shown...), " "), "rc", r.RC, "out", r.Stdout, "err", r.Stderr)
	}
	return nil
}

// partedInfo is what parted says of a disk.
type partedInfo struct {
	disk       *value.Dict
	partitions *value.List
}

func (i *partedInfo) find(number int) *value.Dict {
	for _, v := range i.partitions.Items {
		if d, ok := v.(*value.Dict); ok && d.At("num") == int64(number) {
			return d
		}
	}
	return nil
}

// info asks parted. A disk without a partition table has the table "unknown".
func (p *partedRun) info(unit string) (*partedInfo, error) {
	argv := []string{"parted", "-s", "-m", p.Device, "--"}
	r, err := p.tryTool(append(slices.Clone(argv), "unit", unit, "print")...)
	if err != nil {
		return nil, err
	}
	if r.RC != 0 && !strings.Contains(r.Stderr, "unrecognised disk label") && !strings.Contains(r.Stdout, "unrecognised disk label") {
		return nil, Errorf(fmt.Sprintf("Error while getting device information with parted script: '%s unit '%s' print'", strings.Join(p.programPath(argv), " "), unit),
			"rc", r.RC, "out", r.Stdout, "err", r.Stderr)
	}
	return parsePartedInfo(r.Stdout, unit)
}
