package module

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type synchronizeArgs struct {
	Archive           bool     `arg:"archive,default=true" doc:"Recurse and keep links, permissions, times, owner, group and devices."`
	Checksum          bool     `arg:"checksum,default=false" doc:"Compare files by checksum instead of time and size."`
	Compress          bool     `arg:"compress,default=true" doc:"Compress the data on its way."`
	CopyLinks         bool     `arg:"copy_links,default=false" doc:"Copy what links point to."`
	DelayUpdates      bool     `arg:"delay_updates,default=true" doc:"Put all files in place at the end."`
	Delete            bool     `arg:"delete,default=false" doc:"Remove what the source does not have."`
	Dest              string   `arg:"dest,required" doc:"Path on the destination."`
	DestPort          *int     `arg:"dest_port" doc:"Port of the ssh server; default the host's ansible_port."`
	Dirs              bool     `arg:"dirs,default=false" doc:"Transfer folders without what is in them."`
	ExistingOnly      bool     `arg:"existing_only,default=false" doc:"Create no new files."`
	Group             *bool    `arg:"group" doc:"Keep the group; default as archive."`
	LinkDest          []string `arg:"link_dest" doc:"Folders in which unchanged files are hard linked."`
	Links             *bool    `arg:"links" doc:"Copy links as links; default as archive."`
	Mode              string   `arg:"mode,default=push,choices=pull|push" doc:"Which side is the source: push takes it from here, pull from the host."`
	Owner             *bool    `arg:"owner" doc:"Keep the owner; default as archive."`
	Partial           bool     `arg:"partial,default=false" doc:"Keep files that were transferred in part."`
	Perms             *bool    `arg:"perms" doc:"Keep permissions; default as archive."`
	PrivateKey        *Path    `arg:"private_key" doc:"Key file for ssh."`
	Recursive         *bool    `arg:"recursive" doc:"Recurse into folders; default as archive."`
	RsyncOpts         []string `arg:"rsync_opts,default=" doc:"Further options of rsync."`
	RsyncPath         *string  `arg:"rsync_path" doc:"Command that runs rsync on the other side."`
	RsyncTimeout      int      `arg:"rsync_timeout,default=0" doc:"Timeout of rsync, in seconds."`
	SetRemoteUser     bool     `arg:"set_remote_user,default=true" doc:"Put the user's name before the remote path."`
	Src               string   `arg:"src,required" doc:"Path on the source."`
	SSHMultiplexing   bool     `arg:"ssh_connection_multiplexing,default=false" doc:"Let ssh use the multiplexing its configuration sets up."`
	Times             *bool    `arg:"times" doc:"Keep modification times; default as archive."`
	UseSSHArgs        bool     `arg:"use_ssh_args,default=false" doc:"Give ssh the host's ansible_ssh_args, common and extra arguments."`
	VerifyHost        bool     `arg:"verify_host,default=false" doc:"Check the host's key."`
	LocalRsyncPath    string   `arg:"_local_rsync_path,default=rsync"`
	LocalPassword     *string  `arg:"_local_rsync_password,no_log"`
	SSHArgs           *string  `arg:"ssh_args" doc:"Arguments for ssh; use_ssh_args sets them."`
	SubstituteControl bool     `arg:"_substitute_controller,default=false"`
	PeerName          string   `arg:"_peer_name" default:""`
}

// synchronizeDef runs rsync where the action puts it: src and dest are complete
// by then, with user and host where they are on the other side.
var synchronizeDef = &Def{
	Name:  "ansible.posix.synchronize",
	Short: "Makes common tasks with rsync quick and easy",
	Args:  func() any { return &synchronizeArgs{} },
	Run:   plainly(synchronize),
}

// changedMark tells the lines of items from what else rsync says.
const changedMark = "<<CHANGED>>"

// rsyncWord is one part of the command line; shown is how the result writes it.
type rsyncWord struct{ arg, shown string }

func synchronize(c *Context, p *synchronizeArgs) (*Result, error) {
	if strings.Contains(p.LocalRsyncPath, "/") {
		p.LocalRsyncPath = ExpandPath(p.LocalRsyncPath, c.Getenv)
	} else {
		exe, err := c.findProgram(p.LocalRsyncPath)
		if err != nil {
			return nil, wrapError(err, "rsync must be installed on both sides; here it is missing")
		}
		p.LocalRsyncPath = exe
	}
	words, err := p.words(c)
	if err != nil {
		return nil, err
	}
	argv, shown := []string{p.LocalRsyncPath}, []string{p.LocalRsyncPath}
	for _, w := range words {
		if argv = append(argv, w.arg); w.shown != "" {
			shown = append(shown, w.shown)
		}
	}
	var opts progOptions
	if p.LocalPassword != nil && *p.LocalPassword != "" && p.remote() {
		exe, err := c.findProgram("sshpass")
		if err != nil {
			return nil, Errorf("to use rsync connection with passwords, you must install the sshpass program")
		}
		argv = append([]string{exe, "-e"}, argv...)
		opts.Env = []string{"SSHPASS=" + *p.LocalPassword}
	}
	out, err := c.run(argv, &opts)
	cmd := strings.Join(shown, " ")
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, Errorf(out.Stderr+p.hint(out), "cmd", cmd, "rc", out.RC)
	}
	text := strings.ReplaceAll(out.Stdout, changedMark, "")
	r := Changed(rsyncChanged(out.Stdout, len(p.LinkDest) > 0))
	r.Msg, r.HasMsg = text, true
	if c.Diff { // also where it is empty
		r.Set("diff", value.DictOf("prepared", text))
	}
	return r.Set("cmd", cmd).Set("rc", 0).Set("stdout_lines", slices.DeleteFunc(SplitLines(text), func(l string) bool { return l == "" })), nil
}

// hint says what to do about an rsync that the other side does not have.
func (p *synchronizeArgs) hint(out *progResult) string {
	if !p.remote() || out.RC != 12 && out.RC != 127 ||
		!strings.Contains(out.Stderr, "not found") && !strings.Contains(out.Stderr, "No such file") {
		return ""
	}
	peer := p.PeerName
	if peer == "" {
		peer = "the other side"
	}
	return fmt.Sprintf("rsync is missing on %s; install it there, or name it with rsync_path", peer)
}

// rsyncChanged reads what rsync did. With link_dest it also tells of items that
// stay as they are; they begin with a dot.
func rsyncChanged(out string, all bool) bool {
	for _, l := range strings.Split(out, "\n") {
		_, item, ok := strings.Cut(l, changedMark)
		if !ok {
			continue
		}
		what, _, _ := strings.Cut(item, " ")
		if !all || !strings.HasPrefix(what, ".") || strings.ContainsAny(what[min(2, len(what)):], "+cstpogax") {
			return true
		}
	}
	return false
}

func (p *synchronizeArgs) remote() bool { return rsyncPeer(p.Src) || rsyncPeer(p.Dest) }

// rsyncPeer tells whether a path is on another host.
func rsyncPeer(path string) bool {
	i := strings.IndexByte(path, ':')
	return i > 0 && !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "rsync://")
}

func (p *synchronizeArgs) words(c *Context) ([]rsyncWord, error) {
	var w []rsyncWord
	add := func(s ...string) {
		for _, s := range s {
			w = append(w, rsyncWord{s, s})
		}
	}
	when := func(b bool, s string) {
		if b {
			add(s)
		}
	}
	if p.DelayUpdates {
		add("--delay-updates", "-F")
	}
	when(p.Compress, "--compress")
	if p.RsyncTimeout != 0 {
		add("--timeout=" + strconv.Itoa(p.RsyncTimeout))
	}
	when(c.Check, "--dry-run")
	when(p.Delete, "--delete-after")
	when(p.ExistingOnly, "--existing")
	when(p.Checksum, "--checksum")
	when(p.CopyLinks, "--copy-links")
	when(p.Archive, "--archive")
	for _, o := range []struct {
		name string
		v    *bool
	}{{"recursive", p.Recursive}, {"links", p.Links}, {"perms", p.Perms}, {"times", p.Times}, {"owner", p.Owner}, {"group", p.Group}} {
		switch {
		case o.v == nil || *o.v == p.Archive:
		case *o.v:
			add("--" + o.name)
		default:
			add("--no-" + o.name)
		}
	}
	when(p.Dirs, "--dirs")
	if p.remote() && !strings.HasPrefix(p.Src, "rsync://") && !strings.HasPrefix(p.Dest, "rsync://") {
		rsh, err := p.rsh(c)
		if err != nil {
			return nil, err
		}
		w = append(w, rsyncWord{"--rsh=" + rsh, "--rsh=" + shQuote(rsh)})
	}
	if p.RsyncPath != nil && *p.RsyncPath != "" {
		w = append(w, rsyncWord{"--rsync-path=" + *p.RsyncPath, "--rsync-path=" + shQuote(*p.RsyncPath)})
	}
	for _, o := range p.RsyncOpts {
		parts, err := shlexSplit(o)
		if err != nil {
			return nil, Errorf(fmt.Sprintf("rsync_opts: %q: %s", o, err))
		}
		for i, s := range parts {
			if i == 0 {
				w = append(w, rsyncWord{s, o}) // shown as it was written
			} else {
				w = append(w, rsyncWord{arg: s})
			}
		}
	}
	when(p.Partial, "--partial")
	if len(p.LinkDest) > 0 {
		add("-H", "-vv")
		for _, l := range p.LinkDest {
			l = ExpandPath(l, c.Getenv)
			if strings.HasPrefix(l, strings.TrimSuffix(p.Src, "/")+"/") {
				return nil, Errorf(fmt.Sprintf("Hardlinking into a subdirectory of the source would cause recursion. %s and %s", l, p.Src))
			}
			w = append(w, rsyncWord{"--link-dest=" + l, "--link-dest=" + shQuote(l)})
		}
	}
	const format = "--out-format="
	w = append(w, rsyncWord{format + changedMark + "%i %n%L", format + "'" + changedMark + "%i %n%L'"})
	for _, f := range []string{p.Src, p.Dest} {
		if strings.HasPrefix(f, "~") {
			f = ExpandPath(f, c.Getenv)
		}
		w = append(w, rsyncWord{f, shQuote(f)})
	}
	return w, nil
}

// rsh is the command that connects to the other side.
func (p *synchronizeArgs) rsh(c *Context) (string, error) {
	exe, err := c.findProgram("ssh")
	if err != nil {
		return "", err
	}
	s := exe
	if !p.SSHMultiplexing {
		s += " -S none"
	}
	if p.PrivateKey != nil {
		s += " -i " + shQuote(string(*p.PrivateKey))
	}
	if p.DestPort != nil {
		s += " -o Port=" + strconv.Itoa(*p.DestPort)
	}
	if !p.VerifyHost {
		s += " -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
	}
	if p.SSHArgs != nil && *p.SSHArgs != "" {
		s += " " + *p.SSHArgs
	}
	return s, nil
}
