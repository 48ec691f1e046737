// Command goplay runs Ansible playbooks. Called as ansible-playbook, ansible,
// ansible-inventory, ansible-config, ansible-doc, ansible-galaxy, ansible-pull or
// ansible-vault (by a link of that name) it answers as that program does.
package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/goplay-engine/goplay/engine/cli/adhoc"
	"github.com/goplay-engine/goplay/engine/cli/configcli"
	"github.com/goplay-engine/goplay/engine/cli/consolecli"
	"github.com/goplay-engine/goplay/engine/cli/doccli"
	"github.com/goplay-engine/goplay/engine/cli/galaxycli"
	"github.com/goplay-engine/goplay/engine/cli/inventorycli"
	"github.com/goplay-engine/goplay/engine/cli/play"
	"github.com/goplay-engine/goplay/engine/cli/pull"
	"github.com/goplay-engine/goplay/engine/cli/rendercmd"
	"github.com/goplay-engine/goplay/engine/cli/vaultcli"
	"github.com/goplay-engine/goplay/engine/connect"
	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/remote"
)

func main() {
	connect.KeeperMain()
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
	// Who reads the output may go (goplay ... | head): the run goes on. Programs that it starts die of it as ever,
	// which they would not if the signal were ignored.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// commands by what follows "ansible-" in the program's name, or "goplay".
var commands = map[string]func(args []string, stdin io.Reader, stdout, stderr io.Writer, prog string) int{
	"playbook":  play.Main,
	"adhoc":     adhoc.Main,
	"config":    configcli.Main,
	"console":   consolecli.Main,
	"doc":       doccli.Main,
	"galaxy":    galaxycli.Main,
	"inventory": inventorycli.Main,
	"pull":      pull.Main,
	"render":    rendercmd.Main,
	"vault":     vaultcli.Main,
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	prog := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	if prog == "ansible" {
		return adhoc.Main(args[1:], stdin, stdout, stderr, prog)
	}
	if name, ok := strings.CutPrefix(prog, "ansible-"); ok {
		if commands[name] == nil {
			fmt.Fprintf(stderr, "ERROR! goplay has no %s. To run single tasks by hand, use ansible or goplay adhoc.\n", prog)
			return 1
		}
		return commands[name](args[1:], stdin, stdout, stderr, prog)
	}
	if len(args) > 1 && commands[args[1]] != nil {
		return commands[args[1]](args[2:], stdin, stdout, stderr, "goplay "+args[1])
	}
	return play.Main(args[1:], stdin, stdout, stderr, "goplay")
}
