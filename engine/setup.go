package engine

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/connect"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/foreign"
	"github.com/goplay-engine/goplay/engine/inventory"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/load"
	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/pyplug"
	"github.com/goplay-engine/goplay/engine/report"
	"github.com/goplay-engine/goplay/engine/run"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vars"
	"github.com/goplay-engine/goplay/engine/vault"
)

// Version is goplay's own version; AnsibleVersion the behaviour it follows,
// which ansible_version shows.
const (
	Version        = "0.1.0"
	AnsibleVersion = "2.18.0"
)

// Setup is everything that commands share: configuration, inventory, variables,
// templates, connections.
type Setup struct {
	Options Options
	Config  *config.Config
	Screen  *report.Screen
	Sink    event.Sink
	Files   *load.Loader
	Inv     *inventory.Inventory
	Hosts   run.Inventory
	Store   *vars.Store
	Engine  *templar.Engine
	Loader  *playbook.Loader
	Opener  connect.Opener
	Extra   *value.Dict
	Foreign run.Foreign
	own     *foreign.Modules
	plugins *pyplug.Plugins

	lookupNames map[string]templar.LookupFunc
	playFiles   map[*playbook.Play]*value.Dict // vars_files as imports see them
	rejects     map[string]bool                // modules that the file of plugin_filters_cfg keeps from being used
}

// NewSetup prepares a run: the inventory is read, no host is contacted.
func NewSetup(o Options) (*Setup, error) {
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	if o.Stderr == nil {
		o.Stderr = os.Stderr
	}
	s := &Setup{Options: o, Config: o.Config}
	var err error
	if s.Config == nil {
		if s.Config, err = config.Load(config.Source{}); err != nil {
			return nil, err
		}
	}
	c := s.Config
	verbosity := max(o.Verbosity, c.Verbosity())
	s.Options.Verbosity = verbosity
	s.Screen = NewScreen(c, o.Stdout, o.Stderr, verbosity)
	action.AnsibleManaged = c.Str("DEFAULT_MANAGED_STR")
	action.MaxDiff = int64(c.Int("MAX_FILE_SIZE_FOR_DIFF"))
	warn := func(msg string) { s.Sink.Event(event.Warning{Msg: msg}) }
	s.plugins = newPlugins(c, s.pluginHost(), verbosity, warn)
	for _, book := range o.Playbooks { // inventory and callback plugins may lie beside them
		s.plugins.AddDir(filepath.Dir(book))
	}
	s.Sink = o.Sink
	if s.Sink == nil {
		if s.Sink, err = s.Report(report.Options{Stdout: c.StdoutCallback(), Enabled: c.CallbacksEnabled()}); err != nil {
			return nil, err
		}
	}
	s.Sink = event.Locked(s.Sink) // templates and connections tell of things from many goroutines
	if o.Vault == nil {
		o.Vault = vault.New()
		s.Options.Vault = o.Vault
	}
	s.Files = &load.Loader{Vault: o.Vault, Warn: warn, DuplicateKeys: c.Str("DUPLICATE_YAML_DICT_KEY")}
	if s.Extra, err = ExtraVars(o.ExtraVars, s.Files, c.HashBehaviour() == "merge"); err != nil {
		return nil, err
	}
	if s.rejects, err = s.rejected(); err != nil {
		return nil, err
	}
	s.lookupNames = s.lookups()
	s.Engine = templar.NewEngine(templar.Options{Plugin: s.plugins.Find, Override: s.plugins.Override, Lookups: s.lookupNames, Warn: s.warn, Extensions: c.JinjaExtensions(),
		Native: c.JinjaNative(), AllowUnsafe: c.Bool("DEFAULT_ALLOW_UNSAFE_LOOKUPS"), ErrorOnUndef: c.ErrorOnUndefined()})
	if err := s.inventory(warn); err != nil {
		return nil, err
	}
	s.Store = vars.NewStore(s.Hosts, s.Extra)
	s.Store.Engine = s.Engine
	s.Store.Merge = c.HashBehaviour() == "merge"
	s.Store.InjectFacts = c.InjectFacts()
	s.Store.Constant = s.constants()
	own := &foreign.Modules{Actions: c.List("DEFAULT_ACTION_PLUGIN_PATH"), UtilsPath: c.List("DEFAULT_MODULE_UTILS_PATH"), Collections: c.CollectionsPath(), Version: AnsibleVersion,
		Interpreter: c.Str("INTERPRETER_PYTHON"), Fallback: c.List("INTERPRETER_PYTHON_FALLBACK"), IgnoreExts: c.List("MODULE_IGNORE_EXTS"),
		OpenFiles: c.Int("PYTHON_MODULE_RLIMIT_NOFILE"), Internals: internals(c)}
	for _, p := range o.ModulePath {
		own.Library = append(own.Library, strings.Split(p, ":")...)
	}
	own.Extra = len(own.Library)
	own.Library = append(own.Library, c.Library()...)
	s.Foreign, s.own = own, own
	s.Loader = playbook.NewLoader(playbook.Options{RolesPath: c.RolesPath(), CollectionsPath: c.CollectionsPath(),
		Known: s.known, KnownLookup: s.knownLookup, Suggest: s.suggest, Render: s.renderStatic, Decrypt: s.decrypt, Found: s.found,
		Open: o.Vault.OpenText(""), IgnoreUnknown: !c.Bool("INVALID_TASK_ATTRIBUTE_FAILED"), DuplicateKeys: c.Str("DUPLICATE_YAML_DICT_KEY"), Warn: warn})
	s.Opener = connect.New(connect.Options{Run: module.Execute, AskHostKey: connect.AskOnTerminal(), Keep: connect.SelfKeep(c.ControlPathDir()), Logf: func(host, format string, a ...any) {
		s.Sink.Event(event.Message{Level: 3, Host: host, Text: fmt.Sprintf(format, a...)})
	}})
	return s, nil
}

// pluginCollections are the folders of collections, that of an installed Ansible
// among them.
func pluginCollections(c *config.Config) []string {
	out := append([]string{}, c.CollectionsPath()...)
	if core := foreign.InstalledAnsible(); core != "" {
		out = append(out, filepath.Dir(core))
	}
	return out
}

// knownLookup tells whether with_NAME has a lookup: one of goplay's own, or a
// plugin.
func (s *Setup) knownLookup(name string) bool {
	short := strings.TrimPrefix(strings.TrimPrefix(name, "ansible.builtin."), "ansible.legacy.")
	if _, ok := s.lookupNames[short]; ok || strings.Contains(short, ".") {
		return true
	}
	_, ok := s.plugins.Find("lookup", short)
	return ok
}

// found is told of each folder of a playbook or role.
func (s *Setup) found(dir string) {
	s.own.AddRole(dir)
	s.plugins.AddDir(dir)
}

// internals are what Python modules are told of the configuration.
func internals(c *config.Config) *value.Dict {
	d := value.DictOf("_ansible_syslog_facility", c.Str("DEFAULT_SYSLOG_FACILITY"), "_ansible_selinux_special_fs", c.Get("DEFAULT_SELINUX_SPECIAL_FS"),
		"_ansible_string_conversion_action", c.Str("STRING_CONVERSION_ACTION"))
	// module_utils before 2.17 refuse what they do not know, so it is there only when asked for.
	if info := c.Str("TARGET_LOG_INFO"); info != "" && !c.Bool("DEFAULT_NO_TARGET_SYSLOG") {
		d.Set("_ansible_target_log_info", info)
	}
	return d
}

// inventory reads the sources.
func (s *Setup) inventory(warn func(string)) error {
	c := s.Config
	sources := s.Options.Inventory
	if len(sources) == 0 {
		sources = c.Inventory()
	}
	verbose := func(level int, msg string) { s.Sink.Event(event.Message{Level: level, Text: msg}) }
	s.Inv = inventory.New(inventory.Options{Loader: s.Files, Warn: warn, Verbose: verbose, PlaybookDir: s.Options.PlaybookDir,
		Enabled: c.List("INVENTORY_ENABLED"), IgnoreExts: c.List("INVENTORY_IGNORE_EXTS"), IgnorePatterns: c.List("INVENTORY_IGNORE_PATTERNS"),
		UnparsedFailed: c.Bool("INVENTORY_UNPARSED_IS_FAILED"), AnyUnparsedFailed: c.Bool("INVENTORY_ANY_UNPARSED_IS_FAILED"),
		VarsExts: c.List("YAML_FILENAME_EXTENSIONS"), Precedence: c.List("VARIABLE_PRECEDENCE"),
		NoUnparsedWarning: !c.Bool("INVENTORY_UNPARSED_WARNING"), PatternMismatch: c.Str("HOST_PATTERN_MISMATCH"),
		GroupChars: c.Str("TRANSFORM_INVALID_GROUP_CHARS"), HashMerge: c.HashBehaviour() == "merge", NoVarsFiles: !c.VarsFiles(), Eval: &evaluator{s},
		Foreign: pyplug.Inventory{P: s.plugins, Engine: func() *templar.Engine { return s.Engine }, Extra: func() *value.Dict { return s.Extra }, Basedir: s.Options.PlaybookDir}})
	if err := s.Inv.Load(sources); err != nil {
		return err
	}
	s.Hosts = newHosts(s.Inv, s.Options.Limit)
	return nil
}

// evaluator renders for inventory plugins.
type evaluator struct{ s *Setup }

type dictVars struct{ *value.Dict }

func (d dictVars) Lookup(name string) (value.Value, value.Pos, bool) {
	v, ok := d.GetStr(name)
	return v, d.PosOf(name), ok
}

func (d dictVars) Names() []string {
	var out []string
	for _, k := range d.Keys() {
		out = append(out, value.Str(k))
	}
	return out
}

// Template implements inventory.Evaluator.
func (e *evaluator) Template(text string, vars *value.Dict) (value.Value, error) {
	return e.s.Engine.New(dictVars{vars}, templar.Scope{}).Render(text, value.Pos{})
}

// Expression implements inventory.Evaluator.
func (e *evaluator) Expression(expr string, vars *value.Dict) (value.Value, error) {
	return e.s.Engine.New(dictVars{vars}, templar.Scope{}).Eval(expr, value.Pos{})
}

// constants are the magic variables that hold for the whole run.
func (s *Setup) constants() *value.Dict {
	o := s.Options
	var salt [20]byte
	_, _ = rand.Read(salt[:])
	d := value.DictOf("omit", "__omit_place_holder__"+hex.EncodeToString(salt[:]),
		"ansible_version", value.DictOf("string", AnsibleVersion, "full", AnsibleVersion, "major", int64(2), "minor", int64(18), "revision", int64(0)),
		"ansible_check_mode", o.Check, "ansible_diff_mode", o.Diff || s.Config.DiffAlways(), "ansible_forks", int64(s.forks()),
		"ansible_verbosity", int64(o.Verbosity), "ansible_playbook_python", pythonPath(), "ansible_inventory_sources", value.From(s.Inv.Sources))
	tags := o.Tags
	if len(tags) == 0 {
		tags = []string{"all"}
	}
	d.Set("ansible_run_tags", value.From(tags))
	d.Set("ansible_skip_tags", value.From(append([]string{}, o.SkipTags...)))
	if len(o.Limit) > 0 {
		d.Set("ansible_limit", strings.Join(o.Limit, ","))
	}
	if f := s.Config.File; f != "" {
		d.Set("ansible_config_file", f)
	} else {
		d.Set("ansible_config_file", nil)
	}
	return d
}

// pythonPath is what ansible_playbook_python says: playbooks use it for local
// tasks that run Python.
func pythonPath() string {
	for _, p := range []string{"/usr/bin/python3", "/usr/local/bin/python3"} {
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	return "/usr/bin/python3"
}

func (s *Setup) forks() int {
	if s.Options.Forks > 0 {
		return s.Options.Forks
	}
	return s.Config.Forks()
}

func (s *Setup) decrypt(path string, data []byte) ([]byte, error) {
	if !vault.IsEncrypted(data) {
		return data, nil
	}
	return s.Options.Vault.Open(data, path)
}

// target holds the connection defaults from options and configuration.
func (s *Setup) target() connect.Target {
	c, o := s.Config, s.Options
	t := connect.Target{Connection: c.Transport(), Port: c.RemotePort(), User: c.RemoteUser(), KeyFile: c.PrivateKeyFile(),
		CommonArgs: strings.TrimSpace(c.SSHArgs() + " " + c.SSHCommonArgs()), ExtraArgs: c.SSHExtraArgs(), HostKeyChecking: c.HostKeyChecking(),
		Timeout: c.Timeout(), Retries: c.SSHRetries(), RemoteTmp: c.RemoteTmp(), Shell: c.Executable()}
	if o.Connection != "" {
		t.Connection = o.Connection
	}
	if o.User != "" {
		t.User = o.User
	}
	if o.PrivateKey != "" {
		t.KeyFile = config.ExpandHome(o.PrivateKey)
	}
	if o.Timeout > 0 {
		t.Timeout = time.Duration(o.Timeout) * time.Second
	}
	if o.SSHCommonArgs != "" {
		t.CommonArgs = strings.TrimSpace(c.SSHArgs() + " " + o.SSHCommonArgs)
	}
	if o.SSHExtraArgs != "" {
		t.ExtraArgs = o.SSHExtraArgs
	}
	if o.ConnPassword != nil {
		t.Password = *o.ConnPassword
	}
	return t
}

func (s *Setup) become() connect.Become {
	c, o := s.Config, s.Options
	b := connect.Become{Method: c.BecomeMethod(), User: c.BecomeUser()}
	if o.BecomeMethod != "" {
		b.Method = o.BecomeMethod
	}
	if o.BecomeUser != "" {
		b.User = o.BecomeUser
	}
	b.Exe = c.BecomeExe(b.Method)
	b.Flags = c.BecomeFlags(b.Method, "")
	if o.BecomePassword != nil {
		b.Password, b.HasPass = *o.BecomePassword, true
	}
	return b
}
