//go:build unix

package facts

import "golang.org/x/sys/unix"

func uname() utsname {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return utsname{}
	}
	return utsname{
		unix.ByteSliceToString(u.Sysname[:]), unix.ByteSliceToString(u.Nodename[:]), unix.ByteSliceToString(u.Release[:]),
		unix.ByteSliceToString(u.Version[:]), unix.ByteSliceToString(u.Machine[:]),
	}
}
