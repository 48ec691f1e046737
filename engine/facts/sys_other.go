//go:build !linux

package facts

import (
	"errors"
	"io/fs"
	"runtime"

	"github.com/goplay-engine/goplay/engine/value"
)

func statfs(string) (fsSize, error) { return fsSize{}, errors.ErrUnsupported }

func usableCPUs() int64 { return int64(runtime.NumCPU()) }

func sysLoads() (l [3]float64, ok bool) { return l, false }

func rootInode(fs.FileInfo) bool { return true }

// Interfaces are read by netlink, which only Linux has.
func network(*host, *value.Dict) {}

func systemdFacts(*host, *value.Dict) {}
