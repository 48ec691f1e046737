//go:build !unix

package action

import "os"

// fileOwner names who owns a controller file.
func fileOwner(os.FileInfo) string { return "" }
