package module

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

type expectArgs struct {
	Command   string      `arg:"command,required" doc:"The command to run; it gets a terminal."`
	Creates   *Path       `arg:"creates" doc:"When it exists the command is not run."`
	Removes   *Path       `arg:"removes" doc:"When it does not exist the command is not run."`
	Chdir     *Path       `arg:"chdir" doc:"Folder to change into."`
	Responses *value.Dict `arg:"responses,required" doc:"Expressions for the questions, and the answers; a list of answers is used one after the other."`
	Timeout   *int        `arg:"timeout,default=30" doc:"Seconds to wait for a question; null waits for ever."`
	Echo      bool        `arg:"echo,default=false" doc:"Whether the terminal shows the answers."`
}

var expectDef = &Def{
	Name:  "ansible.builtin.expect",
	Short: "Executes a command and responds to prompts",
	Check: CheckNone,
	Args:  func() any { return &expectArgs{} },
	Run: func(c *Context, a any) *Result {
		r, err := runExpect(c, a.(*expectArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

// answer is what one expression is answered with; next counts lists.
type answer struct {
	re    *pyre.Regexp
	text  string
	list  []string
	whole bool // a list
	next  int
	key   string
}

func runExpect(c *Context, p *expectArgs) (*Result, error) {
	if strings.TrimSpace(p.Command) == "" {
		return nil, Errorf("no command given", "rc", 256)
	}
	var answers []*answer
	for k, v := range p.Responses.All() {
		a := &answer{key: value.Str(k)}
		var err error
		if a.re, err = compile("responses", a.key, 0); err != nil {
			return nil, err
		}
		if l, ok := v.(*value.List); ok {
			a.whole = true
			for _, e := range l.Items {
				a.list = append(a.list, strings.TrimRight(value.Str(e), "\n")+"\n")
			}
		} else {
			a.text = strings.TrimRight(value.Str(v), "\n") + "\n"
		}
		answers = append(answers, a)
	}
	dir := ""
	if p.Chdir != nil {
		dir = string(*p.Chdir)
	}
	if p.Creates != nil && globAny(c.absolute(dir), string(*p.Creates)) {
		return OK().Set("cmd", p.Command).Set("stdout", fmt.Sprintf("skipped, since %s exists", *p.Creates)).Set("rc", 0), nil
	}
	if p.Removes != nil && !globAny(c.absolute(dir), string(*p.Removes)) {
		return OK().Set("cmd", p.Command).Set("stdout", fmt.Sprintf("skipped, since %s does not exist", *p.Removes)).Set("rc", 0), nil
	}
	argv, err := shlexSplit(p.Command)
	if err != nil {
		return nil, Errorf(err.Error())
	}
	zone, start := c.zone(), time.Now()
	timeout := time.Duration(1<<62 - 1)
	if p.Timeout != nil {
		timeout = time.Duration(*p.Timeout) * time.Second
	}
	s := &dialogue{c: c, answers: answers, timeout: timeout}
	rc, out, err := s.run(argv, dir, p.Echo)
	if err != nil {
		return nil, err
	}
	if !utf8.ValidString(out) {
		return nil, Errorf("Module \"ansible.builtin.expect\" returned non UTF-8 data in the JSON response: the output of the command is not UTF-8")
	}
	end := time.Now()
	const stamp = "2006-01-02 15:04:05.000000"
	r := Changed(true).Set("cmd", p.Command).Set("stdout", strings.TrimRight(out, "\r\n")).
		Set("start", start.In(zone).Format(stamp)).Set("end", end.In(zone).Format(stamp)).Set("delta", pyDelta(end.Sub(start)))
	switch {
	case s.failed != "":
		r.Failed = true
		return r.Set("rc", rc).WithMsg(s.failed), nil
	case s.late:
		r.Failed = true
		return r.Set("rc", nil).WithMsg("command exceeded timeout"), nil
	}
	r.Set("rc", rc)
	if rc != 0 {
		r.Failed, r.Msg = true, "non-zero return code"
	}
	return r, nil
}

// dialogue answers what a program asks.
type dialogue struct {
	c       *Context
	answers []*answer
	timeout time.Duration
	seen    int // output up to here has been answered
	failed  string
	late    bool
}

// reply looks for the first question in the output not yet answered; ok is false
// where there is none.
func (s *dialogue) reply(out string) (text string, ok bool) {
	rest := out[s.seen:]
	var best *answer
	var at *pyre.Match
	for _, a := range s.answers {
		m, err := a.re.Search(rest)
		if err == nil && m != nil && (at == nil || m.Start(0) < at.Start(0)) {
			best, at = a, m
		}
	}
	if best == nil || rest == "" { // what matches nothing at all matches once for each piece of output
		return "", false
	}
	s.seen += max(at.End(0), 1)
	if s.seen > len(out) {
		s.seen = len(out)
	}
	if !best.whole {
		return best.text, true
	}
	if best.next >= len(best.list) {
		s.failed = fmt.Sprintf("No remaining responses for '%s', output was '%s'", best.key, strings.TrimRight(rest[:at.End(0)], "\r\n"))
		return "", false
	}
	best.next++
	return best.list[best.next-1], true
}
