package module

import (
	"errors"
	"os"
	"path/filepath"
)

type tempfileArgs struct {
	State  string `arg:"state,default=file,choices=file|directory" doc:"Make a file or a folder."`
	Path   *Path  `arg:"path" doc:"Folder to make it in; by default the system's for temporary files."`
	Prefix string `arg:"prefix,default=ansible." doc:"Start of the name."`
	Suffix string `arg:"suffix" default:"" doc:"End of the name."`
}

var tempfileDef = &Def{
	Name:  "ansible.builtin.tempfile",
	Short: "Creates temporary files and directories",
	Check: CheckNone,
	Args:  func() any { return &tempfileArgs{} },
	Run: func(c *Context, a any) *Result {
		p := a.(*tempfileArgs)
		dir := c.Getenv("TMPDIR")
		if dir == "" {
			dir = os.TempDir()
		}
		if p.Path != nil {
			dir = string(*p.Path)
		}
		for {
			path := filepath.Join(dir, p.Prefix+randomName(8)+p.Suffix)
			var err error
			if p.State == "directory" {
				err = os.Mkdir(path, 0o700)
			} else {
				var f *os.File
				if f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
					f.Close()
				}
			}
			if err == nil {
				return Changed(true).Set("path", path)
			}
			if !errors.Is(err, os.ErrExist) {
				return Fail("%s", pyError(err, path))
			}
		}
	},
}
