package module

import (
	"fmt"
	"os"
	"path/filepath"
)

// GetModule and ScriptModule are the engine's own modules behind fetch and
// script. They are not for playbooks.
const (
	GetModule    = "goplay.files.get"
	ScriptModule = "goplay.files.script"
)

// getMax is the size up to which a file's content comes with the answer.
const getMax = 1 << 20

type getArgs struct {
	Path Path   `arg:"path,required" doc:"The file."`
	Have string `arg:"have" doc:"SHA1 of the copy the controller has."`
}

var getDef = &Def{
	Name:  GetModule,
	Short: "Tell what a file is and send its content (internal)",
	Args:  func() any { return &getArgs{} },
	Run: func(c *Context, a any) *Result {
		p := a.(*getArgs)
		path := string(p.Path)
		st, err := stat(path)
		if notExist(err) {
			return OK().Set("exists", false)
		}
		if err != nil {
			return Fail("%s", pyError(err, path)).Set("unreadable", true)
		}
		r := OK().Set("exists", true).Set("isdir", st.isDir()).Set("file", path)
		if st.isDir() {
			return r
		}
		sum, err := fileChecksum(path, "sha1")
		if err != nil {
			return Fail("%s", pyError(err, path)).Set("unreadable", true)
		}
		r.Set("checksum", sum).Set("bytes", st.Size)
		if sum != p.Have && st.Size <= getMax {
			data, err := readFile(path)
			if err != nil {
				return Fail("%s", pyError(err, path)).Set("unreadable", true)
			}
			if len(data) <= getMax {
				r.Blob = data
				r.Set("sent", true).Set("checksum", sha1Hex(data))
			}
		}
		return r
	},
}

type scriptArgs struct {
	Creates    *Path   `arg:"creates" doc:"When it exists the script is not run."`
	Removes    *Path   `arg:"removes" doc:"When it does not exist the script is not run."`
	Chdir      *Path   `arg:"chdir" doc:"Folder to change into."`
	Executable *string `arg:"executable" doc:"Program that runs the script."`
	Name       string  `arg:"name,required" doc:"The script's file name."`
	Line       string  `arg:"line" doc:"The rest of the command line."`
	Staged     string  `arg:"staged" doc:"File on the target that holds the script."`
}

var scriptDef = &Def{
	Name:  ScriptModule,
	Short: "Run a script that the controller sends (internal)",
	Args:  func() any { return &scriptArgs{} },
	Run: func(c *Context, a any) *Result {
		r, err := runSentScript(c, a.(*scriptArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

func runSentScript(c *Context, p *scriptArgs) (*Result, error) {
	skip := func(msg string) (*Result, error) {
		r := OK().WithMsg(msg)
		r.Skipped = true
		return r, nil
	}
	if p.Creates != nil && globAny(c.Dir, string(*p.Creates)) {
		return skip(fmt.Sprintf("%s exists, matching creates option", *p.Creates))
	}
	if p.Removes != nil && !globAny(c.Dir, string(*p.Removes)) {
		return skip(fmt.Sprintf("%s does not exist, matching removes option", *p.Removes))
	}
	dir := ""
	if p.Chdir != nil {
		dir = string(*p.Chdir)
		if !filepath.IsAbs(dir) {
			return nil, Errorf(fmt.Sprintf("chdir %s must be an absolute path for a Unix-aware remote node", dir))
		}
		if !isFolder(dir) {
			return nil, Errorf("Unable to change directory before execution: " + dir + " is not a folder")
		}
	}
	if c.Check {
		if p.Creates == nil && p.Removes == nil {
			return skip("Check mode is not supported for this task.")
		}
		return Changed(true), nil
	}
	tmp, err := os.MkdirTemp(c.tmpdir(), "ansible-tmp-")
	if err != nil {
		return nil, Errorf("Could not make a temporary folder: " + err.Error())
	}
	defer os.RemoveAll(tmp)
	path := filepath.Join(tmp, filepath.Base(p.Name))
	if p.Staged != "" {
		err = os.Rename(p.Staged, path)
		if err != nil {
			err = c.preservedCopy(p.Staged, path)
			_ = os.Remove(p.Staged)
		}
		if err == nil {
			err = chmod(path, 0o700)
		}
	} else {
		err = writeProgram(path, c.Blob)
	}
	if err != nil {
		return nil, Errorf(pyError(err, path))
	}
	line := shQuote(path) + p.Line
	if p.Executable != nil && *p.Executable != "" {
		line = *p.Executable + " " + line
	}
	res, err := c.run([]string{"/bin/sh", "-c", line}, &progOptions{Dir: dir})
	if err != nil {
		return nil, err
	}
	r := Changed(true).Set("rc", res.RC).Set("stdout", res.Stdout).Set("stderr", res.Stderr)
	if res.RC != 0 {
		r.Failed, r.Msg = true, "non-zero return code"
	}
	return r, nil
}

// bundled is the file a module works on that may have come with the request: it
// is written out, and removed by done.
func (c *Context) bundled(name string) (path string, done func(), err error) {
	dir, err := os.MkdirTemp(c.tmpdir(), "ansible-tmp-")
	if err != nil {
		return "", nil, Errorf("Could not make a temporary folder: " + err.Error())
	}
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, c.Blob, 0o600); err != nil {
		os.RemoveAll(dir)
		return "", nil, Errorf(pyError(err, path))
	}
	return path, func() { os.RemoveAll(dir) }, nil
}
