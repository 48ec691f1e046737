package action

import "github.com/goplay-engine/goplay/engine/value"

// userAccount runs the module user. Before an account is removed, helpers that run as
// that user are ended: userdel refuses while they live.
func userAccount(c *Context) (*value.Dict, error) {
	if value.Str(c.Args.At("state")) == "absent" && !c.Task.Check && c.Reset != nil {
		_ = c.Reset()
	}
	return c.Module("ansible.builtin.user", c.Args, nil)
}
