// Package common has what the commands' lines share: flags, prompts for
// passwords, vault secrets, error output.
package common

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/goplay-engine/goplay/engine"
	"github.com/goplay-engine/goplay/engine/cli/tool"
	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/report"
	"github.com/goplay-engine/goplay/engine/run"
	"github.com/goplay-engine/goplay/engine/vault"
)

// Flags are those of every command that runs tasks.
type Flags struct {
	Inventory, ExtraVars, Limit      []string
	ListHosts, Check, Diff, Become   bool
	AskBecome, AskPass, AskVault     bool
	Verbosity, Forks, Timeout        int
	User, Connection, PrivateKey     string
	SSHCommon, SSHExtra, SFTP, SCP   string
	BecomeMethod, BecomeUser         string
	BecomeFile, ConnFile             string
	VaultIDs, VaultFiles, ModulePath []string
	PlaybookDir                      string
	config                           *config.Config
}

// Register adds the flags to fs.
func (f *Flags) Register(fs *pflag.FlagSet) {
	fs.SortFlags = true
	fs.CountVarP(&f.Verbosity, "verbose", "v", "print more debug messages; several -v add up to -vvvv")
	fs.StringArrayVarP(&f.Inventory, "inventory", "i", nil, "inventory host path or comma separated host list; may be given several times")
	fs.StringArrayVar(&f.Inventory, "inventory-file", nil, "")
	fs.StringArrayVarP(&f.Limit, "limit", "l", nil, "further limit selected hosts to an additional pattern")
	fs.StringArrayVarP(&f.ExtraVars, "extra-vars", "e", nil, "set additional variables as key=value or YAML/JSON; with a leading @ a file")
	fs.IntVarP(&f.Forks, "forks", "f", 0, "number of hosts to work on at once")
	fs.BoolVar(&f.ListHosts, "list-hosts", false, "outputs a list of matching hosts; does not execute anything else")
	fs.BoolVarP(&f.Check, "check", "C", false, "don't make any changes; instead, predict some of the changes that may occur")
	fs.BoolVarP(&f.Diff, "diff", "D", false, "when changing (small) files and templates, show the differences; works great with --check")
	fs.BoolVarP(&f.Become, "become", "b", false, "run operations with become (does not imply password prompting)")
	fs.StringVar(&f.BecomeMethod, "become-method", "", "privilege escalation method to use (default=sudo)")
	fs.StringVar(&f.BecomeUser, "become-user", "", "run operations as this user (default=root)")
	fs.BoolVarP(&f.AskBecome, "ask-become-pass", "K", false, "ask for privilege escalation password")
	fs.StringVar(&f.BecomeFile, "become-password-file", "", "become password file")
	fs.StringVar(&f.BecomeFile, "become-pass-file", "", "")
	fs.BoolVarP(&f.AskPass, "ask-pass", "k", false, "ask for connection password")
	fs.StringVar(&f.ConnFile, "connection-password-file", "", "connection password file")
	fs.StringVar(&f.ConnFile, "conn-pass-file", "", "")
	fs.StringVarP(&f.User, "user", "u", "", "connect as this user")
	fs.StringVarP(&f.Connection, "connection", "c", "", "connection type to use (ssh, local)")
	fs.IntVarP(&f.Timeout, "timeout", "T", 0, "override the connection timeout in seconds")
	fs.StringVar(&f.PrivateKey, "private-key", "", "use this file to authenticate the connection")
	fs.StringVar(&f.PrivateKey, "key-file", "", "")
	fs.StringVar(&f.SSHCommon, "ssh-common-args", "", "common arguments for every connection (e.g. ProxyCommand)")
	fs.StringVar(&f.SSHExtra, "ssh-extra-args", "", "extra arguments for ssh only (e.g. -R)")
	fs.StringVar(&f.SFTP, "sftp-extra-args", "", "accepted for compatibility; file transfer uses the connection's own settings")
	fs.StringVar(&f.SCP, "scp-extra-args", "", "accepted for compatibility; scp is not used")
	fs.StringArrayVar(&f.VaultIDs, "vault-id", nil, "the vault identity to use")
	fs.StringArrayVar(&f.VaultFiles, "vault-password-file", nil, "vault password file")
	fs.StringArrayVar(&f.VaultFiles, "vault-pass-file", nil, "")
	fs.BoolVarP(&f.AskVault, "ask-vault-pass", "J", false, "ask for vault password")
	fs.BoolVar(&f.AskVault, "ask-vault-password", false, "")
	fs.StringArrayVarP(&f.ModulePath, "module-path", "M", nil, "prepend colon-separated path(s) to module library")
	for _, n := range []string{"inventory-file", "become-pass-file", "conn-pass-file", "key-file", "vault-pass-file", "ask-vault-password"} {
		_ = fs.MarkHidden(n)
	}
	fs.Bool("version", false, "show program's version number, config file location and exit")
	fs.BoolP("help", "h", false, "show this help message and exit")
}

// Parse reads the arguments; done says that the command has ended with code.
func (f *Flags) Parse(fs *pflag.FlagSet, prog, usage, about string, args []string, stdout, stderr io.Writer) (done bool, code int) {
	fs.SetOutput(io.Discard)
	fs.SetInterspersed(true)
	if msg := tool.ParseFlags(fs, args); msg != "" {
		return true, UsageError(stderr, prog, usage, errors.New(msg))
	}
	for _, pair := range [][2]string{{"ask-pass", "connection-password-file"}, {"ask-become-pass", "become-password-file"}} {
		if a, b := fs.Lookup(pair[0]), fs.Lookup(pair[1]); a.Changed && b.Changed {
			return true, UsageError(stderr, prog, usage, fmt.Errorf("argument --%s: not allowed with argument -%s/--%s", b.Name, a.Shorthand, a.Name))
		}
	}
	if fs.Changed("forks") && f.Forks < 1 {
		return true, UsageError(stderr, prog, usage, errors.New("The number of processes (--forks) must be >= 1"))
	}
	if h, _ := fs.GetBool("help"); h {
		fmt.Fprintf(stdout, "usage: %s [options] %s\n\n%s\n\noptions:\n%s", prog, usage, about, fs.FlagUsages())
		return true, 0
	}
	cfg, err := config.Load(config.Source{})
	if err != nil {
		return true, Fail(stderr, err, 5)
	}
	f.config = cfg
	if v, _ := fs.GetBool("version"); v {
		fmt.Fprint(stdout, VersionText(prog, cfg))
		return true, 0
	}
	return false, 0
}

// Interruptible is a context that an interrupt ends, so that the run winds up in
// order; a second interrupt ends the program at once.
func Interruptible() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			cancel()
			<-signals // a lookup may hang for ever, for one
			os.Exit(run.ExitInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}

// Config is the configuration that Parse read.
func (f *Flags) Config() *config.Config { return f.config }

// VersionText is what --version prints.
func VersionText(prog string, c *config.Config) string {
	exe, _ := os.Executable()
	file := c.File
	if file == "" {
		file = "None"
	}
	return fmt.Sprintf("%s [core %s]\n  config file = %s\n  ansible collection location = %s\n  executable location = %s\n  goplay version = %s (%s, %s/%s)\n",
		prog, engine.AnsibleVersion, file, strings.Join(c.CollectionsPath(), ":"), exe, engine.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// SayConfig tells at -v which settings file counts, and at -vvv the versions, as the reference does.
func (f *Flags) SayConfig(s *engine.Setup, prog string) {
	if s.Screen.Verbosity > 1 {
		s.Screen.Verbose(2, "", strings.TrimRight(VersionText(prog, s.Config), "\n"))
	}
	if s.Config.File == "" {
		s.Screen.Verbose(1, "", "No config file found; using defaults")
		return
	}
	s.Screen.Verbose(1, "", "Using "+s.Config.File+" as config file")
}

// UsageError prints how to call the program; the code is argparse's.
func UsageError(stderr io.Writer, prog, usage string, err error) int {
	fmt.Fprintf(stderr, "usage: %s [options] %s\n%s: error: %s\n", prog, usage, prog, err)
	return 2
}

// Fail prints an error and returns the code.
func Fail(stderr io.Writer, err error, code int) int {
	return FailOn(report.NewScreen(io.Discard, stderr, "auto", 0), err, code)
}

// FailOn is Fail on a screen that is there already.
func FailOn(s *report.Screen, err error, code int) int {
	s.Fail(err.Error(), false)
	return code
}

// Options turns the flags into the engine's options. code is not 0 where that
// failed, the error having been printed.
func (f *Flags) Options(stdin io.Reader, stdout, stderr io.Writer) (o engine.Options, code int) {
	o = engine.Options{Config: f.config, Inventory: f.Inventory, ExtraVars: f.ExtraVars, Forks: f.Forks, Check: f.Check, Diff: f.Diff,
		Verbosity: f.Verbosity, Connection: f.Connection, User: f.User, PrivateKey: f.PrivateKey, Timeout: f.Timeout,
		SSHCommonArgs: f.SSHCommon, SSHExtraArgs: f.SSHExtra, Become: f.Become, BecomeMethod: f.BecomeMethod, BecomeUser: f.BecomeUser,
		PlaybookDir: f.PlaybookDir, ModulePath: f.ModulePath, Stdin: stdin, Stdout: stdout, Stderr: stderr, Limit: f.Limit}
	if f.BecomeFile == "" && !f.AskBecome {
		f.BecomeFile = f.config.Str("BECOME_PASSWORD_FILE")
	}
	if f.ConnFile == "" && !f.AskPass {
		f.ConnFile = f.config.Str("CONNECTION_PASSWORD_FILE")
	}
	secrets, err := f.vault(stdin, stdout, stderr)
	if err != nil {
		return o, Fail(stderr, err, 1)
	}
	o.Vault = secrets
	for _, p := range []struct {
		file string
		to   **string
	}{{f.ConnFile, &o.ConnPassword}, {f.BecomeFile, &o.BecomePassword}} {
		if p.file == "" {
			continue
		}
		pw, err := passwordFile(p.file, stdin)
		if err != nil {
			return o, Fail(stderr, err, 1)
		}
		*p.to = &pw
	}
	return o, 0
}

func (f *Flags) vault(stdin io.Reader, stdout, stderr io.Writer) (*vault.Secrets, error) {
	c := f.config
	r := vault.Request{IDs: f.VaultIDs, PasswordFiles: f.VaultFiles, Ask: f.AskVault || c.AskVaultPass(),
		DefaultID: c.VaultIdentity(), Prompt: func(text string) (string, error) { return AskHidden(stdin, stdout, text) }}
	r.IDs = append(append([]string{}, c.VaultIdentityList()...), r.IDs...)
	if len(f.VaultFiles) == 0 && c.VaultPasswordFile() != "" {
		r.PasswordFiles = []string{c.VaultPasswordFile()}
	}
	secrets, err := r.Load(func(msg string) { report.NewScreen(stdout, stderr, "auto", 0).Warn(msg, false) })
	if secrets != nil {
		secrets.IDMatch = c.VaultIDMatch()
	}
	return secrets, err
}

// passwordFile reads a password from a file, or from what an executable prints.
func passwordFile(path string, stdin io.Reader) (string, error) {
	if path == "-" {
		b, err := io.ReadAll(stdin)
		return strings.TrimRight(string(b), "\r\n"), err
	}
	fi, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("The password file %s was not found", path)
	}
	if fi.Mode()&0o111 != 0 && runtime.GOOS != "windows" {
		file, err := filepath.Abs(path) // a bare name would be looked for in PATH
		if err != nil {
			return "", err
		}
		out, err := exec.Command(file).Output()
		if err != nil {
			return "", fmt.Errorf("The password script %s returned an error: %v", path, err)
		}
		return strings.TrimRight(string(out), "\r\n"), nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("Could not read password file %s: %v", path, err)
	}
	pw := strings.TrimSpace(string(b))
	if pw == "" {
		return "", fmt.Errorf("Empty password was provided from file (%s)", path)
	}
	return pw, nil
}

// AskPasswords prompts for what -k and -K want.
func (f *Flags) AskPasswords(o *engine.Options, stdin io.Reader, stdout, stderr io.Writer) int {
	ask := func(text string, to **string) int {
		pw, err := AskHidden(stdin, stdout, text)
		if errors.Is(err, io.EOF) {
			return 0 // nobody there to answer
		}
		if err != nil {
			return Fail(stderr, err, 99)
		}
		*to = &pw
		return 0
	}
	if f.AskPass || f.config.AskPass() {
		if code := ask("SSH password: ", &o.ConnPassword); code != 0 {
			return code
		}
	}
	if f.AskBecome || f.config.BecomeAskPass() {
		text := "BECOME password"
		if !f.config.Bool("AGNOSTIC_BECOME_PROMPT") {
			text = strings.ToUpper(cmp.Or(f.BecomeMethod, f.config.BecomeMethod())) + " password"
		}
		if o.ConnPassword != nil {
			text += "[defaults to SSH password]"
		}
		text += ": "
		if code := ask(text, &o.BecomePassword); code != 0 {
			return code
		}
		if o.BecomePassword != nil && *o.BecomePassword == "" && o.ConnPassword != nil {
			o.BecomePassword = o.ConnPassword
		}
	}
	return 0
}

// AskHidden reads a line that is not echoed; from a pipe it is read as it is.
func AskHidden(stdin io.Reader, stdout io.Writer, text string) (string, error) {
	fmt.Fprint(stdout, text)
	if file, ok := stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		b, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(stdout)
		return string(b), err
	}
	var line []byte
	b := make([]byte, 1)
	for {
		n, err := stdin.Read(b)
		if n == 1 && b[0] == '\n' {
			return strings.TrimRight(string(line), "\r"), nil
		}
		line = append(line, b[:n]...)
		if err != nil {
			if len(line) > 0 {
				return string(line), nil
			}
			return "", fmt.Errorf("no password could be read: %w", err)
		}
	}
}
