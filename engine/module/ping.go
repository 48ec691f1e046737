package module

type pingArgs struct {
	Data string `arg:"data,default=pong" doc:"Text to return; crash makes the module fail."`
}

var pingDef = &Def{
	Name:  "ansible.builtin.ping",
	Short: "Try to connect to host and return pong on success",
	Args:  func() any { return &pingArgs{} },
	Run: func(c *Context, a any) *Result {
		data := a.(*pingArgs).Data
		if data == "crash" {
			const trace = "Traceback (most recent call last):\nException: boom\n"
			return Fail("MODULE FAILURE\nSee stdout/stderr for the exact error").Set("module_stdout", "").
				Set("module_stderr", trace).Set("exception", trace).Set("rc", 1)
		}
		return OK().Set("ping", data)
	},
}
