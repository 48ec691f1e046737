package facts

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// linkSet maps device names to the names that udev and the device mapper give them.
type linkSet struct{ ids, uuids, labels, masters *value.Dict }

func deviceLinks(h *host) linkSet {
	byDir := func(dir string) *value.Dict {
		d := value.NewDict()
		for _, n := range h.names(dir) {
			if dev := h.link(dir + "/" + n); dev != "" {
				addName(d, dev, unescapeUdev(n))
			}
		}
		return d
	}
	s := linkSet{ids: byDir("/dev/disk/by-id"), uuids: byDir("/dev/disk/by-uuid"), labels: byDir("/dev/disk/by-label"), masters: value.NewDict()}
	for _, b := range h.names("/sys/block") {
		for _, slave := range h.names("/sys/block/" + b + "/slaves") {
			addName(s.masters, slave, b)
		}
	}
	return s
}

func addName(d *value.Dict, key, name string) {
	l, ok := d.At(key).(*value.List)
	if !ok {
		l = value.NewList()
		d.Set(key, l)
	}
	l.Append(name)
}

var reUdev = regexp.MustCompile(`\\x[0-9a-f]{2}`)

// unescapeUdev undoes udev's \x20 in link names.
func unescapeUdev(s string) string {
	return reUdev.ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.ParseUint(m[2:], 16, 8)
		return string([]byte{byte(n)})
	})
}

func (s linkSet) of(dev string) *value.Dict {
	get := func(d *value.Dict) value.Value {
		if v, ok := d.GetStr(dev); ok {
			return v
		}
		return value.NewList()
	}
	return value.DictOf("ids", get(s.ids), "uuids", get(s.uuids), "labels", get(s.labels), "masters", get(s.masters))
}

var (
	reScheduler = regexp.MustCompile(`\[(.*?)\]`)
	rePCI       = regexp.MustCompile(`/([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])/`)
)

func devices(h *host, d *value.Dict, links linkSet) {
	all := value.NewDict()
	var pci map[string]string
	for _, name := range h.names("/sys/block") {
		dir := "/sys/block/" + name
		real, _ := filepath.EvalSymlinks(h.path(dir))
		e := value.NewDict()
		e.Set("virtual", int64(1))
		e.Set("links", links.of(name))
		for _, k := range []string{"vendor", "model", "sas_address", "sas_device_handle"} {
			e.Set(k, orNone(h.line(dir+"/device/"+k)))
		}
		if s := h.line(dir + "/device/serial"); s != "" {
			e.Set("serial", s)
		}
		if wwid := h.udev(dir)["ID_WWN_WITH_EXTENSION"]; wwid != "" {
			e.Set("wwn", wwid)
		}
		e.Set("removable", orNone(h.line(dir+"/removable")))
		e.Set("support_discard", orNone(h.line(dir+"/queue/discard_granularity")))
		parts := value.NewDict()
		for _, p := range h.names(dir) {
			pd := dir + "/" + p
			if !strings.HasPrefix(p, name) || !h.exists(pd+"/start") {
				continue
			}
			part := value.NewDict()
			part.Set("links", links.of(p))
			part.Set("start", or(h.line(pd+"/start"), "0"))
			setSize(h, part, pd, sectorSize(h, dir))
			part.Set("uuid", partUUID(h, links, p, pd))
			part.Set("holders", holders(h, pd))
			parts.Set(p, part)
		}
		e.Set("partitions", parts)
		e.Set("rotational", orNone(h.line(dir+"/queue/rotational")))
		sched := ""
		if m := reScheduler.FindStringSubmatch(h.line(dir + "/queue/scheduler")); m != nil {
			sched = m[1]
		}
		e.Set("scheduler_mode", sched)
		setSize(h, e, dir, sectorSize(h, dir))
		hostText := ""
		if m := rePCI.FindAllStringSubmatch(real, -1); m != nil && h.root == "" {
			if pci == nil {
				pci = h.lspci()
			}
			hostText = pci[m[len(m)-1][1]]
		}
		e.Set("host", hostText)
		e.Set("holders", holders(h, dir))
		all.Set(name, e)
	}
	d.Set("devices", all)
}

func sectorSize(h *host, dir string) int64 {
	for _, f := range []string{"/queue/logical_block_size", "/queue/hw_sector_size"} {
		if n, err := strconv.ParseInt(h.line(dir+f), 10, 64); err == nil && n > 0 {
			return n
		}
	}
	return 512
}

// setSize: the kernel's size counts 512-byte units whatever the sector size is.
func setSize(h *host, d *value.Dict, dir string, sector int64) {
	n, _ := strconv.ParseInt(h.line(dir+"/size"), 10, 64)
	d.Set("sectors", strconv.FormatInt(n*512/sector, 10))
	d.Set("sectorsize", strconv.FormatInt(sector, 10))
	d.Set("size", humanSize(float64(n)*512))
}

func partUUID(h *host, links linkSet, name, dir string) value.Value {
	if l, ok := links.uuids.At(name).(*value.List); ok && l.Len() > 0 {
		return l.Items[0]
	}
	return orNone(h.udev(dir)["ID_FS_UUID"])
}

func holders(h *host, dir string) *value.List {
	l := value.NewList()
	for _, n := range h.names(dir + "/holders") {
		if dm := h.line("/sys/block/" + n + "/dm/name"); strings.HasPrefix(n, "dm-") && dm != "" {
			n = dm
		}
		l.Append(n)
	}
	return l
}

// udev returns what udev's database knows of the block device at a /sys folder.
func (h *host) udev(dir string) map[string]string {
	m := map[string]string{}
	num := h.line(dir + "/dev")
	if num == "" {
		return m
	}
	for _, l := range strings.Split(h.read("/run/udev/data/b"+num), "\n") {
		if kv, ok := strings.CutPrefix(l, "E:"); ok {
			k, v, _ := strings.Cut(kv, "=")
			m[k] = v
		}
	}
	return m
}

// lspci gives the descriptions of PCI devices where the tool is installed; the
// names are in its database, not in the kernel.
func (h *host) lspci() map[string]string {
	m := map[string]string{}
	cmd := h.find("lspci")
	if cmd == "" {
		return m
	}
	ctx, cancel := context.WithTimeout(h.ctx, h.opt.Timeout)
	defer cancel()
	out, _ := exec.CommandContext(ctx, cmd, "-D").Output()
	for _, l := range strings.Split(string(out), "\n") {
		if id, text, ok := strings.Cut(l, " "); ok {
			m[id] = text
		}
	}
	return m
}

// lvm asks the LVM tools, but only where a block device can hold LVM data.
func lvm(h *host) value.Value {
	if os.Geteuid() != 0 || h.find("vgs") == "" || h.root != "" {
		return "N/A"
	}
	out := value.DictOf("lvs", value.NewDict(), "vgs", value.NewDict(), "pvs", value.NewDict())
	if h.isDir("/run/udev/data") && !h.anyLVM() {
		return out
	}
	table := func(tool, cols string, row func(f []string)) {
		cmd := h.find(tool)
		if cmd == "" {
			return
		}
		ctx, cancel := context.WithTimeout(h.ctx, h.opt.Timeout)
		defer cancel()
		c := exec.CommandContext(ctx, cmd, "--noheadings", "--nosuffix", "--units", "g", "--separator", ",", "-o", cols)
		b, _ := c.Output()
		for _, l := range strings.Split(string(b), "\n") {
			if f := strings.Split(strings.TrimSpace(l), ","); len(f) == strings.Count(cols, ",")+1 {
				row(f)
			}
		}
	}
	lvs, vgs, pvs := out.At("lvs").(*value.Dict), out.At("vgs").(*value.Dict), out.At("pvs").(*value.Dict)
	table("vgs", "vg_name,pv_count,lv_count,vg_size,vg_free", func(f []string) {
		vgs.Set(f[0], value.DictOf("size_g", f[3], "free_g", f[4], "num_lvs", f[2], "num_pvs", f[1]))
	})
	table("lvs", "lv_name,vg_name,lv_size", func(f []string) { lvs.Set(f[0], value.DictOf("size_g", f[2], "vg", f[1])) })
	table("pvs", "pv_name,vg_name,pv_size,pv_free", func(f []string) {
		pvs.Set(f[0], value.DictOf("size_g", f[2], "free_g", f[3], "vg", f[1]))
	})
	return out
}

func (h *host) anyLVM() bool {
	for _, n := range h.names("/run/udev/data") {
		if strings.HasPrefix(n, "b") && strings.Contains(h.read("/run/udev/data/"+n), "LVM") {
			return true
		}
	}
	return false
}
