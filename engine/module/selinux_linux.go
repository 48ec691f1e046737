package module

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// selinuxEnabled tells whether the kernel enforces or logs SELinux policy.
var selinuxEnabled = sync.OnceValue(func() bool {
	_, err := os.Stat("/sys/fs/selinux/enforce")
	return err == nil
})

// fileContext is the SELinux context of path itself, "" where it has none.
func fileContext(path string) string {
	b := make([]byte, 512)
	n, err := unix.Lgetxattr(path, "security.selinux", b)
	if err != nil {
		return ""
	}
	return strings.TrimRight(string(b[:n]), "\x00")
}

func setFileContext(path, label string) error {
	return unix.Lsetxattr(path, "security.selinux", append([]byte(label), 0), 0)
}

// defaultContext asks the policy for the context of path; "" where it has none.
func defaultContext(path string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "matchpathcon", "-n", path).Output()
	s := strings.TrimSpace(string(out))
	if err != nil || s == "<<none>>" {
		return ""
	}
	return s
}

// copyXattrs copies extended attributes (ACLs and the SELinux label among them)
// as far as the process may; what cannot be copied stays behind, as with cp -p.
func copyXattrs(from, to string) {
	n, err := unix.Llistxattr(from, nil)
	if err != nil || n == 0 {
		return
	}
	list := make([]byte, n+1024)
	if n, err = unix.Llistxattr(from, list); err != nil {
		return
	}
	for _, name := range strings.Split(string(list[:n]), "\x00") {
		if name == "" {
			continue
		}
		buf := make([]byte, 64<<10)
		if m, err := unix.Lgetxattr(from, name, buf); err == nil {
			_ = unix.Lsetxattr(to, name, buf[:m], 0)
		}
	}
}

// currentUmask reads the umask without changing it, since changing it for a
// moment would reach other requests that run at the same time. It is that of this thread: the first one, which is what
// /proc/self means, may have been used up by startWithUmask.
func currentUmask() uint32 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	data, err := os.ReadFile("/proc/thread-self/status")
	if err == nil {
		if _, rest, ok := strings.Cut(string(data), "\nUmask:\t"); ok {
			var m uint32
			for _, r := range rest {
				if r < '0' || r > '7' {
					break
				}
				m = m<<3 | uint32(r-'0')
			}
			return m
		}
	}
	return 0o022
}
