// Package engine is the public entry of goplay: it reads the configuration,
// the inventory and the playbooks and runs them.
//
// It wires the packages below it together and holds no play logic itself.
package engine

import (
	"io"

	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/vault"
)

// Options say what to run and how. The zero value of a field means what the
// configuration says.
type Options struct {
	Playbooks []string
	Inventory []string // -i, several
	Limit     []string // --limit, several
	ExtraVars []string // -e as given: k=v, JSON or YAML text, @file

	Config *config.Config // nil: found and read as ansible.cfg is
	// Vault has the secrets; nil: none.
	Vault *vault.Secrets

	Forks          int
	Check          bool
	Diff           bool
	Verbosity      int
	Tags, SkipTags []string
	StartAt        string
	Step           bool
	ForceHandlers  bool
	FlushCache     bool

	Connection     string
	User           string
	PrivateKey     string
	Timeout        int // seconds
	SSHCommonArgs  string
	SSHExtraArgs   string
	Become         bool
	BecomeMethod   string
	BecomeUser     string
	BecomePassword *string
	ConnPassword   *string
	PlaybookDir    string
	ModulePath     []string

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Sink takes the events instead of the report that the configuration names.
	Sink event.Sink
}

// Summary is how a run ended.
type Summary struct {
	Exit   int // the process's exit code
	Counts map[string]*event.Counts
}
