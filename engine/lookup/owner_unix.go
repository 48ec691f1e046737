//go:build unix

package lookup

import (
	"os"
	"os/user"
	"strconv"
	"syscall"

	"github.com/goplay-engine/goplay/engine/value"
)

// owner adds who owns a file.
func owner(d *value.Dict, info os.FileInfo) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	d.Set("uid", int64(st.Uid))
	d.Set("gid", int64(st.Gid))
	d.Set("owner", int64(st.Uid))
	d.Set("group", int64(st.Gid))
	if u, err := user.LookupId(strconv.Itoa(int(st.Uid))); err == nil {
		d.Set("owner", u.Username)
	}
	if g, err := user.LookupGroupId(strconv.Itoa(int(st.Gid))); err == nil {
		d.Set("group", g.Name)
	}
}
