package module

import (
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// What parted 3.5 printed with -m of an image of 64 MiB.
func TestParsePartedInfo(t *testing.T) {
	for _, c := range []struct{ unit, out, disk, partitions string }{
		{"KiB", "BYT;\n/dev/sda:65536kiB:scsi:512:4096:gpt:ATA Disk:;\n1:1024kiB:10240kiB:9216kiB:ext4:a:b:boot, esp;\n",
			"{'dev': '/dev/sda', 'size': 65536.0, 'unit': 'kib', 'table': 'gpt', 'model': 'ATA Disk', 'logical_block': 512, 'physical_block': 4096}",
			"[{'num': 1, 'begin': 1024.0, 'end': 10240.0, 'size': 9216.0, 'fstype': 'ext4', 'name': 'a:b', 'flags': ['boot', 'esp'], 'unit': 'kib'}]"},
		{"chs", "CHS;\n/i:1023,3,31:file:512:512:msdos::;\n1024:4:32:65.5kB;\n1:16,0,0:159,3,31:::;\n",
			"{'dev': '/i', 'size': {'cylinder': 1023, 'head': 3, 'sector': 31}, 'unit': 'chs', 'table': 'msdos', 'model': '', 'logical_block': 512, 'physical_block': 512, " +
				"'chs_info': {'cylinders': 1024, 'heads': 4, 'sectors': 32, 'cyl_size': 65.5, 'cyl_size_unit': 'kb'}}",
			"[{'num': 1, 'begin': {'cylinder': 16, 'head': 0, 'sector': 0}, 'end': {'cylinder': 159, 'head': 3, 'sector': 31}, 'size': '', 'fstype': '', 'name': '', 'flags': [], 'unit': 'chs'}]"},
	} {
		i, err := parsePartedInfo(c.out, c.unit)
		if err != nil {
			t.Fatal(err)
		}
		if got := value.Repr(i.disk); got != c.disk {
			t.Errorf("%s:\n got  %s\n want %s", c.unit, got, c.disk)
		}
		if got := value.Repr(i.partitions); got != c.partitions {
			t.Errorf("%s:\n got  %s\n want %s", c.unit, got, c.partitions)
		}
	}
	for _, out := range []string{"", "BYT;\n", "BYT;\n/i:x:file:512:512:gpt::;\n", "BYT;\n/i:1s:file:512:512:gpt::;\n1:2s;\n", "CHS;\n/i:1,2,3:file:512:512:gpt::;\n"} {
		if _, err := parsePartedInfo(out, "chs"); err == nil {
			t.Errorf("%q: no error", out)
		}
	}
}

func FuzzPartedInfo(f *testing.F) {
	f.Add("BYT;\n/dev/sda:65536kiB:scsi:512:4096:gpt:ATA Disk:;\n1:1024kiB:10240kiB:9216kiB:ext4:a:b:boot, esp;\n", "KiB")
	f.Add("CHS;\n/i:1023,3,31:file:512:512:msdos::;\n1024:4:32:65.5kB;\n1:16,0,0:159,3,31:::;\n", "chs")
	f.Fuzz(func(_ *testing.T, out, unit string) { _, _ = parsePartedInfo(out, unit) })
}
