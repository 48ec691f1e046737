package module

import "testing"

func TestFstab(t *testing.T) {
	e := fstabEntry{"/dev/x y", "/mnt/p q", "ext4", "defaults", "0", "2"}
	text, changed := editFstab("# table\n/dev/a / ext4 rw 0 1", e)
	want := "# table\n/dev/a / ext4 rw 0 1\n/dev/x\\040y /mnt/p\\040q ext4 defaults 0 2\n"
	if !changed || text != want {
		t.Errorf("add: %v %q", changed, text)
	}
	if again, changed := editFstab(text, e); changed || again != text {
		t.Errorf("again: %v %q", changed, again)
	}
	e.opts = "noatime"
	if text, changed = editFstab(text, e); !changed || text != "# table\n/dev/a / ext4 rw 0 1\n/dev/x\\040y /mnt/p\\040q ext4 noatime 0 2\n" {
		t.Errorf("edit: %v %q", changed, text)
	}
	if text, changed = dropFstab(text, "/mnt/p q", false, ""); !changed || text != "# table\n/dev/a / ext4 rw 0 1\n" {
		t.Errorf("drop: %v %q", changed, text)
	}
	if _, changed = dropFstab(text, "/nowhere", false, ""); changed {
		t.Error("dropped what is not there")
	}
	swap := fstabEntry{"/swap", "none", "swap", "sw", "0", "0"}
	if text, _ = editFstab("/dev/s none swap sw 0 0\n", swap); text != "/dev/s none swap sw 0 0\n/swap none swap sw 0 0\n" {
		t.Errorf("second swap: %q", text)
	}
}
