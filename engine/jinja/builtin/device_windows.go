package builtin

import "os"

func sameDevice(a, b os.FileInfo) bool { return true }
