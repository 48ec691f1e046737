//go:build !unix

package remote

import (
	"os"
	"os/exec"
)

func privateStdio() (in, out *os.File) { return os.Stdin, os.Stdout }

func onSignals(func()) {}

func jobUmask() {}

func detach(*exec.Cmd) {}
