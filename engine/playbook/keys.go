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
	// keywords with a field of their own, here for validation and Own
	KeyAction
	KeyAlways
	KeyArgs
	KeyBlock
	KeyHandlers
	KeyHosts
	KeyListen
	KeyLocalAction
	KeyLoop
	KeyLoopControl
	KeyLoopWith
	KeyName
	KeyNotify
	KeyPostTasks
	KeyPreTasks
	KeyRegister
	KeyRescue
	KeyRole
	KeyRoles
	KeyTasks
	KeyUser
	KeyVars
	KeyVarsFiles
	KeyVarsPrompt
	numKeys
)
