package playbook

// Key names a keyword.
type Key uint8

// The keywords that Get, All and Own answer for. Keywords that have a field of
// their own in Play, Block and Task (hosts, roles, tasks, loop, register ...)
// are not among them.
const (
	keyNone Key = iota
	KeyAnyErrorsFatal
	KeyBecome
	KeyBecomeExe
	KeyBecomeFlags
	KeyBecomeMethod
	KeyBecomeUser
	KeyCheckMode
	KeyCollections
	KeyConnection
	KeyDebugger
	KeyDelegateFacts
	KeyDelegateTo
	KeyDiff
	KeyEnvironment // extends: a list of dictionaries per level
	KeyIgnoreErrors
	KeyIgnoreUnreachable
	KeyModuleDefaults // extends: a list of dictionaries per level
	KeyNoLog
	KeyNotify // extends
	KeyPort
	KeyRemoteUser
	KeyRunOnce
	KeyTags // extends
	KeyThrottle
	KeyTimeout
	KeyWhen // extends
	// task only
	KeyAsync
	KeyChangedWhen
	KeyDelay
	KeyFailedWhen
	KeyPoll
	KeyRetries
	KeyUntil
	// play only
	KeyFactPath
	KeyForceHandlers
	KeyGatherFacts
	KeyGatherSubset
	KeyGatherTimeout
	KeyMaxFailPercentage
	KeyOrder
	KeySerial
	KeyStrategy
	numKeys
)

// level is a set of the objects that a keyword may be written on.
type level uint8

const (
	onPlay level = 1 << iota
	onRole
	onBlock
	onTask
	onHandler
	onInclude // include_tasks, include_role

	onTasks  = onTask | onHandler
	onBlocks = onBlock | onTasks | onRole
	onAll    = onPlay | onBlocks
)

type keyword struct {
	name string
	key  Key // keyNone: has a field of its own
	on   level
	text bool // must not be a list or dictionary
}

// keywords lists every keyword and where it may be written; `goplay doc -t
// keyword` and the hints read it as well.
var keywords = []keyword{
	{"any_errors_fatal", KeyAnyErrorsFatal, onAll, false},
	{"become", KeyBecome, onAll, false},
	{"become_exe", KeyBecomeExe, onAll, true},
	{"become_flags", KeyBecomeFlags, onAll, true},
	{"become_method", KeyBecomeMethod, onAll, true},
	{"become_user", KeyBecomeUser, onAll, true},
	{"check_mode", KeyCheckMode, onAll, false},
	{"collections", KeyCollections, onAll | onInclude, false},
	{"connection", KeyConnection, onAll, true},
	{"debugger", KeyDebugger, onAll | onInclude, true},
	{"delegate_facts", KeyDelegateFacts, onBlocks, false},
	{"delegate_to", KeyDelegateTo, onBlocks, true},
	{"diff", KeyDiff, onAll, false},
	{"environment", KeyEnvironment, onAll, false},
	{"ignore_errors", KeyIgnoreErrors, onAll | onInclude, false},
	{"ignore_unreachable", KeyIgnoreUnreachable, onAll, false},
	{"module_defaults", KeyModuleDefaults, onAll, false},
	{"no_log", KeyNoLog, onAll | onInclude, false},
	{"notify", KeyNotify, onBlock | onTasks, false},
	{"port", KeyPort, onAll, false},
	{"remote_user", KeyRemoteUser, onAll, true},
	{"run_once", KeyRunOnce, onAll | onInclude, false},
	{"tags", KeyTags, onAll | onInclude, false},
	{"throttle", KeyThrottle, onAll, false},
	{"timeout", KeyTimeout, onAll | onInclude, false},
	{"when", KeyWhen, onBlocks | onInclude, false},

	{"async", KeyAsync, onTasks, false},
	{"changed_when", KeyChangedWhen, onTasks, false},
	{"delay", KeyDelay, onTasks, false},
	{"failed_when", KeyFailedWhen, onTasks, false},
	{"poll", KeyPoll, onTasks, false},
	{"retries", KeyRetries, onTasks, false},
	{"until", KeyUntil, onTasks, false},

	{"fact_path", KeyFactPath, onPlay, true},
	{"force_handlers", KeyForceHandlers, onPlay, false},
	{"gather_facts", KeyGatherFacts, onPlay, false},
	{"gather_subset", KeyGatherSubset, onPlay, false},
	{"gather_timeout", KeyGatherTimeout, onPlay, false},
	{"max_fail_percentage", KeyMaxFailPercentage, onPlay, false},
	{"order", KeyOrder, onPlay, true},
	{"serial", KeySerial, onPlay, false},
	{"strategy", KeyStrategy, onPlay, true},

	{"action", keyNone, onTasks | onInclude, false},
	{"always", keyNone, onBlock, false},
	{"args", keyNone, onTasks | onInclude, false},
	{"block", keyNone, onBlock, false},
	{"handlers", keyNone, onPlay, false},
	{"hosts", keyNone, onPlay, false},
	{"listen", keyNone, onHandler, false},
	{"local_action", keyNone, onTasks | onInclude, false},
	{"loop", keyNone, onTasks | onInclude, false},
	{"loop_control", keyNone, onTasks | onInclude, false},
	{"name", keyNone, onAll | onInclude, true},
	{"post_tasks", keyNone, onPlay, false},
	{"pre_tasks", keyNone, onPlay, false},
	{"register", keyNone, onTasks | onInclude, true},
	{"rescue", keyNone, onBlock, false},
	{"roles", keyNone, onPlay, false},
	{"tasks", keyNone, onPlay, false},
	{"user", keyNone, onPlay, true},
	{"vars", keyNone, onAll | onInclude, false},
	{"vars_files", keyNone, onPlay, false},
	{"vars_prompt", keyNone, onPlay, false},
}

var keywordByName = func() map[string]*keyword {
	m := make(map[string]*keyword, len(keywords))
	for i := range keywords {
		m[keywords[i].name] = &keywords[i]
	}
	return m
}()

// String returns the keyword as written.
func (k Key) String() string {
	for i := range keywords {
		if keywords[i].key == k && k != keyNone {
			return keywords[i].name
		}
	}
	return ""
}

// Keys returns all keywords.
func Keys() []Key {
	out := make([]Key, 0, numKeys)
	for k := keyNone + 1; k < numKeys; k++ {
		out = append(out, k)
	}
	return out
}

// namesOn returns the keywords valid on a level, for hints.
func namesOn(on level) []string {
	var out []string
	for i := range keywords {
		if keywords[i].on&on != 0 {
			out = append(out, keywords[i].name)
		}
	}
	return out
}

// KeywordNames returns the names of all keywords.
func KeywordNames() []string { return namesOn(^level(0)) }
