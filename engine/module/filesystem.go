package module

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/facts"
	"github.com/goplay-engine/goplay/engine/value"
)

// dictPairs gives the entries of a dictionary parameter as texts; None is "".
func dictPairs(v any) [][2]string {
	d, ok := v.(*value.Dict)
	if !ok {
		return nil
	}
	var out [][2]string
	for k, e := range d.All() {
		s := ""
		if e != nil {
			s = value.Str(e)
		}
		out = append(out, [2]string{value.Str(k), s})
	}
	return out
}

type filesystemArgs struct {
	Dev      Path    `arg:"dev,alias=device,required" doc:"Device or image file."`
	Force    bool    `arg:"force,default=false" doc:"Replace what is there."`
	Fstype   *string `arg:"fstype,alias=type,choices=bcachefs|btrfs|ext2|ext3|ext4|ext4dev|f2fs|lvm|ocfs2|reiserfs|xfs|vfat|swap|ufs" doc:"Kind of file system."`
	Opts     *string `arg:"opts" doc:"Options for mkfs."`
	ResizeFS bool    `arg:"resizefs,default=false" doc:"Grow it to the size of the device."`
	State    string  `arg:"state,default=present,choices=present|absent" doc:"Whether there is one; absent wipes it."`
	UUID     *string `arg:"uuid" doc:"UUID to give it."`
}

var filesystemDef = &Def{
	Name:       "community.general.filesystem",
	Short:      "Makes a filesystem",
	Args:       func() any { return &filesystemArgs{} },
	Run:        runFilesystem,
	RequiredIf: []RequiredIf{{Key: "state", Value: "present", Required: []string{"fstype"}}},
}

var mkfsForce = map[string][]string{
	"ext2": {"-F"}, "ext3": {"-F"}, "ext4": {"-F"}, "ext4dev": {"-F"}, "xfs": {"-f"}, "btrfs": {"-f"}, "f2fs": {"-f"}, "reiserfs": {"-q"},
	"ocfs2": {"-Fx"}, "lvm": {"-f"}, "swap": {"-f"}, "bcachefs": {"--force"},
}

func runFilesystem(c *Context, args any) *Result {
	a := args.(*filesystemArgs)
	dev := string(a.Dev)
	if !exists(dev) {
		if a.State == "absent" {
			return OK().WithMsg(fmt.Sprintf("Device %s not found.", dev))
		}
		return Fail("Device %s not found.", dev)
	}
	p, err := c.tryTool("blkid", "-c", "/dev/null", "-o", "value", "-s", "TYPE", dev)
	if err != nil {
		return FailErr(err)
	}
	now := strings.TrimSpace(p.Stdout)
	if a.State == "absent" {
		if now == "" {
			return OK()
		}
		if err := c.change("wipefs", "--all", dev); err != nil {
			return FailErr(err)
		}
		return Changed(true)
	}
	fstype := *a.Fstype
	label := map[string]string{"lvm": "LVM2_member", "ext4dev": "ext4"}[fstype]
	same := now == fstype || now == label && label != ""
	switch {
	case same && a.ResizeFS:
		return c.growFilesystem(fstype, dev)
	case same && !a.Force:
		return OK()
	case now != "" && !a.Force:
		return Fail("'%s' is already used as %s, use force=true to overwrite", dev, now).Set("rc", p.RC).Set("err", p.Stderr)
	}
	for _, m := range facts.Mounts() {
		if m.Device == dev {
			return Fail("'%s' is mounted on %s, unmount it first", dev, m.Point)
		}
	}
	tool := map[string]string{"lvm": "pvcreate", "swap": "mkswap"}[fstype]
	argv := []string{or(tool, "mkfs."+fstype)}
	argv = append(argv, mkfsForce[fstype]...)
	if fstype == "xfs" && !a.Force {
		argv = argv[:1]
	}
	if a.UUID != nil {
		flag := map[string]string{"xfs": "-m", "lvm": "--norestorefile", "vfat": "-i"}[fstype]
		switch fstype {
		case "xfs":
			argv = append(argv, flag, "uuid="+*a.UUID)
		case "lvm":
			argv = append(argv, flag, "--uuid", *a.UUID)
		case "vfat":
			argv = append(argv, flag, *a.UUID)
		default:
			argv = append(argv, "-U", *a.UUID)
		}
	}
	if a.Opts != nil {
		more, err := shlexSplit(*a.Opts)
		if err != nil {
			return Fail("opts: %s", err)
		}
		argv = append(argv, more...)
	}
	if err := c.change(append(argv, dev)...); err != nil {
		return FailErr(err)
	}
	return Changed(true)
}

// growFilesystem grows a file system to its device, where it is smaller.
func (c *Context) growFilesystem(fstype, dev string) *Result {
	devSize, err := deviceSize(dev)
	if err != nil {
		return Fail("%s", pyError(err, dev))
	}
	mounted := ""
	for _, m := range facts.Mounts() {
		if m.Device == dev {
			mounted = m.Point
		}
	}
	var size int64
	var argv []string
	switch fstype {
	case "ext2", "ext3", "ext4", "ext4dev":
		p, err := c.tool("tune2fs", "-l", dev)
		if err != nil {
			return FailErr(err)
		}
		var count, block int64
		for _, l := range strings.Split(p.Stdout, "\n") {
			k, v, _ := strings.Cut(l, ":")
			n, _ := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
			switch k {
			case "Block count":
				count = n
			case "Block size":
				block = n
			}
		}
		size, argv = count*block, []string{"resize2fs", dev}
		if block > 0 {
			devSize -= devSize % block
		}
	case "xfs", "btrfs":
		if mounted == "" {
			return Fail("%s needs to be mounted for %s operations", dev, fstype)
		}
		argv = map[string][]string{"xfs": {"xfs_growfs", mounted}, "btrfs": {"btrfs", "filesystem", "resize", "max", mounted}}[fstype]
		s, _ := facts.MountSize(c, mounted, 10e9)
		size, _ = s.At("size_total").(int64)
		if devSize-size < devSize/20 { // its own structures take some of the device
			size = devSize
		}
	case "lvm":
		argv = []string{"pvresize", dev}
		p, err := c.tool("pvs", "--noheadings", "-o", "dev_size,pv_size", "--units", "b", "--nosuffix", dev)
		if err != nil {
			return FailErr(err)
		}
		if f := strings.Fields(p.Stdout); len(f) == 2 {
			d, _ := strconv.ParseInt(f[0], 10, 64)
			s, _ := strconv.ParseInt(f[1], 10, 64)
			if d-s < 8<<20 {
				size = devSize
			}
		}
	default:
		return Fail("module does not support resizing %s filesystem yet", fstype)
	}
	if size >= devSize {
		name := strings.ToUpper(fstype[:1]) + fstype[1:]
		return OK().WithMsg(fmt.Sprintf("%s filesystem is using the whole device %s", name, dev))
	}
	if err := c.change(argv...); err != nil {
		return FailErr(err)
	}
	return Changed(true)
}

// deviceSize is the size of a block device or file in bytes.
func deviceSize(dev string) (int64, error) {
	f, err := openFile(dev)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Seek(0, 2)
}
