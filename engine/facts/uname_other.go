//go:build !unix

package facts

import "runtime"

func uname() utsname { return utsname{system: runtime.GOOS, machine: runtime.GOARCH} }
