// Command goplay runs Ansible playbooks. Called as ansible-playbook, ansible,
// ansible-inventory, ansible-config, ansible-doc or ansible-vault (by a link of
// that name) it answers as that program does.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/goplay-engine/goplay/engine/cli/adhoc"
	"github.com/goplay-engine/goplay/engine/cli/play"
	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/remote"
)

func main() {
	remote.HelperMain(module.Execute) // where the controller serves as its own helper
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(os.Stderr, "ERROR! Unexpected Exception, this is probably a bug: %v\n", r)
			if os.Getenv("GOPLAY_TRACE") != "" {
				os.Stderr.Write(debug.Stack())
			}
			os.Exit(250)
		}
	}()
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	prog := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	switch prog {
	case "ansible-playbook":
		return play.Main(args[1:], stdin, stdout, stderr, prog)
	case "ansible":
		return adhoc.Main(args[1:], stdin, stdout, stderr, prog)
	}
	if len(args) > 1 {
		switch args[1] {
		case "adhoc":
			return adhoc.Main(args[2:], stdin, stdout, stderr, "goplay adhoc")
		}
	}
	return play.Main(args[1:], stdin, stdout, stderr, "goplay")
}
