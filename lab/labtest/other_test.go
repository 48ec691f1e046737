//go:build !linux

package labtest

import "testing"

func TestLab(t *testing.T) { t.Skip("the lab needs Linux and root") }
