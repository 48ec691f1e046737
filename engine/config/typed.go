package config

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// Bool returns a boolean setting.
func (c *Config) Bool(name string) bool { return value.Truth(c.Get(name)) }

// Int returns an integer setting; 0 where it is unset.
func (c *Config) Int(name string) int {
	switch x := c.Get(name).(type) {
	case int64:
		return int(x)
	case float64:
		return int(x)
	}
	return 0
}

// Str returns a text or path setting; "" where it is unset.
func (c *Config) Str(name string) string {
	if v := c.Get(name); v != nil {
		return value.Str(v)
	}
	return ""
}

// List returns a list setting, leaving out empty entries.
func (c *Config) List(name string) []string {
	v := c.Get(name)
	if v == nil {
		return nil
	}
	var out []string
	for _, e := range listOf(v) {
		if s := value.Str(e); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Option reads what is no setting of its own but an option of a connection,
// callback, become or inventory plugin: the environment names first, then
// "section.key" names; the text, its origin and whether it was found.
func (c *Config) Option(env, ini []string) (text, origin string, ok bool) {
	for _, e := range env {
		if s, ok := c.src.LookupEnv(e); ok {
			return s, "env: " + e, true
		}
	}
	for _, i := range ini {
		if s, ok := c.ini.get(i); ok {
			return unquote(s), c.File, true
		}
	}
	return "", "default", false
}

func (c *Config) option(def string, names ...string) string {
	var env, ini []string
	for _, n := range names {
		if strings.Contains(n, ".") {
			ini = append(ini, n)
		} else {
			env = append(env, n)
		}
	}
	if s, _, ok := c.Option(env, ini); ok {
		return s
	}
	return def
}

func (c *Config) optionBool(def bool, names ...string) bool {
	if v, ok := Bool(c.option("", names...)); ok {
		return v
	}
	return def
}

// Forks is how many hosts are worked on at a time.
func (c *Config) Forks() int { return c.Int("DEFAULT_FORKS") }

// Timeout is the connection timeout.
func (c *Config) Timeout() time.Duration {
	return time.Duration(c.Int("DEFAULT_TIMEOUT")) * time.Second
}

// TaskTimeout is the default of a task's timeout; 0 is none.
func (c *Config) TaskTimeout() time.Duration {
	return time.Duration(c.Int("TASK_TIMEOUT")) * time.Second
}

// PollInterval is the default of poll.
func (c *Config) PollInterval() time.Duration {
	return time.Duration(c.Int("DEFAULT_POLL_INTERVAL")) * time.Second
}

// HostKeyChecking tells whether unknown host keys are refused.
func (c *Config) HostKeyChecking() bool {
	return c.optionBool(c.Bool("HOST_KEY_CHECKING"), "ANSIBLE_SSH_HOST_KEY_CHECKING", "ssh_connection.host_key_checking")
}

// Inventory is the list of sources used without -i; absolute paths.
func (c *Config) Inventory() []string { return c.List("DEFAULT_HOST_LIST") }

// RolesPath, CollectionsPath and Library are search paths, first to last.
func (c *Config) RolesPath() []string { return c.List("DEFAULT_ROLES_PATH") }

// CollectionsPath is where collections are installed: the folders that hold
// ansible_collections, also where that one itself is configured.
func (c *Config) CollectionsPath() []string {
	out := slices.Clone(c.List("COLLECTIONS_PATHS"))
	for i, p := range out {
		if filepath.Base(p) == "ansible_collections" {
			out[i] = filepath.Dir(p)
		}
	}
	return out
}

// Library is where modules of the user's own lie.
func (c *Config) Library() []string { return c.List("DEFAULT_MODULE_PATH") }

// RemoteUser, RemotePort, PrivateKeyFile and Transport are connection defaults;
// "" and 0 leave the choice to ssh.
func (c *Config) RemoteUser() string { return c.Str("DEFAULT_REMOTE_USER") }

// RemotePort is 0 where unset.
func (c *Config) RemotePort() int { return c.Int("DEFAULT_REMOTE_PORT") }

// PrivateKeyFile is "" where unset.
func (c *Config) PrivateKeyFile() string { return c.Str("DEFAULT_PRIVATE_KEY_FILE") }

// Transport is the default connection: smart, ssh, local ...
func (c *Config) Transport() string { return c.Str("DEFAULT_TRANSPORT") }

// Executable is the shell on targets.
func (c *Config) Executable() string { return c.Str("DEFAULT_EXECUTABLE") }

// Become tells whether plays become another user by default.
func (c *Config) Become() bool { return c.Bool("DEFAULT_BECOME") }

// BecomeMethod is sudo, su ...
func (c *Config) BecomeMethod() string { return c.Str("DEFAULT_BECOME_METHOD") }

// BecomeUser is the default identity, with the method's own section outranking.
func (c *Config) BecomeUser() string {
	m := c.BecomeMethod()
	return c.option(c.Str("DEFAULT_BECOME_USER"), "ANSIBLE_"+strings.ToUpper(m)+"_USER", m+"_become_plugin.user")
}

// BecomeExe is the program of the method given, "" for its usual one.
func (c *Config) BecomeExe(method string) string {
	return c.option(c.Str("DEFAULT_BECOME_EXE"), "ANSIBLE_"+strings.ToUpper(method)+"_EXE", method+"_become_plugin.executable")
}

// BecomeFlags are the flags of the method given; def where nothing is set.
func (c *Config) BecomeFlags(method, def string) string {
	if s := c.Str("DEFAULT_BECOME_FLAGS"); s != "" {
		def = s
	}
	return c.option(def, "ANSIBLE_"+strings.ToUpper(method)+"_FLAGS", method+"_become_plugin.flags")
}

// BecomeAskPass tells whether to prompt for the become password.
func (c *Config) BecomeAskPass() bool { return c.Bool("DEFAULT_BECOME_ASK_PASS") }

// AskPass tells whether to prompt for the connection password.
func (c *Config) AskPass() bool { return c.Bool("DEFAULT_ASK_PASS") }

// Gathering is implicit, explicit or smart.
func (c *Config) Gathering() string { return c.Str("DEFAULT_GATHERING") }

// GatherSubset is the default subset of facts; nil is all.
func (c *Config) GatherSubset() []string { return c.List("DEFAULT_GATHER_SUBSET") }

// FactCaching is the cache plugin (memory, jsonfile); the connection is its
// folder, the timeout 0 keeps entries for ever.
func (c *Config) FactCaching() (plugin, connection, prefix string, timeout time.Duration) {
	// the general default of the prefix is not that of the plugin that keeps files
	return c.Str("CACHE_PLUGIN"), c.Str("CACHE_PLUGIN_CONNECTION"), c.option("", "ANSIBLE_CACHE_PLUGIN_PREFIX", "defaults.fact_caching_prefix"),
		time.Duration(c.Int("CACHE_PLUGIN_TIMEOUT")) * time.Second
}

// StdoutCallback is the output format.
func (c *Config) StdoutCallback() string { return c.Str("DEFAULT_STDOUT_CALLBACK") }

// CallbacksEnabled are the further outputs (timer, profile_tasks, junit ...).
func (c *Config) CallbacksEnabled() []string { return c.List("CALLBACKS_ENABLED") }

// DisplaySkipped, DisplayOK, DisplayFailedStderr, ShowCustomStats,
// CheckModeMarkers, ShowPerHostStart and ShowTaskPathOnFailure are options of
// the default output.
func (c *Config) DisplaySkipped() bool {
	return c.optionBool(c.Bool("DISPLAY_SKIPPED_HOSTS"), "DISPLAY_SKIPPED_HOSTS", "ANSIBLE_DISPLAY_SKIPPED_HOSTS")
}

// DisplayOK tells whether ok lines are shown.
func (c *Config) DisplayOK() bool {
	return c.optionBool(true, "ANSIBLE_DISPLAY_OK_HOSTS", "defaults.display_ok_hosts")
}

// DisplayFailedStderr sends failures to standard error.
func (c *Config) DisplayFailedStderr() bool {
	return c.optionBool(false, "ANSIBLE_DISPLAY_FAILED_STDERR", "defaults.display_failed_stderr")
}

// ShowCustomStats prints set_stats values at the end.
func (c *Config) ShowCustomStats() bool { return c.Bool("SHOW_CUSTOM_STATS") }

// CheckModeMarkers marks check mode in banners.
func (c *Config) CheckModeMarkers() bool {
	return c.optionBool(false, "ANSIBLE_CHECK_MODE_MARKERS", "defaults.check_mode_markers")
}

// ShowPerHostStart prints a line when a task starts on a host.
func (c *Config) ShowPerHostStart() bool {
	return c.optionBool(false, "ANSIBLE_SHOW_PER_HOST_START", "defaults.show_per_host_start")
}

// ShowTaskPathOnFailure prints the task's place when it fails.
func (c *Config) ShowTaskPathOnFailure() bool {
	return c.optionBool(false, "ANSIBLE_SHOW_TASK_PATH_ON_FAILURE", "defaults.show_task_path_on_failure")
}

// ResultFormat is json or yaml.
func (c *Config) ResultFormat() string {
	return c.option("json", "ANSIBLE_CALLBACK_RESULT_FORMAT", "defaults.callback_result_format")
}

// PrettyResults indents results; set is false where the user did not say.
func (c *Config) PrettyResults() (pretty, set bool) {
	return Bool(c.option("", "ANSIBLE_CALLBACK_FORMAT_PRETTY", "defaults.callback_format_pretty"))
}

// SSHArgs, SSHCommonArgs and SSHExtraArgs are further arguments of ssh.
func (c *Config) SSHArgs() string {
	return c.option("-C -o ControlMaster=auto -o ControlPersist=60s", "ANSIBLE_SSH_ARGS", "ssh_connection.ssh_args")
}

// SSHCommonArgs go to ssh, scp and sftp alike.
func (c *Config) SSHCommonArgs() string {
	return c.option("", "ANSIBLE_SSH_COMMON_ARGS", "ssh_connection.ssh_common_args")
}

// SSHExtraArgs go to ssh only.
func (c *Config) SSHExtraArgs() string {
	return c.option("", "ANSIBLE_SSH_EXTRA_ARGS", "ssh_connection.ssh_extra_args")
}

// ControlPathDir is the folder with the sockets of connections that are kept
// from run to run.
func (c *Config) ControlPathDir() string {
	base := c.src.Dir
	dir, origin, ok := c.Option([]string{"ANSIBLE_SSH_CONTROL_PATH_DIR"}, []string{"ssh_connection.control_path_dir"})
	if !ok {
		return filepath.Join(c.Home(), "cp")
	}
	if filepath.IsAbs(origin) {
		base = filepath.Dir(origin)
	}
	return c.absolute(dir, base)
}

// SSHRetries is how often a failed connection is tried again.
func (c *Config) SSHRetries() int {
	v, err := c.convert("int", c.option("0", "ANSIBLE_SSH_RETRIES", "ssh_connection.retries", "connection.retries"), "")
	if err != nil {
		return 0
	}
	return int(v.(int64))
}

// SSHTimeout is the ssh plugin's own timeout, else Timeout.
func (c *Config) SSHTimeout() time.Duration {
	if v, err := c.convert("int", c.option("", "ANSIBLE_SSH_TIMEOUT", "ssh_connection.timeout"), ""); err == nil {
		return time.Duration(v.(int64)) * time.Second
	}
	return c.Timeout()
}

// Pipelining is accepted; sessions need no files per task anyway.
func (c *Config) Pipelining() bool {
	return c.optionBool(c.Bool("ANSIBLE_PIPELINING"), "ANSIBLE_SSH_PIPELINING", "ssh_connection.pipelining")
}

// RemoteTmp is the folder for files on targets, "~" not expanded.
func (c *Config) RemoteTmp() string {
	return c.option("~/.ansible/tmp", "ANSIBLE_REMOTE_TEMP", "ANSIBLE_REMOTE_TMP", "defaults.remote_tmp")
}

// AsyncDir is the folder of async results on targets.
func (c *Config) AsyncDir() string {
	return c.option("~/.ansible_async", "ANSIBLE_ASYNC_DIR", "defaults.async_dir")
}

// HashBehaviour is replace or merge.
func (c *Config) HashBehaviour() string { return c.Str("DEFAULT_HASH_BEHAVIOUR") }

// JinjaNative, JinjaExtensions and ErrorOnUndefined steer templates.
func (c *Config) JinjaNative() bool { return c.Bool("DEFAULT_JINJA2_NATIVE") }

// JinjaExtensions are the names of Jinja2 extensions.
func (c *Config) JinjaExtensions() []string {
	var out []string
	for _, s := range c.List("DEFAULT_JINJA2_EXTENSIONS") {
		for _, e := range strings.Split(s, ",") {
			if e = strings.TrimSpace(e); e != "" {
				out = append(out, e)
			}
		}
	}
	return out
}

// ErrorOnUndefined makes undefined variables errors.
func (c *Config) ErrorOnUndefined() bool { return c.Bool("DEFAULT_UNDEFINED_VAR_BEHAVIOR") }

// InjectFacts puts facts among the variables as ansible_*.
func (c *Config) InjectFacts() bool { return c.Bool("INJECT_FACTS_AS_VARS") }

// VarsFiles tells whether group_vars and host_vars are read (vars_plugins_enabled).
func (c *Config) VarsFiles() bool {
	for _, n := range c.List("VARIABLE_PLUGINS_ENABLED") {
		if n[strings.LastIndex(n, ".")+1:] == "host_group_vars" {
			return true
		}
	}
	return false
}

// AnyErrorsFatal, ForceHandlers, DiffAlways and NoLog are play defaults.
func (c *Config) AnyErrorsFatal() bool { return c.Bool("ANY_ERRORS_FATAL") }

// ForceHandlers runs handlers on failed hosts too.
func (c *Config) ForceHandlers() bool { return c.Bool("DEFAULT_FORCE_HANDLERS") }

// DiffAlways is --diff by default.
func (c *Config) DiffAlways() bool { return c.Bool("DIFF_ALWAYS") }

// DiffContext is the number of lines around a change.
func (c *Config) DiffContext() int { return c.Int("DIFF_CONTEXT") }

// NoLog is the default of no_log.
func (c *Config) NoLog() bool { return c.Bool("DEFAULT_NO_LOG") }

// Strategy is linear, free ...
func (c *Config) Strategy() string { return c.Str("DEFAULT_STRATEGY") }

// RetryFiles tells whether .retry files are written and where; "" is beside
// the playbook.
func (c *Config) RetryFiles() (enabled bool, folder string) {
	return c.Bool("RETRY_FILES_ENABLED"), c.Str("RETRY_FILES_SAVE_PATH")
}

// NoCows, NoColor and ForceColor steer the terminal.
func (c *Config) NoCows() bool { return c.Bool("ANSIBLE_NOCOWS") }

// NoColor turns colours off.
func (c *Config) NoColor() bool { return c.Bool("ANSIBLE_NOCOLOR") }

// ForceColor turns colours on where there is no terminal.
func (c *Config) ForceColor() bool { return c.Bool("ANSIBLE_FORCE_COLOR") }

// Color is the colour of a kind of line: ok, changed, skip, error, unreachable ...
func (c *Config) Color(kind string) string { return c.Str("COLOR_" + strings.ToUpper(kind)) }

// LogPath is the log file, "" for none.
func (c *Config) LogPath() string { return c.Str("DEFAULT_LOG_PATH") }

// Verbosity is the default number of -v.
func (c *Config) Verbosity() int { return c.Int("DEFAULT_VERBOSITY") }

// VaultPasswordFile, VaultIdentityList, VaultIdentity and VaultEncryptIdentity
// say which vault secrets there are.
func (c *Config) VaultPasswordFile() string { return c.Str("DEFAULT_VAULT_PASSWORD_FILE") }

// VaultIdentityList has entries id@source.
func (c *Config) VaultIdentityList() []string { return c.List("DEFAULT_VAULT_IDENTITY_LIST") }

// VaultIdentity is the id of secrets given without one.
func (c *Config) VaultIdentity() string { return c.Str("DEFAULT_VAULT_IDENTITY") }

// VaultEncryptIdentity is the id to encrypt with where several are known.
func (c *Config) VaultEncryptIdentity() string { return c.Str("DEFAULT_VAULT_ENCRYPT_IDENTITY") }

// VaultIDMatch tries only secrets whose id is that of the data.
func (c *Config) VaultIDMatch() bool { v, _ := Bool(c.Str("DEFAULT_VAULT_ID_MATCH")); return v }

// AskVaultPass prompts for the vault password.
func (c *Config) AskVaultPass() bool { return c.Bool("DEFAULT_ASK_VAULT_PASS") }

// TagsRun and TagsSkip are defaults of --tags and --skip-tags.
func (c *Config) TagsRun() []string { return c.List("TAGS_RUN") }

// TagsSkip is the default of --skip-tags.
func (c *Config) TagsSkip() []string { return c.List("TAGS_SKIP") }
