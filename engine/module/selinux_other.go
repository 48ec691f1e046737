//go:build !linux

package module

import "errors"

func selinuxEnabled() bool                { return false }
func fileContext(string) string           { return "" }
func setFileContext(string, string) error { return errors.ErrUnsupported }
func defaultContext(string) string        { return "" }
func copyXattrs(string, string)           {}
func currentUmask() uint32                { return 0o022 }
