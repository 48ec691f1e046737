//go:build unix

package module

import "syscall"

// What files are to look like was recorded with this umask.
func init() { syscall.Umask(0o022) }
