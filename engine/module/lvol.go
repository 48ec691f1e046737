package module

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

type lvolArgs struct {
	Active   bool     `arg:"active,default=true" doc:"Whether the volume is active."`
	Force    bool     `arg:"force,default=false" doc:"Shrink or remove although data may be lost."`
	LV       *string  `arg:"lv" doc:"Name of the volume."`
	Opts     *string  `arg:"opts" doc:"Options for lvcreate."`
	PVs      []string `arg:"pvs" doc:"Devices to use."`
	ResizeFS bool     `arg:"resizefs,default=false" doc:"Resize the file system too."`
	Shrink   bool     `arg:"shrink,default=true" doc:"Shrink when size is smaller."`
	Size     *string  `arg:"size" doc:"Size: with a unit, in megabytes, or a percentage of VG, PVS, FREE or ORIGIN; with + or - relative."`
	Snapshot *string  `arg:"snapshot" doc:"Name of a snapshot of the volume."`
	State    string   `arg:"state,default=present,choices=absent|present" doc:"Whether the volume exists."`
	Thinpool *string  `arg:"thinpool" doc:"Name of a thin pool."`
	VG       string   `arg:"vg,required" doc:"Volume group."`
}

var lvolDef = &Def{
	Name:          "community.general.lvol",
	NullIsMissing: true,
	Short:         "Configure LVM logical volumes",
	Args:          func() any { return &lvolArgs{} },
	Run:           runLVol,
	RequiredOneOf: [][]string{{"lv", "thinpool"}},
}

var reLVSize = regexp.MustCompile(`^([+-]?)(\d+(?:\.\d+)?)(?:([bBsSkKmMgGtTpPeE])|%(VG|PVS|FREE|ORIGIN|vg|pvs|free|origin))?$`)

// lvUnits are LVM's units, in bytes.
var lvUnits = map[string]float64{"b": 1, "s": 512, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50, "e": 1 << 60}

// lvSize is a size as asked for: bytes, or a percentage of something.
type lvSize struct {
	sign    string
	bytes   float64
	percent float64
	of      string
	text    string // for lvcreate and lvresize
}

func parseLVSize(s string) (lvSize, error) {
	m := reLVSize.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return lvSize{}, Errorf(fmt.Sprintf("Bad size specification of '%s'", s))
	}
	n, _ := strconv.ParseFloat(m[2], 64)
	x := lvSize{sign: m[1], text: strings.TrimLeft(s, "+-")}
	if m[4] != "" {
		x.of, x.percent = strings.ToUpper(m[4]), n
		if n > 100 {
			return x, Errorf("Size percentage cannot be larger than 100%")
		}
		return x, nil
	}
	unit := lvUnits[strings.ToLower(m[3])]
	if m[3] == "" {
		unit = 1 << 20
		x.text += "m"
	}
	x.bytes = n * unit
	return x, nil
}

func (x lvSize) flags() []string {
	if x.of != "" {
		return []string{"-l", x.sign + x.text}
	}
	return []string{"-L", x.sign + x.text}
}

func runLVol(c *Context, args any) *Result {
	a := args.(*lvolArgs)
	vgs, err := c.lvmRows("vgs", "vg_name,vg_size,vg_free,vg_extent_size", a.VG)
	if err != nil {
		return FailErr(err)
	}
	if len(vgs) == 0 {
		if a.State == "absent" {
			return OK().WithMsg(fmt.Sprintf("Volume group %s does not exist.", a.VG))
		}
		return Fail("Volume group %s does not exist.", a.VG)
	}
	num := func(s string) float64 { f, _ := strconv.ParseFloat(s, 64); return f }
	total, free, extent := num(vgs[0][1]), num(vgs[0][2]), num(vgs[0][3])
	rows, err := c.lvmRows("lvs", "lv_name,lv_size,lv_active", "-a", a.VG)
	if err != nil {
		return FailErr(err)
	}
	name := ""
	switch {
	case a.Snapshot != nil:
		name = *a.Snapshot
	case a.LV != nil:
		name = *a.LV
	default:
		name = *a.Thinpool
	}
	var now []string
	for _, r := range rows {
		if len(r) == 3 && strings.Trim(r[0], "[]") == name {
			now = r
		}
	}
	path := a.VG + "/" + name
	if a.State == "absent" {
		if now == nil {
			return OK()
		}
		if !a.Force {
			return Fail("Sorry, no removal of logical volume %s without force=true.", name)
		}
		if err := c.change("lvremove", "--force", path); err != nil {
			return FailErr(wrapError(err, "Failed to remove logical volume %s", name))
		}
		return Changed(true)
	}
	var size lvSize
	if a.Size != nil {
		if size, err = parseLVSize(*a.Size); err != nil {
			return FailErr(err)
		}
	}
	if now == nil {
		return c.createLV(a, name, size)
	}
	unit := float64(1 << 20) // of size as asked for, megabytes where it has none
	if m := reLVSize.FindStringSubmatch(strings.TrimSpace(deref(a.Size))); m != nil && m[3] != "" {
		unit = lvUnits[strings.ToLower(m[3])]
	}
	res := OK().Set("vg", a.VG).Set("lv", name).Set("size", num(now[1])/unit)
	if a.Size != nil && a.Snapshot == nil {
		have := num(now[1])
		want := size.bytes
		switch size.of {
		case "VG", "PVS", "ORIGIN":
			want = total * size.percent / 100
		case "FREE":
			want = free * size.percent / 100
			if size.sign == "" { // of what is free together with what it has
				want = have + want
			}
		}
		switch size.sign {
		case "+":
			want = have + want
		case "-":
			want = have - want
		}
		if extent > 0 {
			if size.of != "" {
				want = math.Floor(want/extent) * extent
			} else {
				want = math.Ceil(want/extent) * extent
			}
		}
		argv := []string{}
		switch {
		case want > have:
			if size.of == "" && want-have > free {
				return Fail("Logical Volume %s could not be extended. Not enough free space left (%.0f bytes required / %.0f bytes available)", name, want-have, free)
			}
			argv = []string{"lvextend"}
		case want < have && a.Shrink && size.of != "FREE":
			if want < 1 {
				return Fail("Sorry, no shrinking of %s to 0 permitted.", name)
			}
			if !a.Force {
				return Fail("Sorry, no shrinking of %s without force=true.", name)
			}
			argv = []string{"lvreduce", "--force"}
		}
		if len(argv) > 0 {
			if a.ResizeFS {
				argv = append(argv, "--resizefs")
			}
			argv = append(append(argv, size.flags()...), path)
			argv = append(argv, a.PVs...)
			if err := c.change(argv...); err != nil {
				if strings.Contains(err.Error(), "matches existing size") || strings.Contains(err.Error(), "not larger than existing size") {
					return res
				}
				return FailErr(wrapError(err, "Unable to resize %s", name))
			}
			res.Changed = true
		}
	}
	if active := strings.TrimSpace(now[2]) == "active"; active != a.Active {
		if err := c.change("lvchange", map[bool]string{true: "-ay", false: "-an"}[a.Active], path); err != nil {
			return FailErr(err)
		}
		res.Changed = true
	}
	return res
}

func (c *Context) createLV(a *lvolArgs, name string, size lvSize) *Result {
	if a.Size == nil && a.Snapshot == nil && (a.LV == nil || a.Thinpool == nil) || a.Size == nil && a.Thinpool != nil && a.LV != nil {
		return Fail("No size given.")
	}
	if size.sign != "" {
		return Fail("Bad size specification of '%s' for creating LV", *a.Size)
	}
	argv := []string{"lvcreate", "-y"}
	if a.Opts != nil {
		more, err := shlexSplit(*a.Opts)
		if err != nil {
			return Fail("opts: %s", err)
		}
		argv = append(argv, more...)
	}
	switch {
	case a.Snapshot != nil:
		if a.LV == nil {
			return Fail("Missing required argument lv for a snapshot")
		}
		argv = append(argv, "-s", "-n", name)
		if a.Size != nil {
			argv = append(argv, size.flags()...)
		}
		argv = append(argv, a.VG+"/"+*a.LV)
	case a.Thinpool != nil && a.LV != nil:
		if size.of != "" {
			return Fail("Thin volume sizing with percentage not supported.")
		}
		argv = append(argv, "-n", name, "-V", size.text, "-T", a.VG+"/"+*a.Thinpool)
	case a.Thinpool != nil:
		argv = append(append(argv, size.flags()...), "-T", a.VG+"/"+name)
	default:
		argv = append(append(argv, "-n", name), size.flags()...)
		argv = append(append(argv, a.VG), a.PVs...)
	}
	if err := c.change(argv...); err != nil {
		return FailErr(wrapError(err, "Creating logical volume '%s' failed", name))
	}
	if !a.Active {
		if err := c.change("lvchange", "-an", a.VG+"/"+name); err != nil {
			return FailErr(err)
		}
	}
	return Changed(true).WithMsg("")
}
