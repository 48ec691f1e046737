package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/run"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// Run runs the playbooks of o. The error is what ended the run early; Summary
// is there in any case.
func Run(ctx context.Context, o Options) (Summary, error) {
	s, err := NewSetup(o)
	if err != nil {
		return Summary{Exit: run.ExitError}, err
	}
	defer s.Close()
	return s.Run(ctx)
}

// Close ends connections and removes temporary files on the hosts.
func (s *Setup) Close() {
	_ = s.Opener.Close()
	s.plugins.Close()
}

// Books reads the playbooks.
func (s *Setup) Books() ([]*playbook.Playbook, error) {
	var books []*playbook.Playbook
	for _, p := range s.Options.Playbooks {
		b, err := s.Loader.Load(p)
		if err != nil {
			return nil, err
		}
		books = append(books, b)
	}
	return books, nil
}

// Run reads and runs the playbooks.
func (s *Setup) Run(ctx context.Context) (Summary, error) {
	books, err := s.Books()
	if err != nil {
		return Summary{Exit: ExitCode(err)}, err
	}
	return s.RunBooks(ctx, books)
}

// RunBooks runs playbooks that have been read.
func (s *Setup) RunBooks(ctx context.Context, books []*playbook.Playbook) (Summary, error) {
	opts := s.RunOptions()
	if s.Options.FlushCache && opts.FactCache != nil {
		s.flushFacts(opts.FactCache)
	}
	r := run.New(opts)
	sum, err := r.Playbooks(ctx, books)
	return Summary{Exit: sum.Exit, Counts: sum.Counts}, err
}

// ExitUsage is the code of options that mean nothing together.
const ExitUsage = 5

// UsageError says that the command line cannot be meant as it is.
type UsageError struct{ Msg string }

func (e *UsageError) Error() string { return e.Msg }

// ExitCode is the process's exit code for an error before any play ran.
func ExitCode(err error) int {
	var ue *UsageError
	if errors.As(err, &ue) {
		return ExitUsage
	}
	var pe *playbook.Error
	if errors.As(err, &pe) && pe.Exit != 0 {
		return pe.Exit
	}
	var ye *yaml.Error
	if errors.As(err, &ye) {
		return run.ExitUnreachable // a parse error; Ansible's number is the same
	}
	return run.ExitError
}

// RunOptions are the options of a run as configuration and command line have
// them.
func (s *Setup) RunOptions() run.Options {
	c, o := s.Config, s.Options
	opts := run.Options{Inventory: s.Hosts, Loader: s.Loader, Store: s.Store, Engine: s.Engine, Opener: s.Opener, Sink: s.Sink,
		Input: s.input(), ReadFile: s.readFile, OpenVault: s.Options.Vault.OpenText(""), Foreign: s.Foreign, PyAction: s.pyAction, FactCache: s.factCache(),
		Forks: s.forks(), Check: o.Check, Diff: o.Diff || c.DiffAlways(), Verbosity: o.Verbosity, Tags: o.Tags, SkipTags: o.SkipTags,
		StartAt: o.StartAt, Step: o.Step, ForceHandlers: o.ForceHandlers || c.ForceHandlers(),
		Connection: s.target(), Become: o.Become || c.Become(), BecomeDefaults: s.become(), Gathering: c.Gathering(), Native: c.JinjaNative(),
		ErrorOnMissingHandler: c.Bool("ERROR_ON_MISSING_HANDLER"), AnyErrorsFatal: c.AnyErrorsFatal(), Strategy: c.Strategy(),
		TaskTimeout: int(c.TaskTimeout() / time.Second), NoLog: c.NoLog(), Debugger: c.Bool("ENABLE_TASK_DEBUGGER"), DebuggerIgnoresErrors: c.Bool("TASK_DEBUGGER_IGNORE_ERRORS"), PollInterval: int(c.PollInterval() / time.Second), AsyncDir: c.AsyncDir(),
		Facility: c.Str("DEFAULT_SYSLOG_FACILITY"), NoTargetSyslog: c.Bool("DEFAULT_NO_TARGET_SYSLOG"), LogInfo: c.Str("TARGET_LOG_INFO")}
	if on, folder := c.RetryFiles(); on && len(o.Playbooks) > 0 {
		opts.Sink = retrySink{s.Sink, folder, o.Playbooks[len(o.Playbooks)-1]}
	}
	opts.HostStarts = c.ShowPerHostStart() || s.plugins.HasCallbacks()
	opts.FactPath, opts.PrivateRoleVars, opts.VarsRoot = c.Str("DEFAULT_FACT_PATH"), c.Bool("DEFAULT_PRIVATE_ROLE_VARS"), c.Str("PLAYBOOK_VARS_ROOT")
	opts.BecomeDefaults.SameUser = c.Bool("BECOME_ALLOW_SAME_USER")
	if mods := c.List("FACTS_MODULES"); len(mods) > 0 && !slices.Equal(mods, []string{"smart"}) {
		opts.FactsModules = mods
	}
	if n := c.Int("DEFAULT_GATHER_TIMEOUT"); n > 0 {
		opts.GatherTimeout = n
	}
	if sub := c.GatherSubset(); len(sub) > 0 {
		opts.GatherSubset = value.From(sub)
	}
	if len(opts.Tags) == 0 {
		opts.Tags = c.TagsRun()
	}
	if len(opts.SkipTags) == 0 {
		opts.SkipTags = c.TagsSkip()
	}
	return opts
}

func (s *Setup) readFile(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return s.decrypt(path, data)
}

func (s *Setup) input() action.Input {
	if f, ok := s.Options.Stdin.(*os.File); ok {
		return &terminal{in: f, out: s.Options.Stdout}
	}
	return &terminal{in: os.Stdin, out: s.Options.Stdout}
}

// factCache opens the fact cache that the configuration names.
func (s *Setup) factCache() run.FactCache {
	plugin, dir, prefix, timeout := s.Config.FactCaching()
	switch plugin {
	case "jsonfile", "ansible.builtin.jsonfile":
		return &jsonCache{dir: config.ExpandHome(dir), prefix: prefix, timeout: timeout}
	case "", "memory", "ansible.builtin.memory":
	default:
		s.warn(fmt.Sprintf("There is no fact cache %s, so facts are not kept for later runs: jsonfile keeps them", plugin))
	}
	return nil
}

// flushFacts forgets what the fact cache has of the inventory's hosts.
func (s *Setup) flushFacts(c run.FactCache) {
	for _, h := range s.Hosts.HostNames() {
		if err := c.Delete(h); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.warn(fmt.Sprintf("the cached facts of %s could not be removed: %s", h, err))
		}
	}
}

// jsonCache keeps facts as one JSON file per host.
type jsonCache struct {
	dir, prefix string
	timeout     time.Duration // 0: for ever
}

func (j *jsonCache) path(host string) string {
	return filepath.Join(j.dir, j.prefix+filepath.Base(host))
}

// Get implements run.FactCache.
func (j *jsonCache) Get(host string) (*value.Dict, bool) {
	p := j.path(host)
	fi, err := os.Stat(p)
	if err != nil || j.timeout > 0 && time.Since(fi.ModTime()) > j.timeout {
		return nil, false
	}
	data, err := os.ReadFile(p)
	if err != nil {
		return nil, false
	}
	v, err := value.ParseJSON(data)
	d, ok := v.(*value.Dict)
	return d, err == nil && ok
}

// Set implements run.FactCache.
func (j *jsonCache) Set(host string, facts *value.Dict) error {
	if err := os.MkdirAll(j.dir, 0o755); err != nil {
		return err
	}
	all := value.NewDict()
	if old, ok := j.Get(host); ok {
		all = old
	}
	all.Update(facts)
	text, err := value.DumpJSON(all, value.JSONOptions{Indent: 4, SortKeys: true})
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(j.dir, ".goplay-")
	if err != nil {
		return err
	}
	_, werr := tmp.WriteString(text)
	cerr := tmp.Close()
	if err := errors.Join(werr, cerr); err != nil {
		os.Remove(tmp.Name())
		return err
	}
	return os.Rename(tmp.Name(), j.path(host))
}

// Delete implements run.FactCache.
func (j *jsonCache) Delete(host string) error { return os.Remove(j.path(host)) }
