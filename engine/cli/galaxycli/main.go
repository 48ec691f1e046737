// Package galaxycli is the command line of ansible-galaxy: it makes, installs,
// lists and removes roles and collections.
//
// It imports galaxy, which does the work, and tool; cmd/goplay calls it.
package galaxycli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/goplay-engine/goplay/engine/cli/tool"
	"github.com/goplay-engine/goplay/engine/galaxy"
)

type command struct {
	*tool.Tool
	kind, action string
	ctx          context.Context
	temp         string

	server, token                        string
	ignoreCerts                          bool
	timeout                              int
	force, forceDeps, noDeps, ignore     bool
	keepSCM, offline, pre, upgrade       bool
	path, file, initPath, skeleton       string
	out, format, tags, author, platforms string
}

// actions of each kind, with what they take.
var actions = map[string][]string{
	"role":       {"init", "remove", "list", "search", "info", "install"},
	"collection": {"init", "build", "install", "list", "verify", "download"},
}

// elsewhere are actions on a server that goplay does not have.
var elsewhere = []string{"role import", "role delete", "role setup", "collection publish"}

// Main runs the command and returns the process's exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, prog string) int {
	c := &command{}
	rest, plain := c.split(args)
	usage := "{role,collection} ACTION [options] ..."
	name := prog
	if c.kind != "" {
		name, usage = prog+" "+c.kind, "ACTION [options] ..."
	}
	if c.action != "" {
		name, usage = name+" "+c.action, "[options] "+map[string]string{"init": "NAME", "remove": "ROLE ...", "search": "[WORD ...]", "info": "ROLE ...", "build": "[FOLDER ...]",
			"list": "[NAME]", "install": "[NAME ...]", "verify": "[NAME ...]", "download": "NAME ..."}[c.action]
	}
	c.Tool = tool.New(name, usage, "Roles and collections: roles "+strings.Join(actions["role"], ", ")+"; collections "+strings.Join(actions["collection"], ", ")+".", stdin, stdout, stderr)
	c.flags()
	if done, code := c.Parse(rest); done {
		return code
	}
	switch {
	case c.kind == "":
		return c.BadUsage("the following arguments are required: TYPE")
	case slices.Contains(elsewhere, c.kind+" "+c.action):
		return c.Misused(fmt.Sprintf("%s %s is not there: goplay changes nothing on Galaxy servers", c.kind, c.action))
	case c.action == "":
		return c.BadUsage("the following arguments are required: ACTION")
	case !slices.Contains(actions[c.kind], c.action):
		return c.BadUsage(fmt.Sprintf("argument ACTION: invalid choice: '%s' (choose from '%s')", c.action, strings.Join(actions[c.kind], "', '")))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c.ctx = ctx
	if err := c.run(plain); err != nil {
		var misuse misused
		switch {
		case errors.As(err, &misuse):
			return c.BadUsage(err.Error())
		case ctx.Err() != nil:
			c.Screen.PrintErr("[ERROR]: User interrupted execution", "error")
			return 99
		case errors.Is(err, errQuiet):
			return 1
		}
		return c.Fail(err, 1)
	}
	return 0
}

// misused is what argparse would have found wrong.
type misused string

func (m misused) Error() string { return string(m) }

// errQuiet ends the command with an error that has been told.
var errQuiet = errors.New("")

// split finds kind and action. Without a kind it is a role's action; plain tells
// that none was given: such an install takes collections of the file as well.
func (c *command) split(args []string) (rest []string, plain bool) {
	plain = true
	for i, a := range args {
		switch {
		case strings.HasPrefix(a, "-"):
			rest = append(rest, a)
		case c.kind == "" && actions[a] != nil:
			c.kind, plain = a, false
		case c.kind == "":
			c.kind, c.action = "role", a
		default:
			c.action = a
		}
		if c.action != "" {
			return append(rest, args[i+1:]...), plain
		}
	}
	return rest, plain
}

func (c *command) flags() {
	f := c.Flags
	f.StringVarP(&c.server, "server", "s", "", "the Galaxy API server URL")
	f.StringVar(&c.token, "token", "", "the API key of the server")
	f.StringVar(&c.token, "api-key", "", "")
	f.BoolVarP(&c.ignoreCerts, "ignore-certs", "c", false, "ignore errors of certificates")
	f.IntVar(&c.timeout, "timeout", 0, "seconds to wait for the server, 60 where not set")
	c.Hide("api-key")
	is := func(names ...string) bool { return slices.Contains(names, c.kind+" "+c.action) }
	install := is("role install", "collection install")
	if install || is("role init", "collection init", "collection build") {
		f.BoolVarP(&c.force, "force", "f", false, "overwrite what is there already")
	}
	if install || is("collection download") {
		f.BoolVarP(&c.noDeps, "no-deps", "n", false, "leave dependencies out")
	}
	if install {
		f.BoolVar(&c.forceDeps, "force-with-deps", false, "overwrite what is there already, dependencies too")
	}
	if install || is("collection verify") {
		f.BoolVarP(&c.ignore, "ignore-errors", "i", false, "go on with the next one after an error")
	}
	if is("role init", "collection init") {
		f.StringVar(&c.initPath, "init-path", ".", "the folder in which the skeleton is made")
		f.StringVar(&c.skeleton, c.kind+"-skeleton", "", "the folder of a skeleton of your own")
	}
	if is("role init", "role info", "collection install", "collection verify") {
		f.BoolVar(&c.offline, "offline", false, "ask no server")
	}
	if c.kind == "role" && is("role remove", "role list", "role info", "role install") {
		f.StringVarP(&c.path, "roles-path", "p", "", "the folder of roles; by default the first of roles_path")
	}
	if is("collection install", "collection list", "collection verify") {
		f.StringVarP(&c.path, "collections-path", "p", "", "the folder of collections; by default the first of collections_path")
	}
	if is("role install") {
		f.StringVarP(&c.file, "role-file", "r", "", "a file that lists what is wanted")
		f.BoolVarP(&c.keepSCM, "keep-scm-meta", "g", false, "keep .git and the like")
		f.StringVar(&c.file, "requirements-file", "", "")
		c.Hide("requirements-file")
	}
	if is("collection install", "collection verify", "collection download") {
		f.StringVarP(&c.file, "requirements-file", "r", "", "a file that lists what is wanted")
	}
	if is("collection install", "collection download") {
		f.BoolVar(&c.pre, "pre", false, "prereleases count, too")
		f.Bool("no-cache", false, "accepted; answers of servers are not cached")
		f.Bool("clear-response-cache", false, "accepted; answers of servers are not cached")
	}
	if is("collection install") {
		f.BoolVarP(&c.upgrade, "upgrade", "U", false, "upgrade what is there already")
	}
	if is("collection install", "collection verify") {
		for _, n := range []string{"keyring", "signature", "required-valid-signature-count", "ignore-signature-status-code"} {
			f.StringArray(n, nil, "accepted; signatures are not verified")
		}
		f.Bool("disable-gpg-verify", false, "accepted; signatures are not verified")
	}
	if is("collection download") {
		f.StringVarP(&c.out, "download-path", "p", "./collections", "the folder to download to")
	}
	if is("collection build") {
		f.StringVar(&c.out, "output-path", ".", "the folder to which the archive is written")
	}
	if is("collection list") {
		f.StringVar(&c.format, "format", "human", "human, yaml or json")
	}
	if is("role init") {
		f.String("type", "default", "accepted; there is one skeleton")
	}
	if is("role search") {
		f.StringVar(&c.platforms, "platforms", "", "platforms to filter by")
		f.StringVar(&c.tags, "galaxy-tags", "", "tags to filter by")
		f.StringVar(&c.author, "author", "", "the author's name")
	}
}

// run does what was asked for.
func (c *command) run(plain bool) error {
	dir, err := c.Config.TempDir()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c.temp = dir
	if c.kind == "role" {
		return c.role(plain)
	}
	return c.collection()
}

// initSkeleton makes a new role or collection.
func (c *command) initSkeleton(args []string, arg, title string, create func(name, parent, skeleton string, ignore []string, force bool) error) error {
	if len(args) != 1 {
		return misused("the following arguments are required: " + arg)
	}
	setting := "GALAXY_" + strings.ToUpper(c.kind) + "_SKELETON"
	if c.skeleton == "" {
		c.skeleton = c.Config.Str(setting)
	}
	if err := create(args[0], c.initPath, c.skeleton, c.Config.List(setting+"_IGNORE"), c.force); err != nil {
		return err
	}
	c.Screen.Print(fmt.Sprintf("- %s %s was created successfully", title, args[0]), "")
	return nil
}

// options are what the operations share.
func (c *command) options() (*galaxy.Options, error) {
	servers, err := c.servers()
	return &galaxy.Options{Servers: servers, Say: func(s string) { c.Screen.Print(s, "") }, Warn: c.Warn, TempDir: c.temp, Force: c.force, ForceDeps: c.forceDeps,
		Verbose: func(l int, s string) { c.Screen.Verbose(l, "", s) }, NoDeps: c.noDeps, IgnoreErrors: c.ignore, Pre: c.pre, Upgrade: c.upgrade, Offline: c.offline, KeepSCM: c.keepSCM}, err
}

// servers are those of the command line or of galaxy_server_list, or the one of
// the setting galaxy.server.
func (c *command) servers() ([]*galaxy.Server, error) {
	timeout := c.timeout
	if timeout == 0 {
		timeout = c.Config.Int("GALAXY_SERVER_TIMEOUT")
	}
	base := galaxy.Server{IgnoreCerts: c.ignoreCerts || c.Config.Bool("GALAXY_IGNORE_CERTS"), Timeout: time.Duration(timeout) * time.Second, Token: c.token}
	var out []*galaxy.Server
	for _, name := range c.Config.List("GALAXY_SERVER_LIST") {
		opt := func(key string) string {
			s, _, _ := c.Config.Option([]string{"ANSIBLE_GALAXY_SERVER_" + strings.ToUpper(name) + "_" + strings.ToUpper(key)}, []string{"galaxy_server." + name + "." + key})
			return s
		}
		s := base
		s.Name, s.URL, s.Username, s.Password, s.AuthURL = name, opt("url"), opt("username"), opt("password"), opt("auth_url")
		if s.ClientID = opt("client_id"); s.ClientID == "" {
			s.ClientID = "cloud-services"
		}
		if t := opt("token"); t != "" && c.token == "" {
			s.Token = t
		}
		if v := opt("validate_certs"); v != "" && !c.ignoreCerts {
			s.IgnoreCerts = slices.Contains([]string{"no", "false", "0", "off"}, strings.ToLower(v))
		}
		if s.URL == "" {
			return nil, fmt.Errorf("No setting was provided for required configuration setting: url of galaxy_server.%s", name)
		}
		if c.server == name {
			return []*galaxy.Server{&s}, nil
		}
		out = append(out, &s)
	}
	if c.server != "" || len(out) == 0 {
		s := base
		s.Name, s.URL = "default", c.server
		if c.server == "" {
			s.URL = c.Config.Str("GALAXY_SERVER")
		} else {
			s.Name = "cmd_arg"
		}
		if s.Token == "" {
			s.Token = c.savedToken()
		}
		return []*galaxy.Server{&s}, nil
	}
	return out, nil
}

// savedToken is what the file galaxy_token holds.
func (c *command) savedToken() string {
	d, err := c.Loader(nil).Dict(c.Config.Str("GALAXY_TOKEN_PATH"))
	if err != nil || d.At("token") == nil {
		return ""
	}
	s, _ := d.At("token").(string)
	return s
}
