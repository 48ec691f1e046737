package module

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
)

type slurpArgs struct {
	Src Path `arg:"src,alias=path,required" doc:"File on the remote system to fetch; must be a file, not a folder."`
}

var slurpDef = &Def{
	Name:  "ansible.builtin.slurp",
	Short: "Slurps a file from remote nodes",
	Args:  func() any { return &slurpArgs{} },
	Run: func(c *Context, a any) *Result {
		src := string(a.(*slurpArgs).Src)
		if fi, err := os.Stat(src); err == nil && fi.Size() > maxOutput {
			return Fail("file is too large to slurp: %s has %d bytes, a result holds %d; fetch has no limit", src, fi.Size(), maxOutput)
		}
		data, err := readFile(src)
		if err != nil {
			return Fail("%s", slurpError(src, err))
		}
		return OK().Set("content", base64.StdEncoding.EncodeToString(data)).
			Set("encoding", "base64").Set("source", src)
	},
}

func slurpError(src string, err error) string {
	if fi, e := os.Stat(src); e == nil && fi.IsDir() {
		return "source is a directory and must be a file: " + src
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "file not found: " + src
	case errors.Is(err, fs.ErrPermission):
		return "file is not readable: " + src
	}
	return "unable to slurp file: " + pyError(err, src)
}
