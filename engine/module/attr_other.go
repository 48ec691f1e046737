//go:build !linux

package module

import "errors"

func fileFlags(string) (flags, version uint32, ok bool) { return 0, 0, false }

func setFileFlags(string, uint32) error { return errors.ErrUnsupported }
