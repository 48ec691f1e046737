package facts

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// Mount is one mounted file system.
type Mount struct {
	Device, Point, FSType, Options string
	Dump, Passno                   int64
	UUID                           string
	// Root is the part of the file system that is mounted, "/" unless bound.
	Root string
}

// fsSize is what statfs tells.
type fsSize struct{ blockSize, fragment, blocks, avail, files, freeFiles int64 }

// unescapeMount undoes the octal escapes of /proc/mounts and fstab.
func unescapeMount(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Mounts lists what is mounted, in the kernel's order.
func Mounts() []Mount { return mountTable(&host{}) }

func mountTable(h *host) []Mount {
	text := firstOf(h, "/proc/self/mounts", "/etc/mtab")
	roots := map[string]string{}
	for _, l := range strings.Split(h.read("/proc/self/mountinfo"), "\n") {
		if f := strings.Fields(l); len(f) > 5 {
			roots[unescapeMount(f[4])] = unescapeMount(f[3])
		}
	}
	var out []Mount
	for _, l := range strings.Split(text, "\n") {
		f := strings.Fields(l)
		if len(f) < 4 {
			continue
		}
		m := Mount{Device: unescapeMount(f[0]), Point: unescapeMount(f[1]), FSType: f[2], Options: f[3], Root: "/"}
		if len(f) > 5 {
			m.Dump, _ = strconv.ParseInt(f[4], 10, 64)
			m.Passno, _ = strconv.ParseInt(f[5], 10, 64)
		}
		if r := roots[m.Point]; r != "" {
			m.Root = r
		}
		out = append(out, m)
	}
	return out
}

// mounts describes the file systems on devices and from other hosts. Each is
// measured on its own: one that hangs gets a note instead of its size.
func mounts(h *host) *value.List {
	uuids := h.uuidsByDevice()
	var wg sync.WaitGroup
	type slot struct {
		d    *value.Dict
		size fsSize
		err  error
		done chan struct{}
	}
	var slots []*slot
	for _, m := range mountTable(h) {
		if !strings.HasPrefix(m.Device, "/") && !strings.Contains(m.Device, ":/") || m.FSType == "none" {
			continue
		}
		opts := m.Options
		if m.Root != "/" && !hasOption(opts, "bind") && !hasOption(opts, "rbind") {
			opts += ",bind"
		}
		s := &slot{done: make(chan struct{}), d: value.DictOf("mount", m.Point, "device", m.Device, "fstype", m.FSType, "options", opts,
			"dump", m.Dump, "passno", m.Passno)}
		uuid := uuids[m.Device]
		if real, err := filepath.EvalSymlinks(m.Device); uuid == "" && err == nil {
			uuid = uuids[real]
		}
		s.d.Set("uuid", or(uuid, "N/A"))
		slots = append(slots, s)
		wg.Add(1)
		go func() { // may outlive this call when the server of the mount is gone
			defer wg.Done()
			s.size, s.err = statfs(h.path(m.Point))
			close(s.done)
		}()
	}
	limit := time.After(h.opt.Timeout)
	expired := false
	points := map[string]int{}
	out := value.NewList()
	for _, s := range slots {
		finished := false
		if expired {
			select {
			case <-s.done:
				finished = true
			default:
			}
		} else {
			select {
			case <-s.done:
				finished = true
			case <-limit:
				expired = true
			case <-h.ctx.Done():
				expired = true
			}
		}
		switch {
		case !finished:
			s.d.Set("note", "Timed out while attempting to get extra information.")
		case s.err != nil:
			s.d.Set("note", "Could not get extra information: "+s.err.Error())
		default:
			s.size.describe(s.d)
		}
		// Of several mounts on one point only the last can be seen.
		point := value.Str(s.d.At("mount"))
		if i, ok := points[point]; ok {
			out.Items[i] = s.d
			continue
		}
		points[point] = out.Len()
		out.Append(s.d)
	}
	return out
}

func (z fsSize) describe(d *value.Dict) {
	d.Set("size_total", z.fragment*z.blocks)
	d.Set("size_available", z.fragment*z.avail)
	d.Set("block_size", z.blockSize)
	d.Set("block_total", z.blocks)
	d.Set("block_available", z.avail)
	d.Set("block_used", z.blocks-z.avail)
	d.Set("inode_total", z.files)
	d.Set("inode_available", z.freeFiles)
	d.Set("inode_used", z.files-z.freeFiles)
}

// MountSize measures one file system; timedOut tells that it did not answer in
// time. A file system that cannot be measured gives an empty dictionary.
func MountSize(ctx context.Context, point string, limit time.Duration) (size *value.Dict, timedOut bool) {
	got := make(chan *value.Dict, 1)
	go func() { // may outlive this call when the server of the mount is gone
		d := value.NewDict()
		if z, err := statfs(point); err == nil {
			z.describe(d)
		}
		got <- d
	}()
	select {
	case d := <-got:
		return d, false
	case <-time.After(limit):
	case <-ctx.Done():
	}
	return value.NewDict(), true
}

// DeviceUUID is the UUID of the file system on a device, "" where unknown.
func DeviceUUID(device string) string {
	m := (&host{}).uuidsByDevice()
	if u := m[device]; u != "" {
		return u
	}
	real, err := filepath.EvalSymlinks(device)
	if err != nil {
		return ""
	}
	return m[real]
}

func hasOption(opts, name string) bool {
	for _, o := range strings.Split(opts, ",") {
		if o == name {
			return true
		}
	}
	return false
}

// uuidsByDevice maps /dev names to file system UUIDs, from udev's links.
func (h *host) uuidsByDevice() map[string]string {
	m := map[string]string{}
	for _, n := range h.names("/dev/disk/by-uuid") {
		p := h.path("/dev/disk/by-uuid/" + n)
		if real, err := filepath.EvalSymlinks(p); err == nil {
			m[real] = n
			if dm := h.line("/sys/block/" + filepath.Base(real) + "/dm/name"); dm != "" {
				m["/dev/mapper/"+dm] = n
			}
		} else if t, err := os.Readlink(p); err == nil {
			m["/dev/"+filepath.Base(t)] = n
		}
	}
	return m
}
