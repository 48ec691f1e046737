package report

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/value"
)

// junit writes each playbook's results as JUnit's XML.
type junit struct {
	s                                          *Screen
	dir, relative, outside, prefix             string
	classes, failOnChange, failOnIgnore, setup bool
	hideArgs                                   bool

	book  string
	began map[string]time.Time // by task
	cases []testCase
}

type testCase struct {
	XMLName xml.Name   `xml:"testcase"`
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Time    string     `xml:"time,attr"`
	Error   *testFault `xml:"error,omitempty"`
	Failure *testFault `xml:"failure,omitempty"`
	Skipped *string    `xml:"skipped,omitempty"`
	Out     *string    `xml:"system-out,omitempty"`
}

type testFault struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type testSuite struct {
	Disabled int        `xml:"disabled,attr"`
	Errors   int        `xml:"errors,attr"`
	Failures int        `xml:"failures,attr"`
	Name     string     `xml:"name,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Tests    int        `xml:"tests,attr"`
	Time     string     `xml:"time,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testSuites struct {
	XMLName  xml.Name  `xml:"testsuites"`
	Disabled int       `xml:"disabled,attr"`
	Errors   int       `xml:"errors,attr"`
	Failures int       `xml:"failures,attr"`
	Tests    int       `xml:"tests,attr"`
	Time     string    `xml:"time,attr"`
	Suite    testSuite `xml:"testsuite"`
}

func newJUnit(o *Options) event.Sink {
	return &junit{s: o.Screen, dir: home(o.option("~/.ansible.log", "JUNIT_OUTPUT_DIR")), relative: o.option("", "JUNIT_TASK_RELATIVE_PATH"),
		outside: o.option("", "JUNIT_REPLACE_OUT_OF_TREE_PATH"), prefix: o.option("", "JUNIT_TEST_CASE_PREFIX"),
		classes: o.flag(false, "JUNIT_TASK_CLASS"), failOnChange: o.flag(false, "JUNIT_FAIL_ON_CHANGE"), failOnIgnore: o.flag(false, "JUNIT_FAIL_ON_IGNORE"),
		setup: o.flag(true, "JUNIT_INCLUDE_SETUP_TASKS_IN_REPORT"), hideArgs: o.flag(false, "JUNIT_HIDE_TASK_ARGUMENTS"), began: map[string]time.Time{}}
}

// Event implements event.Sink.
func (j *junit) Event(e event.Event) {
	switch x := e.(type) {
	case event.PlaybookStart:
		base := filepath.Base(x.File)
		j.book = strings.TrimSuffix(base, filepath.Ext(base))
	case event.TaskStart:
		j.began[x.Task.ID] = now()
	case event.Result:
		if !x.Item {
			j.result(&x)
		}
	case event.Included:
		for _, r := range inclusions(x) {
			j.result(&r)
		}
		text := fmt.Sprintf("%s (args={} vars={}): [%s]", x.File, strings.Join(x.Hosts, ", "))
		j.add(x.Task, "include", func(c *testCase) { c.Out = &text })
	case event.Stats:
		if err := j.write(); err != nil {
			j.s.Warn(fmt.Sprintf("The JUnit report could not be written: %v", err), false)
		}
	}
}

// add adds a test case that fill completes; it tells whether one was wanted.
func (j *junit) add(t *event.Task, host string, fill func(c *testCase)) {
	if !j.setup && strings.TrimPrefix(t.Resolved, "ansible.builtin.") == "setup" {
		return
	}
	name := t.Name
	if !j.hideArgs && !t.NoLog {
		var parts []string
		for k, v := range t.Args.All() {
			parts = append(parts, value.Str(k)+"="+value.Str(v))
		}
		if len(parts) > 0 {
			name += " " + strings.Join(parts, ", ")
		}
	}
	play := ""
	if t.Play != nil {
		play = t.Play.Name
	}
	c := testCase{Class: j.class(t), Name: fmt.Sprintf("[%s] %s: %s", host, play, name)}
	began, ok := j.began[t.ID]
	if !ok {
		began = now()
	}
	c.Time = strconv.FormatFloat(now().Sub(began).Seconds(), 'f', -1, 64)
	fill(&c)
	if j.prefix != "" && !strings.HasPrefix(t.Name, j.prefix) && c.Failure == nil && c.Error == nil {
		return
	}
	j.cases = append(j.cases, c)
}

// class says where a task is written.
func (j *junit) class(t *event.Task) string {
	file := t.Pos.File
	if j.relative != "" {
		if rel, err := filepath.Rel(j.relative, file); err == nil {
			file = rel
		}
	}
	if j.outside != "" && strings.HasPrefix(file, "../") {
		file = j.outside + filepath.Base(file)
	}
	if j.classes {
		return strings.TrimSuffix(file, filepath.Ext(file))
	}
	return fmt.Sprintf("%s:%d", file, t.Pos.Line)
}

func (j *junit) result(x *event.Result) {
	failed := x.Status == event.Failed || x.Status == event.Unreachable
	if x.Ignored && failed && !j.failOnIgnore {
		failed = false
	}
	if j.failOnChange && value.Truth(x.Dict.At("changed")) && x.Status != event.Skipped {
		failed = true
	}
	switch {
	case strings.Contains(x.Task.Name, "TOGGLE RESULT") && x.Status != event.Skipped:
		failed = !failed
	case strings.Contains(x.Task.Name, "EXPECTED FAILURE"):
		failed = false
	}
	j.add(x.Task, x.Host, func(c *testCase) {
		if x.Status == event.Skipped {
			why := "skipped"
			if v := x.Dict.At("skip_reason"); v != nil {
				why = value.Str(v)
			}
			c.Skipped = &why
			return
		}
		v := Visible(x.Dict, x.NoLog, 0)
		dump := flatJSON(v)
		if x.Verbose {
			dump = jsonText(v, 4)
		}
		dump = cleaned(dump)
		if !failed {
			c.Out = &dump
			return
		}
		fault := &testFault{Type: "failure", Text: dump, Message: "rc=" + text(x.Dict.At("rc"))}
		if m, ok := x.Dict.GetStr("msg"); ok && !x.NoLog {
			fault.Message = cleaned(value.Str(m))
		}
		if trace, ok := x.Dict.GetStr("exception"); ok && !x.NoLog {
			lines := strings.Split(strings.TrimSpace(value.Str(trace)), "\n")
			fault.Type, fault.Message, fault.Text = "error", cleaned(lines[len(lines)-1]), cleaned(value.Str(trace))
			c.Error = fault
			return
		}
		c.Failure = fault
	})
}

// cleaned leaves out what XML cannot hold.
func cleaned(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' {
			return -1
		}
		return r
	}, s)
}

func (j *junit) write() error {
	suite := testSuite{Name: j.book, Tests: len(j.cases), Cases: j.cases}
	total := 0.0
	for _, c := range j.cases {
		n, _ := strconv.ParseFloat(c.Time, 64)
		total += n
		switch {
		case c.Skipped != nil:
			suite.Skipped++
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		}
	}
	suite.Time = strconv.FormatFloat(total, 'f', -1, 64)
	out, err := xml.MarshalIndent(testSuites{Errors: suite.Errors, Failures: suite.Failures, Tests: suite.Tests, Time: suite.Time, Suite: suite}, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(j.dir, 0o755); err != nil {
		return err
	}
	text := strings.NewReplacer("&#34;", "&quot;", "&#39;", "'", "&#xA;", "\n", "&#x9;", "\t").Replace(string(out))
	name := fmt.Sprintf("%s-%.7f.xml", j.book, float64(now().UnixNano())/1e9)
	return os.WriteFile(filepath.Join(j.dir, name), []byte("<?xml version=\"1.0\" ?>\n"+text+"\n"), 0o644)
}
