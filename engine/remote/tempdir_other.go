//go:build !unix

package remote

import "os"

func lockDir(string) *os.File { return nil }

func stale(string) bool { return false }

func ownedByUs(os.FileInfo) bool { return false }
