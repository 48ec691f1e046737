//go:build !linux

package module

func syncFolder(string) {}
