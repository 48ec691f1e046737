package module

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

type cronArgs struct {
	Name         string  `arg:"name,required" doc:"Description of the entry, or name of the variable."`
	User         *string `arg:"user" doc:"Whose crontab; by default that of the user the task runs as."`
	Job          *string `arg:"job,alias=value" doc:"The command, or the value of the variable."`
	CronFile     *Path   `arg:"cron_file" doc:"File in /etc/cron.d, or another path, to manage instead."`
	State        string  `arg:"state,default=present,choices=present|absent" doc:"Whether the entry should be there."`
	Backup       bool    `arg:"backup,default=false" doc:"Keep a copy of the crontab as it was."`
	Minute       string  `arg:"minute,default=*" doc:"Minute of the hour."`
	Hour         string  `arg:"hour,default=*" doc:"Hour of the day."`
	Day          string  `arg:"day,alias=dom,default=*" doc:"Day of the month."`
	Month        string  `arg:"month,default=*" doc:"Month of the year."`
	Weekday      string  `arg:"weekday,alias=dow,default=*" doc:"Day of the week."`
	SpecialTime  *string `arg:"special_time,choices=reboot|yearly|annually|monthly|weekly|daily|hourly" doc:"Nickname of a time."`
	Disabled     bool    `arg:"disabled,default=false" doc:"Comment the job out."`
	Env          bool    `arg:"env,default=false" doc:"Manage a variable rather than a job."`
	InsertAfter  *string `arg:"insertafter" doc:"Variable after which a new one goes."`
	InsertBefore *string `arg:"insertbefore" doc:"Variable before which a new one goes."`
}

var cronDef = &Def{
	Name:              "ansible.builtin.cron",
	Short:             "Manage cron.d and crontab entries",
	Args:              func() any { return &cronArgs{} },
	MutuallyExclusive: [][]string{{"insertafter", "insertbefore"}},
	Run: func(c *Context, a any) *Result {
		t := &crontab{Context: c, cronArgs: a.(*cronArgs)}
		r, err := t.run()
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

type crontab struct {
	*Context
	*cronArgs
	file  string // path, "" for a user's crontab
	exe   string
	text  string
	lines []string
}

const cronMark = "#Ansible: "

func (t *crontab) run() (*Result, error) {
	present := t.State == "present"
	timeGiven := t.Minute != "*" || t.Hour != "*" || t.Day != "*" || t.Month != "*" || t.Weekday != "*"
	switch {
	case t.SpecialTime != nil && timeGiven:
		return nil, Errorf("You must specify time and date fields or special time.")
	case t.CronFile != nil && t.User == nil && present && !t.cronArgs.Env:
		return nil, Errorf("To use cron_file=... parameter you must specify user=... as well")
	case present && t.Job == nil:
		return nil, Errorf("You must specify 'job' to install a new cron job or variable")
	case (t.InsertAfter != nil || t.InsertBefore != nil) && !t.cronArgs.Env:
		return nil, Errorf("Insertafter and insertbefore parameters are valid only with env=yes")
	case t.Job != nil && !t.cronArgs.Env && strings.ContainsAny(strings.Trim(*t.Job, "\r\n"), "\r\n"):
		t.Context.warnings = append(t.Context.warnings, "Job should not contain line breaks") // crontab itself refuses it
	}
	where := "/var/spool/cron/tab" // any name will do: it is the folder that is locked
	if t.CronFile != nil {
		t.file = string(*t.CronFile)
		if !filepath.IsAbs(t.file) {
			t.file = filepath.Join("/etc/cron.d", t.file)
		}
		where = t.file
	}
	defer t.editing(where)()
	if err := t.read(); err != nil {
		return nil, err
	}
	before := t.text
	r := OK()
	if t.cronArgs.Env && strings.Contains(t.cronArgs.Name, " ") {
		return nil, Errorf("Invalid name for environment variable")
	}
	var err error
	if t.cronArgs.Env {
		err = t.variable(present)
	} else {
		t.job(present)
	}
	if err != nil {
		return nil, err
	}
	after := t.render()
	r.Changed = strings.TrimRight(before, "\n") != strings.TrimRight(after, "\n")
	r.Set("jobs", t.jobNames()).Set("envs", t.envNames())
	if t.CronFile != nil {
		r.Set("cron_file", string(*t.CronFile))
	}
	if !r.Changed {
		return r, nil
	}
	if t.Context.Diff {
		head := "crontab"
		if t.file != "" {
			head = t.file
		} else if t.User != nil {
			head = fmt.Sprintf("crontab for user \"%s\"", *t.User)
		}
		r.AddDiff(Diff{Before: before, After: after, BeforeHeader: head, AfterHeader: head})
	}
	if t.Check {
		return r, nil
	}
	if t.Backup {
		f, err := os.CreateTemp("", "crontab")
		if err != nil {
			return nil, Errorf("could not back the crontab up: " + err.Error())
		}
		_, err = f.WriteString(before)
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			return nil, Errorf("could not back the crontab up: " + err.Error())
		}
		r.Set("backup_file", f.Name())
	}
	return r, t.write(after, present)
}

func (t *crontab) read() error {
	if t.CronFile != nil {
		if filepath.Clean(t.file) == "/etc/crontab" {
			return Errorf("Will not manage /etc/crontab via cron_file, see documentation.")
		}
		data, err := readFile(t.file)
		if err != nil && !notExist(err) {
			return Errorf(fmt.Sprintf("Unable to read %s: %s", t.file, pyError(err, t.file)))
		}
		t.text = string(data)
	} else {
		var err error
		if t.exe, err = t.findProgram("crontab"); err != nil {
			return err
		}
		res, err := t.Context.run(t.command("-l"), nil)
		if err != nil {
			return err
		}
		if res.RC != 0 && res.RC != 1 {
			return Errorf("Unable to read crontab")
		}
		if res.RC == 0 {
			t.text = res.Stdout
		}
		// The program puts a header of its own before what was installed.
		head := regexp.MustCompile(`^# (DO NOT EDIT THIS FILE - edit the master and reinstall\.|\(/tmp/.*installed on.*\)|\(.*version.*\))`)
		l := strings.Split(t.text, "\n")
		for i := 0; i < 3 && len(l) > 0 && head.MatchString(l[0]); i++ {
			l = l[1:]
		}
		t.text = strings.Join(l, "\n")
	}
	t.lines = SplitLines(t.text)
	return nil
}

// command calls crontab for the right user.
func (t *crontab) command(args ...string) []string {
	argv := []string{t.exe}
	if t.User != nil && userName(os.Getuid()) != *t.User {
		argv = append(argv, "-u", *t.User)
	}
	return append(argv, args...)
}

func (t *crontab) render() string {
	if len(t.lines) == 0 {
		return ""
	}
	return strings.Join(t.lines, "\n") + "\n"
}

func (t *crontab) jobNames() []string {
	out := []string{}
	for _, l := range t.lines {
		if n, ok := strings.CutPrefix(l, cronMark); ok {
			out = append(out, n)
		}
	}
	return out
}

var cronEnv = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)\s*=`)

func (t *crontab) envNames() []string {
	out := []string{}
	for _, l := range t.lines {
		if m := cronEnv.FindStringSubmatch(l); m != nil {
			out = append(out, m[1])
		}
	}
	return out
}

// entry is the line of the job.
func (t *crontab) entry() string {
	when := strings.Join([]string{t.Minute, t.Hour, t.Day, t.Month, t.Weekday}, " ")
	if t.SpecialTime != nil {
		when = "@" + *t.SpecialTime
	}
	user := ""
	if t.file != "" && t.User != nil {
		user = *t.User + " "
	}
	off := ""
	if t.Disabled {
		off = "#"
	}
	return off + when + " " + user + strings.Trim(*t.Job, "\r\n")
}

func (t *crontab) job(present bool) {
	mark := cronMark + t.cronArgs.Name
	at := slices.Index(t.lines, mark)
	switch {
	case at < 0 && present:
		t.lines = append(t.lines, mark, t.entry())
	case at < 0:
	case present && at+1 < len(t.lines):
		t.lines[at+1] = t.entry()
	case present:
		t.lines = append(t.lines, t.entry())
	default:
		t.lines = slices.Delete(t.lines, at, min(at+2, len(t.lines)))
	}
}

func (t *crontab) variable(present bool) error {
	find := func(name string) int {
		return slices.IndexFunc(t.lines, func(l string) bool { m := cronEnv.FindStringSubmatch(l); return m != nil && m[1] == name })
	}
	at := find(t.cronArgs.Name)
	if !present {
		if at >= 0 {
			t.lines = slices.Delete(t.lines, at, at+1)
		}
		return nil
	}
	decl := fmt.Sprintf("%s=\"%s\"", t.cronArgs.Name, *t.Job)
	if at >= 0 {
		t.lines[at] = decl
		return nil
	}
	place := 0
	for _, w := range []struct {
		name *string
		off  int
	}{{t.InsertAfter, 1}, {t.InsertBefore, 0}} {
		if w.name == nil {
			continue
		}
		i := find(*w.name)
		if i < 0 {
			return Errorf(fmt.Sprintf("Variable named '%s' not found.", *w.name))
		}
		place = i + w.off
	}
	t.lines = slices.Insert(t.lines, place, decl)
	return nil
}

func (t *crontab) write(text string, present bool) error {
	if t.file != "" {
		if strings.TrimSpace(text) == "" && !present {
			if err := os.Remove(t.file); err != nil && !notExist(err) {
				return Errorf(pyError(err, t.file))
			}
			return nil
		}
		_, err := t.writeFile(t.file, []byte(text), &FileArgs{}, nil, nil)
		return err
	}
	res, err := t.Context.run(t.command("-"), &progOptions{Stdin: []byte(text), Cancel: cancelFinish})
	if err != nil {
		return err
	}
	if res.RC != 0 {
		return Errorf(or(res.Stderr, "the new crontab was refused"))
	}
	return nil
}
