// Command goplay-remote is the remote helper: goplay sends it to a target,
// starts it over SSH and runs modules in it. It is not meant to be run by hand.
package main

import (
	"os"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/remote"
)

func main() {
	if len(os.Args) < 2 || os.Args[1] != remote.HelperArg {
		os.Args = append([]string{os.Args[0], remote.HelperArg}, os.Args[1:]...)
	}
	remote.HelperMain(module.Execute)
}
