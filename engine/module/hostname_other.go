//go:build !linux

package module

import "errors"

func setHostname(string) error { return errors.ErrUnsupported }
