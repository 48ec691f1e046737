package module

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

type lvgArgs struct {
	Force       bool     `arg:"force,default=false" doc:"Remove a group that has volumes."`
	PESize      string   `arg:"pesize,default=4" doc:"Size of extents, in megabytes or with a unit."`
	PVOptions   string   `arg:"pv_options" default:"" doc:"Options for pvcreate."`
	PVResize    bool     `arg:"pvresize,default=false" doc:"Grow the devices' LVM area."`
	PVs         []string `arg:"pvs" doc:"Devices of the group."`
	RemoveExtra bool     `arg:"remove_extra_pvs,default=true" doc:"Take devices out that are not named."`
	ResetVGUUID bool     `arg:"reset_vg_uuid,default=false" doc:"Give the group a new UUID."`
	ResetPVUUID bool     `arg:"reset_pv_uuid,default=false" doc:"Give the devices new UUIDs."`
	State       string   `arg:"state,default=present,choices=absent|present|active|inactive" doc:"Whether the group exists."`
	VG          string   `arg:"vg,required" doc:"Name of the group."`
	VGOptions   string   `arg:"vg_options" default:"" doc:"Options for vgcreate."`
}

var lvgDef = &Def{
	Name:  "community.general.lvg",
	Short: "Configure LVM volume groups",
	Args:  func() any { return &lvgArgs{} },
	Run:   runLVG,
}

// lvmRows asks an LVM tool for columns.
func (c *Context) lvmRows(tool, columns string, more ...string) ([][]string, error) {
	p, err := c.tryTool(append([]string{tool, "--noheadings", "-o", columns, "--separator", ";", "--units", "b", "--nosuffix"}, more...)...)
	if err != nil {
		return nil, err
	}
	if p.RC != 0 {
		if strings.Contains(p.Stderr, "not found") || strings.Contains(p.Stderr, "Failed to find") {
			return nil, nil
		}
		return nil, Errorf(strings.TrimSpace(p.Stderr), "rc", p.RC, "err", p.Stderr)
	}
	var rows [][]string
	for _, l := range strings.Split(p.Stdout, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			rows = append(rows, strings.Split(l, ";"))
		}
	}
	return rows, nil
}

func runLVG(c *Context, args any) *Result {
	a := args.(*lvgArgs)
	var want []string
	for _, d := range a.PVs {
		if d = strings.TrimSpace(d); d == "" {
			continue
		}
		real := d
		if r, err := filepath.EvalSymlinks(d); err == nil && !strings.HasPrefix(d, "/dev/mapper/") {
			real = r
		}
		want = append(want, real)
		if !exists(d) {
			return Fail("Device %s not found.", d)
		}
	}
	groups, err := c.lvmRows("vgs", "vg_name,lv_count")
	if err != nil {
		return FailErr(err)
	}
	volumes, there := 0, false
	for _, g := range groups {
		if len(g) == 2 && g[0] == a.VG {
			there = true
			volumes, _ = strconv.Atoi(g[1])
		}
	}
	pvs, err := c.lvmRows("pvs", "pv_name,vg_name,dev_size,pv_size")
	if err != nil {
		return FailErr(err)
	}
	owner := map[string]string{}
	isPV := map[string]bool{}
	for _, r := range pvs {
		if len(r) == 4 {
			owner[r[0]], isPV[r[0]] = r[1], true
		}
	}
	for _, d := range want {
		if o := owner[d]; o != "" && o != a.VG {
			return Fail("Device %s is already in %s volume group.", d, o)
		}
	}
	pvOptions, err := shlexSplit(a.PVOptions)
	if err != nil {
		return Fail("pv_options: %s", err)
	}
	vgOptions, err := shlexSplit(a.VGOptions)
	if err != nil {
		return Fail("vg_options: %s", err)
	}
	prepare := func(devs []string) error {
		for _, d := range devs {
			if isPV[d] {
				continue
			}
			if err := c.change(slices.Concat([]string{"pvcreate"}, pvOptions, []string{"-f", d})...); err != nil {
				return wrapError(err, "Creating physical volume '%s' failed", d)
			}
		}
		return nil
	}
	switch {
	case a.State == "absent" && !there:
		return OK()
	case a.State == "absent":
		if volumes > 0 && !a.Force {
			return Fail("Refuse to remove non-empty volume group %s without force=true", a.VG)
		}
		if err := c.change("vgremove", "--force", a.VG); err != nil {
			return FailErr(wrapError(err, "Failed to remove volume group %s", a.VG))
		}
		return Changed(true)
	case (a.State == "active" || a.State == "inactive") && there:
		rows, err := c.lvmRows("lvs", "lv_active", a.VG)
		if err != nil {
			return FailErr(err)
		}
		active := slices.ContainsFunc(rows, func(r []string) bool { return strings.TrimSpace(r[0]) == "active" })
		if active == (a.State == "active") || len(rows) == 0 {
			return OK()
		}
		if err := c.change("vgchange", "--activate", map[bool]string{true: "y", false: "n"}[a.State == "active"], a.VG); err != nil {
			return FailErr(err)
		}
		return Changed(true)
	case !there:
		if len(want) == 0 {
			return Fail("No physical volumes given.")
		}
		if err := prepare(want); err != nil {
			return FailErr(err)
		}
		if err := c.change(slices.Concat([]string{"vgcreate"}, vgOptions, []string{"-s", a.PESize, a.VG}, want)...); err != nil {
			return FailErr(wrapError(err, "Creating volume group '%s' failed", a.VG))
		}
		return Changed(true)
	}
	res := OK()
	var add, drop []string
	if len(want) > 0 {
		for _, d := range want {
			if owner[d] != a.VG {
				add = append(add, d)
			}
		}
		for d, o := range owner {
			if o == a.VG && !slices.Contains(want, d) && a.RemoveExtra {
				drop = append(drop, d)
			}
		}
	}
	slices.Sort(drop)
	if len(add) > 0 {
		res.Changed = true
		if err := prepare(add); err != nil {
			return FailErr(err)
		}
		if err := c.change(append([]string{"vgextend", a.VG}, add...)...); err != nil {
			return FailErr(wrapError(err, "Unable to extend %s by %s", a.VG, strings.Join(add, " ")))
		}
	}
	if len(drop) > 0 {
		res.Changed = true
		if err := c.change(append([]string{"vgreduce", "--force", a.VG}, drop...)...); err != nil {
			return FailErr(wrapError(err, "Unable to reduce %s by %s", a.VG, strings.Join(drop, " ")))
		}
	}
	if a.PVResize {
		for _, r := range pvs {
			if len(r) != 4 || r[1] != a.VG || !slices.Contains(want, r[0]) {
				continue
			}
			d, _ := strconv.ParseInt(r[2], 10, 64)
			s, _ := strconv.ParseInt(r[3], 10, 64)
			if d-s > 8<<20 {
				res.Changed = true
				if err := c.change("pvresize", r[0]); err != nil {
					return FailErr(wrapError(err, "Failed executing pvresize command"))
				}
			}
		}
	}
	return res
}
