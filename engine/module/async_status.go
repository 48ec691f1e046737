package module

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type asyncStatusArgs struct {
	JID  string `arg:"jid,required" doc:"Job or task identifier."`
	Mode string `arg:"mode,default=status,choices=status|cleanup" doc:"If status, obtain the status; if cleanup, clean up the async job cache."`
	Dir  string `arg:"_async_dir,type=path,default=~/.ansible_async" doc:"Folder of the jobs' files."`
}

// asyncStatusDef reads the file in which a detached job leaves its result.
var asyncStatusDef = &Def{
	Name:  "ansible.builtin.async_status",
	Short: "Obtain status of asynchronous task",
	Args:  func() any { return &asyncStatusArgs{} },
	Run: func(c *Context, a any) *Result {
		args := a.(*asyncStatusArgs)
		if strings.ContainsAny(args.JID, "/\x00") {
			return Fail("'%s' is not a job id", args.JID)
		}
		path := filepath.Join(args.Dir, args.JID)
		base := func(r *Result) *Result {
			r.Set("ansible_job_id", args.JID)
			if args.Mode == "cleanup" {
				return r.Set("erased", path)
			}
			return r.Set("results_file", path)
		}
		data, err := readFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return base(Fail("could not find job").Set("started", int64(1)).Set("finished", int64(1)))
		}
		if err != nil {
			return base(Fail("%s", err))
		}
		if args.Mode == "cleanup" {
			if err := os.Remove(path); err != nil {
				return base(Fail("Unable to remove %s: %s", path, err))
			}
			return base(OK())
		}
		v, err := value.ParseJSON(data)
		d, ok := v.(*value.Dict)
		if err != nil || !ok {
			if len(strings.TrimSpace(string(data))) == 0 { // the job has just begun
				return base(OK().Set("started", int64(1)).Set("finished", int64(0)))
			}
			return base(Fail("Could not parse job output: %s", data).Set("started", int64(1)).Set("finished", int64(1)))
		}
		return jobResult(args.JID, path, d)
	},
}

// jobResult gives a job's own result with where it stands.
func jobResult(jid, path string, d *value.Dict) *Result {
	r := OK()
	r.Fields = d.Clone()
	r.Changed = value.Truth(d.At("changed"))
	r.Failed = value.Truth(d.At("failed"))
	r.Msg = value.Str(d.At("msg"))
	if d.At("msg") == nil {
		r.Msg = ""
	}
	r.HasMsg = d.Has("msg")
	for _, k := range []string{"changed", "failed", "msg"} {
		r.Fields.Delete(k)
	}
	r.Set("ansible_job_id", jid)
	r.Set("results_file", path)
	switch {
	case !d.Has("started"):
		r.Set("finished", int64(1)).Set("started", int64(1))
	case !d.Has("finished"):
		r.Set("finished", int64(0))
	}
	return r
}
