// Package connect opens channels to hosts: ssh (golang.org/x/crypto/ssh) and
// local, and takes other identities (sudo, su, doas) on them.
//
// It imports engine/remote and engine/value; never run, playbook or inventory.
package connect

import (
	"context"
	"time"

	"github.com/goplay-engine/goplay/engine/remote"
)

// Target says how to reach a host and as whom. Two equal Targets share one
// session.
type Target struct {
	Name            string // inventory name, for messages
	Connection      string // "ssh" (also "smart", "paramiko", "paramiko_ssh"), "local"
	Host            string // address or name; ~/.ssh/config may map it further
	Port            int    // 0: from ~/.ssh/config, else 22
	User            string // "": from ~/.ssh/config, else the local user
	Password        string
	KeyFile         string
	KeyPassphrase   string
	CommonArgs      string // ansible_ssh_common_args and ssh_args: -o, -J, -F, -i, -p, -l ... are honoured
	ExtraArgs       string // ansible_ssh_extra_args
	HostKeyChecking bool
	Timeout         time.Duration // for connecting
	Retries         int           // further attempts at connecting
	RemoteTmp       string        // ansible_remote_tmp, may hold ~
	Shell           string        // ansible_shell_executable, default /bin/sh
	Dir             string        // where local commands run, and what relative paths are relative to; "" the current folder
	Become          Become        // zero value: the login user itself
}

// Become names the identity to take after login.
type Become struct {
	Method   string // "sudo", "su", "doas", "" for none
	User     string
	Password string
	HasPass  bool
	SameUser bool // also where the login user is that user
	Exe      string
	Flags    string
}

// Opener gives sessions; the run holds one and closes it at the end.
type Opener interface {
	// Open returns the session for t, opening it at first use. Errors are
	// *remote.UnreachableError or *remote.BecomeError.
	Open(ctx context.Context, t Target) (remote.Session, error)
	// Raw runs a command line through the login shell (with become) without
	// any helper; it needs nothing but sshd and sh on the target.
	Raw(ctx context.Context, t Target, cmdline string, stdin []byte) (*remote.ExecResult, error)
	// Reset closes the sessions of t's host, as meta: reset_connection does.
	Reset(t Target) error
	// Close ends all sessions.
	Close() error
}
