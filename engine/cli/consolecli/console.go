// Package consolecli is the command ansible-console: it reads commands line by
// line and runs each as an ad hoc task on the hosts of a pattern.
//
// It imports the ad hoc command, which does the work, and the lists of modules
// and actions; it must not import run.
package consolecli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/user"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/cli/adhoc"
	"github.com/goplay-engine/goplay/engine/cli/common"
	"github.com/goplay-engine/goplay/engine/cli/inventorycli"
	"github.com/goplay-engine/goplay/engine/module"
)

const description = "REPL console for executing Ansible tasks."

// console is what the commands have set so far.
type console struct {
	stdout, stderr      io.Writer
	pattern             string
	module              string // for lines that name none
	fixed               []string
	inventory           []string // -i with its values
	forks, verbosity    int
	become, check, diff bool
	text                map[string]string // become_user ... by flag
	hosts               int
}

// settings are the commands that set a flag which takes a value.
var settings = map[string]string{"become_user": "become-user", "become_method": "become-method", "remote_user": "user", "timeout": "task-timeout"}

// Main runs the console until its input ends and returns the exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, prog string) int {
	fs := pflag.NewFlagSet(prog, pflag.ContinueOnError)
	var f common.Flags
	f.Register(fs)
	c := &console{stdout: stdout, stderr: stderr, text: map[string]string{}}
	fs.StringVarP(&c.module, "module-name", "m", "shell", "module for lines that name none")
	fs.Bool("step", false, "accepted for compatibility")
	fs.Int("task-timeout", 0, "set task timeout limit in seconds")
	fs.String("playbook-dir", "", "stands for the folder of the playbook that the console does not have")
	const usage = "[pattern]"
	if done, code := f.Parse(fs, prog, usage, description, args, stdout, stderr); done {
		return code
	}
	if fs.NArg() > 1 {
		return common.UsageError(stderr, prog, usage, fmt.Errorf("unrecognized arguments: %s", strings.Join(fs.Args()[1:], " ")))
	}
	c.take(fs)
	c.forks, c.verbosity, c.become, c.check, c.diff = f.Forks, f.Verbosity, f.Become, f.Check, f.Diff
	if c.forks == 0 {
		c.forks = f.Config().Forks()
	}
	pattern := "*"
	if fs.NArg() == 1 {
		pattern = fs.Arg(0)
	}
	if code := c.cd(pattern); code != 0 {
		return code
	}
	return c.loop(stdin)
}

// take keeps the flags that hold for every task.
func (c *console) take(fs *pflag.FlagSet) {
	fs.Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "forks", "verbose", "become", "check", "diff", "module-name", "step":
			return
		}
		if l, ok := f.Value.(pflag.SliceValue); ok {
			for _, v := range l.GetSlice() {
				c.fixed = append(c.fixed, "--"+f.Name+"="+v)
				if strings.HasPrefix(f.Name, "inventory") || strings.HasPrefix(f.Name, "vault") {
					c.inventory = append(c.inventory, "--"+f.Name+"="+v)
				}
			}
			return
		}
		if f.Value.Type() == "bool" {
			c.fixed = append(c.fixed, "--"+f.Name)
			return
		}
		c.fixed = append(c.fixed, "--"+f.Name+"="+f.Value.String())
	})
}

func (c *console) loop(stdin io.Reader) int {
	fmt.Fprint(c.stdout, "Welcome to the ansible console. Type help or ? to list commands.\n\n")
	in := bufio.NewScanner(stdin)
	in.Buffer(nil, 1<<20)
	for {
		fmt.Fprint(c.stdout, c.prompt())
		if !in.Scan() || !c.command(strings.TrimSpace(in.Text())) {
			fmt.Fprint(c.stdout, "\nAnsible-console was exited.\n")
			return 0
		}
	}
}

func (c *console) prompt() string {
	name := c.text["user"]
	if name == "" {
		if u, err := user.Current(); err == nil {
			name = u.Username
		}
	}
	sign := "$"
	if c.become {
		sign = "#"
	}
	return fmt.Sprintf("%s@%s (%d)[f:%d]%s ", name, c.pattern, c.hosts, c.forks, sign)
}

// command runs one line; false ends the console.
func (c *console) command(line string) bool {
	if line == "" || strings.HasPrefix(line, "#") {
		return true
	}
	if strings.HasPrefix(line, "!") {
		c.task("shell", strings.TrimSpace(line[1:]))
		return true
	}
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case "exit", "EOF", "quit":
		return false
	case "cd":
		if rest == "" || rest == "/*" {
			rest = "*"
		}
		c.cd(rest)
	case "list":
		c.list(rest)
	case "help", "?":
		c.help(rest)
	case "become":
		c.toggle(&c.become, word, rest)
	case "check":
		c.toggle(&c.check, word, rest)
	case "diff":
		c.toggle(&c.diff, word, rest)
	case "forks":
		c.number(&c.forks, rest, 1, "Usage: forks <number>")
	case "verbosity":
		if c.number(&c.verbosity, rest, 0, "Usage: verbosity <number>") && c.verbosity > 0 {
			fmt.Fprintf(c.stdout, "verbosity level set to %d\n", c.verbosity)
		}
	case "become_user", "become_method", "remote_user", "timeout":
		if rest == "" {
			fmt.Fprintf(c.stdout, "Please specify a value, e.g. `%s VALUE`\n", word)
			break
		}
		c.text[settings[word]] = rest
	default:
		if isModule(word) {
			c.task(word, rest)
		} else {
			c.task(c.module, line)
		}
	}
	return true
}

var fullName = regexp.MustCompile(`^[a-z_]\w*\.[a-z_]\w*\.[\w.]+$`)

// isModule tells whether a word names something to run, rather than beginning a
// command line.
func isModule(word string) bool {
	if fullName.MatchString(word) {
		return true
	}
	for _, n := range []string{word, "ansible.builtin." + word} {
		if _, ok := action.Lookup(n); ok {
			return true
		}
		if _, ok := module.Lookup(n); ok {
			return true
		}
	}
	return false
}

// flags are the arguments of every ad hoc command.
func (c *console) flags() []string {
	out := slices.Clone(c.fixed)
	out = append(out, "--forks="+strconv.Itoa(c.forks))
	if c.verbosity > 0 {
		out = append(out, "-"+strings.Repeat("v", c.verbosity))
	}
	for name, on := range map[string]bool{"become": c.become, "check": c.check, "diff": c.diff} {
		if on {
			out = append(out, "--"+name)
		}
	}
	for name, v := range c.text {
		out = append(out, "--"+name+"="+v)
	}
	return out
}

func (c *console) task(name, args string) {
	if c.hosts == 0 {
		fmt.Fprintln(c.stderr, "No host found")
		return
	}
	argv := append(c.flags(), "--module-name="+name)
	if args != "" {
		argv = append(argv, "--args="+args)
	}
	adhoc.Main(append(argv, "--", c.pattern), strings.NewReader(""), c.stdout, c.stderr, "ansible")
}

// names asks the ad hoc command which hosts a pattern has.
func (c *console) names(pattern string) (hosts []string, code int) {
	var out bytes.Buffer
	code = adhoc.Main(append(slices.Clone(c.fixed), "--list-hosts", "--", pattern), strings.NewReader(""), &out, c.stderr, "ansible")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, l := range lines[1:] {
		hosts = append(hosts, strings.TrimSpace(l))
	}
	return hosts, code
}

// cd changes the pattern where it matches hosts.
func (c *console) cd(pattern string) int {
	hosts, code := c.names(pattern)
	switch {
	case code != 0:
	case len(hosts) == 0 && c.pattern != "":
		fmt.Fprintln(c.stdout, "no host matched")
	default:
		c.pattern, c.hosts = pattern, len(hosts)
	}
	return code
}

func (c *console) list(what string) {
	if what == "groups" {
		var out bytes.Buffer
		inventorycli.Main(append(slices.Clone(c.inventory), "--graph"), strings.NewReader(""), &out, c.stderr, "ansible-inventory")
		var groups []string
		for _, l := range strings.Split(out.String(), "\n") {
			if _, g, ok := strings.Cut(l, "@"); ok {
				groups = append(groups, strings.TrimSuffix(g, ":"))
			}
		}
		slices.Sort(groups)
		for _, g := range slices.Compact(groups) {
			fmt.Fprintln(c.stdout, g)
		}
		return
	}
	hosts, _ := c.names(c.pattern)
	for _, h := range hosts {
		fmt.Fprintln(c.stdout, h)
	}
}

var errNoBool = errors.New("must be a boolean, yes or no")

func (c *console) toggle(to *bool, name, arg string) {
	switch strings.ToLower(arg) {
	case "yes", "true", "on", "1", "y", "t":
		*to = true
	case "no", "false", "off", "0", "n", "f":
		*to = false
	case "":
		fmt.Fprintf(c.stdout, "Please specify a value for `%s`, e.g. `%s yes`\n", name, name)
		return
	default:
		fmt.Fprintf(c.stderr, "%s %v\n", name, errNoBool)
		return
	}
	if name != "become" {
		fmt.Fprintf(c.stdout, "%s mode changed to %s\n", name, map[bool]string{true: "True", false: "False"}[*to])
	}
}

func (c *console) number(to *int, arg string, least int, usage string) bool {
	n, err := strconv.Atoi(arg)
	if err != nil || n < least {
		fmt.Fprintln(c.stdout, usage)
		return false
	}
	*to = n
	return true
}

var topics = map[string]string{
	"cd": "Change active host/group, e.g. `cd webservers`, `cd all:!dev`", "list": "List the hosts in the current group; `list groups` shows the groups",
	"become": "Toggle whether become is used: become yes", "become_user": "Given a username, set the user that tasks become",
	"become_method": "Given a become_method, set the privilege escalation method", "remote_user": "Given a username, set the remote user",
	"check": "Toggle whether tasks run in check mode", "diff": "Toggle whether tasks show differences", "forks": "Set the number of forks",
	"timeout": "Set the timeout of a task in seconds", "verbosity": "Set verbosity level", "exit": "Exits from the console",
}

func (c *console) help(topic string) {
	if topic != "" {
		switch text, ok := topics[topic]; {
		case ok:
			fmt.Fprintln(c.stdout, text)
		case isModule(topic):
			fmt.Fprintf(c.stdout, "%s is a module; `goplay doc %s` shows its options\n", topic, topic)
		default:
			fmt.Fprintf(c.stdout, "Unknown module or command %s\n", topic)
		}
		return
	}
	fmt.Fprint(c.stdout, "\nDocumented commands (type help <topic>):\n========================================\n")
	var names []string
	for n := range topics {
		names = append(names, n)
	}
	slices.Sort(names)
	fmt.Fprintf(c.stdout, "%s\n\nA line that begins with the name of a module runs it; any other is run with %s.\n", strings.Join(names, "\n"), c.module)
}
