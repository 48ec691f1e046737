// Package pull is the command line of ansible-pull: it checks a repository out
// and runs the playbook in it for this machine.
//
// It imports the commands adhoc and play, which do the work; cmd/goplay calls
// it.
package pull

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/goplay-engine/goplay/engine/cli/adhoc"
	"github.com/goplay-engine/goplay/engine/cli/play"
	"github.com/goplay-engine/goplay/engine/cli/tool"
	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/value"
)

type command struct {
	*tool.Tool
	purge, onlyIfChanged, force, full bool
	acceptKey, verify, clean, track   bool
	sleep                             int
	dest, url, checkout, module       string
	pass                              *pflag.FlagSet // what the playbook's run gets as it is
	limit, inventory                  []string
	host                              hostNames
	privateKey                        string
}

// Main runs the command and returns the process's exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, prog string) int {
	c := &command{Tool: tool.New(prog, "[options] [playbook.yml ...]", "Pulls playbooks from a repository and runs them for the local host.", stdin, stdout, stderr)}
	c.flags()
	if done, code := c.Parse(args); done {
		return code
	}
	if c.url == "" {
		return c.Misused("URL for repository not specified, use -h for help")
	}
	if modules := []string{"git", "subversion", "hg", "bzr"}; !slices.Contains(modules, c.module) {
		return c.Misused(fmt.Sprintf("Unsupported repo module %s, choices are %s", c.module, strings.Join(modules, ",")))
	}
	if c.sleep < 0 {
		return c.Misused(fmt.Sprintf("%d is not a number of seconds", c.sleep))
	}
	c.host = thisHost()
	if c.dest == "" {
		c.dest = filepath.Join(c.Config.Home(), "pull", c.host.fqdn)
	}
	dest, err := filepath.Abs(config.ExpandHome(c.dest))
	if err != nil {
		return c.Fail(err, 1)
	}
	c.dest = dest
	if c.sleep > 0 {
		n := rand.IntN(c.sleep + 1)
		c.Screen.Print(fmt.Sprintf("Sleeping for %d seconds...", n), "")
		time.Sleep(time.Duration(n) * time.Second)
	}
	c.Screen.Print("Starting Ansible Pull at "+time.Now().Format("2006-01-02 15:04:05"), "")
	c.Screen.Print(strings.Join(append([]string{prog}, args...), " "), "")
	return c.run()
}

// flags declares the command's own flags and those that go on to the playbook's
// run.
func (c *command) flags() {
	f := c.Flags
	f.BoolVar(&c.purge, "purge", false, "purge checkout after playbook run")
	f.BoolVarP(&c.onlyIfChanged, "only-if-changed", "o", false, "only run the playbook if the repository has been updated")
	f.IntVarP(&c.sleep, "sleep", "s", 0, "sleep for a random number of seconds, up to this one, before starting")
	f.BoolVarP(&c.force, "force", "f", false, "run the playbook even if the repository could not be updated")
	f.StringVarP(&c.dest, "directory", "d", "", "path to the directory to which the repository is checked out (default ~/.ansible/pull/HOST)")
	f.StringVarP(&c.url, "url", "U", "", "URL of the playbook repository")
	f.BoolVar(&c.full, "full", false, "do a full clone, instead of a shallow one")
	f.StringVarP(&c.checkout, "checkout", "C", "", "branch, tag or commit to check out")
	f.BoolVar(&c.acceptKey, "accept-host-key", false, "add the hostkey for the repository's url if not already added")
	f.StringVarP(&c.module, "module-name", "m", "git", "repository module: git, subversion, hg, bzr")
	f.BoolVar(&c.verify, "verify-commit", false, "verify the GPG signature of the checked out commit; if it fails, do not run the playbook")
	f.BoolVar(&c.clean, "clean", false, "modified files in the working repository will be discarded")
	f.BoolVar(&c.track, "track-subs", false, "submodules will track the latest changes")
	f.StringArrayVarP(&c.inventory, "inventory", "i", nil, "inventory host path or comma separated host list")
	f.StringArrayVarP(&c.limit, "limit", "l", nil, "further limit selected hosts to an additional pattern")
	f.StringVar(&c.privateKey, "private-key", "", "use this file to authenticate the connection")
	f.StringVar(&c.privateKey, "key-file", "", "")
	f.StringArrayVar(&c.inventory, "inventory-file", nil, "")

	p := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, b := range [][3]string{{"ask-pass", "k", "ask for connection password"}, {"ask-become-pass", "K", "ask for privilege escalation password"},
		{"ask-vault-password", "J", "ask for vault password"}, {"ask-vault-pass", "", ""}, {"list-hosts", "", "output the matching hosts; execute nothing"},
		{"check", "", "don't make any changes; predict them"}, {"diff", "", "show the differences in changed files"}} {
		p.BoolP(b[0], b[1], false, b[2])
	}
	for _, s := range [][3]string{{"user", "u", "connect as this user"}, {"connection", "c", "connection type to use"}, {"timeout", "T", "override the connection timeout in seconds"},
		{"ssh-common-args", "", "common arguments for every connection"}, {"ssh-extra-args", "", "extra arguments for ssh only"}, {"sftp-extra-args", "", "accepted for compatibility"},
		{"scp-extra-args", "", "accepted for compatibility"}, {"connection-password-file", "", "connection password file"}, {"conn-pass-file", "", ""},
		{"become-password-file", "", "become password file"}, {"become-pass-file", "", ""}, {"vault-id", "", "the vault identity to use"},
		{"vault-password-file", "", "vault password file"}, {"vault-pass-file", "", ""}, {"extra-vars", "e", "set additional variables as key=value or YAML/JSON; with a leading @ a file"},
		{"tags", "t", "only run plays and tasks tagged with these values"}, {"skip-tags", "", "only run plays and tasks whose tags do not match these values"},
		{"module-path", "M", "prepend colon-separated path(s) to module library"}} {
		p.StringArrayP(s[0], s[1], nil, s[2])
	}
	f.AddFlagSet(p)
	c.pass = p
	c.Hide("key-file", "inventory-file", "ask-vault-pass", "conn-pass-file", "become-pass-file", "vault-pass-file")
}

func (c *command) run() int {
	limit := strings.Join(append(append([]string{"localhost"}, c.host.names()...), "127.0.0.1"), ",")
	code, changed := c.update(limit)
	switch {
	case code != 0 && !c.force:
		return code
	case code != 0:
		c.Warn("Unable to update repository. Continuing with (forced) run of playbook.")
	case c.onlyIfChanged && !changed:
		c.Screen.Print("Repository has not changed, quitting.", "")
		return 0
	}
	books, tried := c.books()
	if len(books) == 0 {
		for _, t := range tried {
			c.Warn(t + ": File does not exist")
		}
		return c.Misused("Could not find a playbook to run.")
	}
	for _, t := range tried {
		c.Warn(t + ": File does not exist")
	}
	back, err := os.Getwd()
	if err == nil {
		err = os.Chdir(c.dest)
	}
	if err != nil {
		return c.Fail(err, 1)
	}
	args := append(c.passed(), books...)
	args = append(args, "--limit", limit)
	if len(c.limit) > 0 {
		args = append(args[:len(args)-1], strings.Join(c.limit, ","))
	}
	code = play.Main(args, c.Stdin, c.Stdout, c.Stderr, c.Prog)
	if c.purge {
		if err := errors.Join(os.Chdir(back), os.RemoveAll(c.dest)); err != nil {
			return c.Fail(fmt.Errorf("Failed to remove %s: %w", c.dest, err), 1)
		}
	}
	return code
}

// update checks the repository out and tells whether that changed anything.
func (c *command) update(limit string) (code int, changed bool) {
	a := value.DictOf("name", c.url, "dest", c.dest)
	if c.module == "subversion" || c.module == "hg" {
		a = value.DictOf("repo", c.url, "dest", c.dest)
	}
	if c.checkout != "" {
		key := "version"
		if c.module == "subversion" || c.module == "hg" {
			key = "revision"
		}
		a.Set(key, c.checkout)
	}
	if c.clean {
		a.Set("force", true)
	}
	if c.module == "git" {
		for key, set := range map[string]bool{"accept_hostkey": c.acceptKey, "verify_commit": c.verify, "track_submodules": c.track} {
			if set {
				a.Set(key, true)
			}
		}
		if c.privateKey != "" {
			a.Set("key_file", config.ExpandHome(c.privateKey))
		}
		if !c.full {
			a.Set("depth", int64(1))
		}
	}
	text, err := value.DumpJSON(a, value.JSONOptions{})
	if err != nil {
		return c.Fail(err, 1), false
	}
	args := []string{"all", "-c", "local", "-m", c.module, "-a", text, "-l", limit}
	if len(c.inventory) == 0 {
		args = append(args, "-i", "localhost,")
	}
	for _, i := range c.inventory {
		args = append(args, "-i", i)
	}
	args = append(args, c.verbose()...)
	var out bytes.Buffer
	code = adhoc.Main(args, c.Stdin, io.MultiWriter(c.Stdout, &out), c.Stderr, c.Prog)
	return code, bytes.Contains(out.Bytes(), []byte(`"changed": true`))
}

// books are the playbooks to run, and those looked for without success.
func (c *command) books() (found, missing []string) {
	names := c.Flags.Args()
	given := len(names) > 0
	if !given {
		names = []string{c.host.fqdn + ".yml", c.host.short() + ".yml", "local.yml"}
	}
	for _, n := range names {
		path := n
		if !filepath.IsAbs(path) {
			path = filepath.Join(c.dest, path)
		}
		if fi, err := os.Stat(path); err != nil || fi.IsDir() {
			if !slices.Contains(missing, path) {
				missing = append(missing, path)
			}
			continue
		}
		found = append(found, path)
		if !given {
			return found, nil
		}
	}
	if given && len(missing) > 0 {
		return nil, missing
	}
	return found, missing
}

// passed are the flags that the playbook's run gets as they were given.
func (c *command) passed() []string {
	args := c.verbose()
	c.pass.VisitAll(func(f *pflag.Flag) {
		if !f.Changed {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			for _, v := range list.GetSlice() {
				args = append(args, "--"+f.Name+"="+v)
			}
			return
		}
		args = append(args, "--"+f.Name)
	})
	for _, i := range c.inventory {
		args = append(args, "--inventory="+i)
	}
	if c.privateKey != "" {
		args = append(args, "--private-key="+c.privateKey)
	}
	if f := c.pass.Lookup("connection"); !f.Changed {
		args = append(args, "--connection=local")
	}
	return args
}

func (c *command) verbose() []string {
	n, _ := c.Flags.GetCount("verbose")
	if n == 0 {
		return nil
	}
	return []string{"-" + strings.Repeat("v", n)}
}

// hostNames are the names under which this machine may stand in an inventory.
type hostNames struct{ node, fqdn string }

func thisHost() hostNames {
	node, _ := os.Hostname()
	h := hostNames{node: node, fqdn: node}
	if strings.Contains(node, ".") {
		return h
	}
	addrs, err := net.LookupHost(node)
	if err != nil || len(addrs) == 0 {
		return h
	}
	names, _ := net.LookupAddr(addrs[0])
	for _, n := range names {
		if n = strings.TrimSuffix(n, "."); strings.Contains(n, ".") || len(names) == 1 {
			h.fqdn = n
			break
		}
	}
	return h
}

func (h hostNames) short() string {
	s, _, _ := strings.Cut(h.fqdn, ".")
	return s
}

func (h hostNames) names() []string {
	node, _, _ := strings.Cut(h.node, ".")
	var out []string
	for _, n := range []string{h.fqdn, h.node, h.short(), node} {
		if n != "" && n != "localhost" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
