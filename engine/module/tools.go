package module

import (
	"fmt"
	"strings"
)

// tool runs a program found in the system's folders, with messages in English.
// A program that fails is an error with its output as return values.
func (c *Context) tool(argv ...string) (*progResult, error) { return c.toolAs(cancelKill, argv) }

func (c *Context) toolAs(how cancelHow, argv []string) (*progResult, error) {
	p, err := c.runTool(how, argv)
	if err == nil && p.RC != 0 {
		err = Errorf(or(strings.TrimSpace(p.Stderr), or(strings.TrimSpace(p.Stdout), argv[0]+" failed")), "rc", p.RC, "stdout", p.Stdout, "stderr", p.Stderr,
			"cmd", shellWords(c.programPath(argv)))
	}
	return p, err
}

// tryTool is tool for programs whose failure is an answer.
func (c *Context) tryTool(argv ...string) (*progResult, error) { return c.runTool(cancelKill, argv) }

func (c *Context) runTool(how cancelHow, argv []string) (*progResult, error) {
	exe, err := c.findProgram(argv[0])
	if err != nil {
		return nil, err
	}
	return c.run(append([]string{exe}, argv[1:]...), &progOptions{Env: cLocale, Cancel: how})
}

// programPath is a command line with the program's whole path.
func (c *Context) programPath(argv []string) []string {
	if exe, err := c.findProgram(argv[0]); err == nil {
		argv = append([]string{exe}, argv[1:]...)
	}
	return argv
}

// shellWords writes a command line as a shell reads it.
func shellWords(argv []string) string {
	words := make([]string, len(argv))
	for i, w := range argv {
		words[i] = shQuote(w)
	}
	return strings.Join(words, " ")
}

// change is tool that check mode leaves out and that runs to its end.
func (c *Context) change(argv ...string) error {
	if c.Check {
		return nil
	}
	_, err := c.toolAs(cancelFinish, argv)
	return err
}

// wrapError puts words before an error, keeping its return values.
func wrapError(err error, format string, a ...any) error {
	e, ok := err.(*Error)
	if !ok {
		return Errorf(fmt.Sprintf(format, a...) + ": " + err.Error())
	}
	return &Error{Msg: fmt.Sprintf(format, a...) + ": " + e.Msg, Fields: e.Fields}
}

// plainly runs a module whose result names no file of its own to be described;
// an error becomes the result.
func plainly[T any](run func(*Context, *T) (*Result, error)) func(*Context, any) *Result {
	return func(c *Context, a any) *Result {
		r, err := run(c, a.(*T))
		if err != nil {
			return FailErr(err)
		}
		r.NoPathInfo = true
		return r
	}
}
