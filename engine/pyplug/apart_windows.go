package pyplug

import "os/exec"

// apart does nothing: the console's interrupt reaches all.
func apart(*exec.Cmd) {}
