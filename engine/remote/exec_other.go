//go:build !unix

package remote

import (
	"os"
	"os/exec"
)

func ownGroup(*exec.Cmd) {}

func killGroup(p *os.Process, _ bool) { p.Kill() }

func groupAlive(*os.Process) bool { return false }

// ExitCode gives the exit status.
func ExitCode(st *os.ProcessState) int { return st.ExitCode() }
