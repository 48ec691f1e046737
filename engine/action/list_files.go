package action

import (
	"fmt"

	"github.com/goplay-engine/goplay/engine/value"
)

// fileActions bring files and programs to targets, and files back.
var fileActions = map[string]*Def{
	"ansible.builtin.assemble":  {Run: notAsync(assembleAction)},
	"ansible.builtin.copy":      {Run: notAsync(copyAction)},
	"ansible.builtin.fetch":     {Run: notAsync(fetchAction)},
	"ansible.builtin.raw":       {Run: notAsync(rawAction)},
	"ansible.builtin.script":    {Run: notAsync(scriptAction)},
	"ansible.builtin.template":  {Run: notAsync(templateAction)},
	"ansible.builtin.unarchive": {Run: notAsync(unarchiveAction)},
	"ansible.posix.patch":       {Run: notAsync(patchAction)},
	"ansible.posix.synchronize": {Run: notAsync(synchronizeAction)},
	"ansible.builtin.uri":       {Run: uriAction, NoCheck: true},
}

// notAsync refuses async: what these actions do on the controller cannot go on
// without it.
func notAsync(run Func) Func {
	return func(c *Context) (*value.Dict, error) {
		if c.Task.Async > 0 {
			return nil, fmt.Errorf("This action (%s) does not support async.", c.Action)
		}
		return run(c)
	}
}
