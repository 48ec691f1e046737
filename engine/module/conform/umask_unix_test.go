//go:build unix

package conform_test

import "syscall"

// What files are to look like was recorded with this umask.
func init() { syscall.Umask(0o022) }
