package foreign

// builtinUtils would be goplay's own module_utils for controllers without
// ansible-core.
func builtinUtils(string) *source { return nil }
