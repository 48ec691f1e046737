package facts

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// hardware sets processor*, mem*, swap*, the DMI facts, mounts, devices, lvm
// and uptime_seconds.
func hardware(h *host, d *value.Dict) {
	cpuFacts(h, d)
	memory(h, d)
	dmi(h, d)
	links := deviceLinks(h)
	devices(h, d, links)
	d.Set("device_links", value.DictOf("ids", links.ids, "uuids", links.uuids, "labels", links.labels, "masters", links.masters))
	if up, _, ok := strings.Cut(h.read("/proc/uptime"), "."); ok {
		if n, err := strconv.ParseInt(up, 10, 64); err == nil {
			d.Set("uptime_seconds", n)
		}
	}
	d.Set("lvm", lvm(h))
	d.Set("mounts", mounts(h))
}

func cpuFacts(h *host, d *value.Dict) {
	text := h.read("/proc/cpuinfo")
	if text == "" {
		return
	}
	list := value.NewList()
	var occurrence, models int64
	type socket struct{ id, cores, siblings string }
	var sockets []socket
	at := -1 // the socket of the processor being read
	xen := h.exists("/proc/xen") || strings.Contains(text, "hypervisor: xen")
	for _, l := range strings.Split(text, "\n") {
		k, v, ok := strings.Cut(l, ":")
		if !ok {
			continue
		}
		k, v = strings.TrimSpace(k), strings.TrimSpace(v)
		switch k {
		case "processor":
			list.Append(v)
			occurrence++
			at = -1
		case "model name", "Processor", "vendor_id", "cpu", "Vendor":
			list.Append(v)
			if k != "vendor_id" && k != "Vendor" {
				models++
			}
		case "physical id":
			for i := range sockets {
				if sockets[i].id == v {
					at = i
				}
			}
			if at < 0 {
				sockets = append(sockets, socket{id: v})
				at = len(sockets) - 1
			}
		case "cpu cores":
			if at >= 0 {
				sockets[at].cores = v
			}
		case "siblings":
			if at >= 0 {
				sockets[at].siblings = v
			}
		case "# processors":
			occurrence, _ = strconv.ParseInt(v, 10, 64)
		}
	}
	d.Set("processor", list)
	count, cores, threads := max(models, 1), int64(1), int64(1)
	arch := uname().machine
	if strings.HasPrefix(arch, "arm") || strings.HasPrefix(arch, "aarch") || strings.HasPrefix(arch, "ppc") || models == 0 {
		count = max(occurrence, 1)
	}
	vcpus := count
	if !xen {
		if len(sockets) > 0 {
			count = int64(len(sockets))
			if n, err := strconv.ParseInt(sockets[0].cores, 10, 64); err == nil && n > 0 {
				cores = n
			}
			if n, err := strconv.ParseInt(sockets[0].siblings, 10, 64); err == nil && n >= cores {
				threads = n / cores
			}
		}
		vcpus = threads * count * cores
	}
	d.Set("processor_count", count)
	d.Set("processor_cores", cores)
	d.Set("processor_threads_per_core", threads)
	d.Set("processor_vcpus", vcpus)
	if n := usableCPUs(); n > 0 {
		occurrence = n
	}
	d.Set("processor_nproc", occurrence)
}

func memory(h *host, d *value.Dict) {
	m := map[string]int64{}
	for _, l := range strings.Split(h.read("/proc/meminfo"), "\n") {
		k, v, _ := strings.Cut(l, ":")
		if f := strings.Fields(v); len(f) > 0 {
			n, _ := strconv.ParseInt(f[0], 10, 64)
			m[k] = n / 1024
		}
	}
	if len(m) == 0 {
		return
	}
	noCacheFree := m["Cached"] + m["MemFree"] + m["Buffers"]
	d.Set("memtotal_mb", m["MemTotal"])
	d.Set("memfree_mb", m["MemFree"])
	d.Set("swaptotal_mb", m["SwapTotal"])
	d.Set("swapfree_mb", m["SwapFree"])
	d.Set("memory_mb", value.DictOf(
		"real", value.DictOf("total", m["MemTotal"], "used", m["MemTotal"]-m["MemFree"], "free", m["MemFree"]),
		"nocache", value.DictOf("free", noCacheFree, "used", m["MemTotal"]-noCacheFree),
		"swap", value.DictOf("total", m["SwapTotal"], "free", m["SwapFree"], "used", m["SwapTotal"]-m["SwapFree"], "cached", m["SwapCached"]),
	))
}

// chassisTypes are the names of SMBIOS's chassis types, by number.
var chassisTypes = strings.Split("Unknown|Other|Unknown|Desktop|Low Profile Desktop|Pizza Box|Mini Tower|Tower|Portable|Laptop|Notebook|Hand Held|"+
	"Docking Station|All In One|Sub Notebook|Space-saving|Lunch Box|Main Server Chassis|Expansion Chassis|Sub Chassis|Bus Expansion Chassis|"+
	"Peripheral Chassis|RAID Chassis|Rack Mount Chassis|Sealed-case PC|Multi-system|CompactPCI|AdvancedTCA|Blade|Blade Enclosure|Tablet|"+
	"Convertible|Detachable|IoT Gateway|Embedded PC|Mini PC|Stick PC", "|")

func dmi(h *host, d *value.Dict) {
	const dir = "/sys/devices/virtual/dmi/id/"
	for _, k := range []string{"bios_date", "bios_vendor", "bios_version", "board_asset_tag", "board_name", "board_serial", "board_vendor",
		"board_version", "chassis_asset_tag", "chassis_serial", "chassis_vendor", "chassis_version", "product_name", "product_serial",
		"product_uuid", "product_version"} {
		d.Set(k, or(h.line(dir+k), "NA"))
	}
	d.Set("system_vendor", or(h.line(dir+"sys_vendor"), "NA"))
	form := "NA"
	if t := h.line(dir + "chassis_type"); t != "" {
		form = fmt.Sprintf("unknown (%s)", t)
		if n, err := strconv.Atoi(t); err == nil && n >= 0 && n < len(chassisTypes) {
			form = chassisTypes[n]
		}
	}
	d.Set("form_factor", form)
}

// humanSize writes a number of bytes as 256.00 GB.
func humanSize(n float64) string {
	units := []string{"Bytes", "KB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}
	i := 0
	for n >= 1024 && i < len(units)-1 {
		n /= 1024
		i++
	}
	return fmt.Sprintf("%.2f %s", n, units[i])
}
