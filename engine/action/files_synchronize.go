package action

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/value"
)

// synchronizeAction completes the paths with user and host and runs rsync on the
// controller, or on the host the task is delegated to.
func synchronizeAction(c *Context) (*value.Dict, error) {
	args := without(c.Args, "use_ssh_args")
	src, dest := argText(args, "src"), argText(args, "dest")
	if src == "" || dest == "" {
		return Fail("synchronize requires both src and dest parameters are set"), nil
	}
	peer, err := c.Origin()
	if err != nil {
		return nil, err
	}
	pull := argText(args, "mode") == "pull"
	delegated := c.Task.Delegate != ""
	// On one machine alone there is nothing to connect to.
	single := c.Task.Delegate == c.Host.Name && delegated || peer.Connection == "local" && (!delegated || c.Host.Local)
	if !single && peer.Connection != "ssh" {
		return Fail(fmt.Sprintf("synchronize cannot work over connection %q; it needs ssh or local", peer.Connection)), nil
	}
	here, there := &src, &dest
	if pull {
		here, there = &dest, &src
	}
	onController := !delegated || c.Host.Local
	if onController {
		*here = controllerPath(c, *here)
		if single && !filepath.IsAbs(*there) && !strings.HasPrefix(*there, "~") {
			*there = controllerPath(c, *there)
		}
	}
	if !single {
		user := peer.User
		if !asBool(args.At("set_remote_user"), true) {
			user = ""
		}
		*there = peerPath(*there, user, peer.Address)
		connectArgs(c, args, peer)
	}
	args.Set("src", src)
	args.Set("dest", dest)
	if p, ok, err := c.Templar.Var("ansible_rsync_path"); err != nil {
		return nil, err
	} else if ok && p != nil {
		args.Set("_local_rsync_path", value.Str(p))
	}
	if delegated || single {
		return c.Module(c.Name, args, nil)
	}
	r, _ := module.Execute(&module.Context{Context: c.Context, Check: c.Task.Check, Diff: c.Task.Diff, Verbosity: c.Task.Verbosity,
		Env: c.Task.Env, NoLog: c.Task.NoLog}, c.Name, args)
	return value.MarkUnsafe(r).(*value.Dict), nil
}

// connectArgs gives rsync what the inventory says of the connection.
func connectArgs(c *Context, args *value.Dict, peer Reach) {
	if !args.Has("dest_port") && peer.Port != 0 {
		args.Set("dest_port", int64(peer.Port))
	}
	if !args.Has("private_key") && peer.KeyFile != "" {
		args.Set("private_key", peer.KeyFile)
	}
	if asBool(c.Args.At("use_ssh_args"), false) && peer.Args != "" {
		args.Set("ssh_args", peer.Args)
	}
	if peer.Password != "" {
		args.Set("_local_rsync_password", peer.Password)
	}
	args.Set("_peer_name", peer.Address)
	if !c.Task.Become || args.Has("rsync_path") {
		return
	}
	// Only sudo can be put before a command without more ado; its password
	// cannot be given, because rsync owns the channel.
	if c.Task.BecomeMethod == "sudo" {
		args.Set("rsync_path", "sudo -u "+c.Task.BecomeUser+" rsync")
	}
}

// controllerPath completes a path of the controller, as copy finds its source.
func controllerPath(c *Context, p string) string {
	switch {
	case strings.Contains(p, ":"): // on a host of its own
		return p
	case strings.HasPrefix(p, "~"):
		return module.ExpandPath(p, os.Getenv)
	case filepath.IsAbs(p):
		return p
	}
	full, err := c.Find("files", p)
	if err != nil {
		full = filepath.Join(c.Templar.Scope().Basedir, p)
	}
	full = strings.TrimSuffix(full, "/")
	if strings.HasSuffix(p, "/") {
		full += "/"
	}
	return full
}

// peerPath writes a path on a host as rsync wants it.
func peerPath(path, user, host string) string {
	if strings.HasPrefix(path, "rsync://") {
		return path
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if user != "" {
		host = user + "@" + host
	}
	return host + ":" + path
}
