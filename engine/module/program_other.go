//go:build !unix

package module

import "os/exec"

func setGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = cmd.Process.Kill()
	}
}

func termGroup(cmd *exec.Cmd) { killGroup(cmd) }

func startWithUmask(cmd *exec.Cmd, _ *int) error { return cmd.Start() }
