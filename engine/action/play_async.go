package action

import "github.com/goplay-engine/goplay/engine/value"

// asyncStatus asks the target about a job, in the folder the task's environment
// names.
func asyncStatus(c *Context) (*value.Dict, error) {
	args := c.Args.Clone()
	if c.AsyncDir != "" {
		args.Set("_async_dir", c.AsyncDir)
	}
	d, err := c.Module("ansible.builtin.async_status", args, nil)
	if d != nil && d.Has("ansible_job_id") { // else its arguments are wrong
		for _, k := range []string{"started", "finished"} {
			if !d.Has(k) {
				d.Set(k, int64(0))
			}
		}
		for _, k := range []string{"stdout", "stderr"} {
			if !d.Has(k) {
				d.Set(k, "")
				d.Set(k+"_lines", value.NewList())
			}
		}
	}
	return d, err
}
