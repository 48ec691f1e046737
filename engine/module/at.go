package module

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

type atArgs struct {
	Command    *string `arg:"command" doc:"Command to run later."`
	Count      *int    `arg:"count" doc:"How many units from now."`
	ScriptFile *string `arg:"script_file" doc:"Script on the host to run later."`
	State      string  `arg:"state,default=present,choices=absent|present" doc:"Whether the job is in the queue."`
	Unique     bool    `arg:"unique,default=false" doc:"Add no job where a matching one is queued."`
	Units      *string `arg:"units,choices=minutes|hours|days|weeks" doc:"What count counts."`
}

var atDef = &Def{
	Name:              "ansible.posix.at",
	NullIsMissing:     true,
	Short:             "Schedule the execution of a command or script file via the at command",
	Args:              func() any { return &atArgs{} },
	Check:             CheckNone,
	Run:               plainly(at),
	MutuallyExclusive: [][]string{{"command", "script_file"}},
	RequiredOneOf:     [][]string{{"command", "script_file"}},
}

func at(c *Context, p *atArgs) (*Result, error) {
	if p.State == "present" && (p.Count == nil || p.Units == nil) {
		return nil, Errorf("present state requires count and units")
	}
	exe, err := c.findProgram("at")
	if err != nil {
		return nil, err
	}
	r := OK().Set("state", p.State)
	if p.State == "absent" || p.Unique {
		jobs, err := p.jobs(c, exe)
		if err != nil {
			return nil, err
		}
		if p.State == "present" && len(jobs) > 0 {
			return r, nil
		}
		if p.State == "absent" {
			for _, j := range jobs {
				if _, err := c.tool("at", "-r", j); err != nil {
					return nil, err
				}
			}
			r.Changed = len(jobs) > 0
			return r, nil
		}
	}
	script := ""
	if p.ScriptFile != nil {
		script = *p.ScriptFile
	} else {
		f, err := os.CreateTemp("", "at")
		if err != nil {
			return nil, Errorf("the command cannot be written to a file: " + strerror(err))
		}
		script = f.Name()
		defer os.Remove(script)
		_, err = f.WriteString(*p.Command)
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			return nil, Errorf("the command cannot be written to a file: " + strerror(err))
		}
	}
	if _, err := c.tool(exe, "-f", script, "now", "+", strconv.Itoa(*p.Count), *p.Units); err != nil {
		return nil, err
	}
	r.Changed = true
	return r.Set("script_file", script).Set("count", *p.Count).Set("units", *p.Units), nil
}

// jobs lists the numbers of queued jobs that end with the wanted text; what
// stands before it is the environment that at has written.
func (p *atArgs) jobs(c *Context, exe string) ([]string, error) {
	want := ""
	if p.Command != nil {
		want = *p.Command
	} else {
		b, err := readFile(*p.ScriptFile)
		if err != nil {
			return nil, Errorf(pyError(err, *p.ScriptFile))
		}
		want = string(b)
	}
	list, err := c.tool("at", "-l")
	if err != nil {
		return nil, err
	}
	var found []string
	for _, l := range strings.Split(list.Stdout, "\n") {
		w := strings.Fields(l)
		if len(w) == 0 {
			continue
		}
		if _, err := strconv.Atoi(w[0]); err != nil {
			return nil, Errorf(fmt.Sprintf("%s -l answers what is no job: %q", exe, l))
		}
		job, err := c.tryTool("at", "-c", w[0])
		if err != nil {
			return nil, err
		}
		if job.RC == 0 && atJobIs(job.Stdout, want) {
			found = append(found, w[0])
		}
	}
	return found, nil
}

func atJobIs(job, want string) bool {
	return strings.HasSuffix("\n"+strings.TrimRight(job, "\n"), "\n"+strings.TrimRight(want, "\n"))
}
