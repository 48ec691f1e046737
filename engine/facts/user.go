package facts

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// passwdLine returns the fields of an /etc/passwd line by name or number;
// accounts of other sources are asked from getent.
func (h *host) passwdLine(key string, byID bool) []string {
	want := 0
	if byID {
		want = 2
	}
	for _, l := range strings.Split(h.read("/etc/passwd"), "\n") {
		if f := strings.Split(l, ":"); len(f) >= 7 && f[want] == key {
			return f
		}
	}
	if h.root == "" && h.find("getent") != "" {
		out, err := exec.CommandContext(h.ctx, h.find("getent"), "passwd", key).Output()
		if f := strings.Split(strings.TrimSpace(string(out)), ":"); err == nil && len(f) >= 7 {
			return f
		}
	}
	return nil
}

func userFacts(h *host, d *value.Dict) {
	name := ""
	for _, v := range []string{"LOGNAME", "USER", "LNAME", "USERNAME"} {
		if name = h.getenv(v); name != "" {
			break
		}
	}
	var f []string
	if name != "" {
		f = h.passwdLine(name, false)
	}
	if f == nil {
		f = h.passwdLine(strconv.Itoa(os.Geteuid()), true)
	}
	if f == nil {
		if u, err := user.Current(); err == nil {
			f = []string{u.Username, "x", u.Uid, u.Gid, u.Name, u.HomeDir, os.Getenv("SHELL")}
		}
	}
	if f != nil {
		if name == "" {
			name = f[0]
		}
		uid, _ := strconv.ParseInt(f[2], 10, 64)
		gid, _ := strconv.ParseInt(f[3], 10, 64)
		d.Set("user_id", name)
		d.Set("user_uid", uid)
		d.Set("user_gid", gid)
		d.Set("user_gecos", f[4])
		d.Set("user_dir", f[5])
		d.Set("user_shell", f[6])
	}
	d.Set("real_user_id", int64(os.Getuid()))
	d.Set("effective_user_id", int64(os.Geteuid()))
	d.Set("real_group_id", int64(os.Getgid()))
	d.Set("effective_group_id", int64(os.Getegid()))
}
