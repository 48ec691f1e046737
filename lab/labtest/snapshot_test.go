//go:build linux

package labtest

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"syscall"
	"testing"
)

// A snapshot says what a host's disk holds beyond its image: path to type, mode, owner and content.
type snapshot map[string]string

// volatile paths differ between two equal runs: logs, caches, databases with times in them, and what each
// program keeps for itself on the host (dnf notes checksums at the files of a local repository, /srv/repo).
var volatile = regexp.MustCompile(`^/(run|tmp|proc|sys|dev)(/|$)|^/var/(log|cache|tmp)(/|$)|^/var/lib/(dnf|rpm|apt|dpkg|systemd)(/|$)` +
	`|^/etc/(passwd|group|shadow|gshadow|subuid|subgid)-$|^/etc/(\.pwd\.lock|\.updated|ld\.so\.cache|resolv\.conf)$|^/var/\.updated$` +
	`|^/(root|home/[^/]+)/(\.ansible|\.cache)(/|$)|^/var/lib$|^/root$|^/root/\.bash_history$|/goplay|^/srv(/|$)|^/opt$`)

// snap looks at a host's disk from outside.
func snap(t *testing.T, host string) snapshot {
	t.Helper()
	up := filepath.Join(filepath.Dir(hostRoot(t, host)), "disk/up")
	s := snapshot{}
	err := filepath.WalkDir(up, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, up)
		if name == "" || volatile.MatchString(name) {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // it went away meanwhile
		}
		s[name] = describe(path, info)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var changeDay = regexp.MustCompile(`(?m)^([^:]*:[^:]*:)\d+:`)

func describe(path string, info fs.FileInfo) string {
	st := info.Sys().(*syscall.Stat_t)
	what := fmt.Sprintf("%v %d:%d", info.Mode(), st.Uid, st.Gid)
	switch {
	case info.Mode().IsRegular():
		b, err := os.ReadFile(path)
		if err != nil {
			return what + " " + err.Error()
		}
		if strings.HasSuffix(path, "/etc/shadow") { // with the day of the last change of a password
			b = changeDay.ReplaceAll(b, []byte("${1}DAY:"))
		}
		return fmt.Sprintf("%s %d %x", what, len(b), sha256.Sum256(b))
	case info.Mode()&fs.ModeSymlink != 0:
		link, _ := os.Readlink(path)
		return what + " -> " + link
	}
	return what
}

// differences lists what two snapshots do not share.
func differences(a, b snapshot) []string {
	var out []string
	for path, what := range a {
		if other, ok := b[path]; !ok {
			out = append(out, path+": gone ("+what+")")
		} else if other != what {
			out = append(out, path+": "+what+" became "+other)
		}
	}
	for path, what := range b {
		if _, ok := a[path]; !ok {
			out = append(out, path+": new ("+what+")")
		}
	}
	sort.Strings(out)
	return out
}

func snapAll(t *testing.T, hosts ...string) map[string]snapshot {
	t.Helper()
	all := map[string]snapshot{}
	for _, h := range hosts {
		all[h] = snap(t, h)
	}
	return all
}

// wantSame checks that hosts did not change, or that two ways led to the same.
func wantSame(t *testing.T, before, after map[string]snapshot) {
	t.Helper()
	for host := range before {
		for _, d := range differences(before[host], after[host]) {
			t.Errorf("%s: %s", host, d)
		}
	}
}

// leftovers lists what a run must not leave on a host: its processes and its temporary files. Programs kept
// for the next run are no leftovers.
func leftovers(t *testing.T, host string) string {
	t.Helper()
	return strings.TrimSpace(on(t, host, `
ps -eo pid=,args= | grep -E 'goplay|ansible|sleep 6[0-9]' | grep -v grep
find /tmp /var/tmp /dev/shm -mindepth 1 -not -path '*/systemd-private-*' -not -name '.*-unix' -not -path '*/.goplay-*' 2>/dev/null
find / -xdev \( -type f -name '.goplay-*' -o -name '*goplay-tmp*' -o -name '.ansible_tmp*' -o -name 'ansible-tmp-*' \) \
  -not -path '/proc/*' 2>/dev/null
find /tmp /var/tmp /dev/shm /root /home -path '*/.goplay-*' -type f -not -name 'goplay-remote-*' 2>/dev/null`))
}

// wantClean checks for leftovers, giving a cut-off session some seconds to end.
func wantClean(t *testing.T, hosts ...string) {
	t.Helper()
	for _, h := range hosts {
		var left string
		if !eventually(30e9, func() bool { left = leftovers(t, h); return left == "" }) {
			t.Errorf("left on %s:\n%s", h, left)
		}
	}
}
