//go:build unix

package action

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// fileOwner names who owns a controller file.
func fileOwner(fi os.FileInfo) string {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	id := strconv.Itoa(int(st.Uid))
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}
