package module

import (
	"fmt"
	"os"
	"strconv"
)

type patchArgs struct {
	Backup           bool   `arg:"backup,default=false" doc:"Keep numbered copies of the files as they were."`
	Basedir          *Path  `arg:"basedir" doc:"Folder in which the patch is applied."`
	Binary           bool   `arg:"binary,default=false" doc:"Leave line ends as they are."`
	Dest             *Path  `arg:"dest,alias=originalfile" doc:"The one file to patch."`
	IgnoreWhitespace bool   `arg:"ignore_whitespace,default=false" doc:"Ignore changes of white space."`
	RemoteSrc        bool   `arg:"remote_src,default=false" doc:"The patch file is on the host."`
	Src              Path   `arg:"src,alias=patchfile,required" doc:"The patch file."`
	State            string `arg:"state,default=present,choices=absent|present" doc:"Whether the patch is applied or reverted."`
	Strip            int    `arg:"strip,default=0" doc:"How many leading parts of file names are left out."`
}

// patchDef leaves the work to GNU patch; content that came with the request
// stands in for src.
var patchDef = &Def{
	Name:          "ansible.posix.patch",
	Short:         "Apply patch files using the GNU patch tool",
	Args:          func() any { return &patchArgs{} },
	Run:           plainly(patch),
	RequiredOneOf: [][]string{{"dest", "basedir"}},
}

func patch(c *Context, p *patchArgs) (*Result, error) {
	src := string(p.Src)
	if c.Blob != nil {
		src = "-"
	} else if !access(src, 4) {
		return nil, Errorf(fmt.Sprintf("src %s doesn't exist or not readable", src))
	}
	if p.Dest != nil && !access(string(*p.Dest), 2) {
		return nil, Errorf(fmt.Sprintf("dest %s doesn't exist or not writable", *p.Dest))
	}
	dir := ""
	if p.Basedir != nil {
		dir = string(*p.Basedir)
		if _, err := os.Stat(dir); err != nil {
			return nil, Errorf(fmt.Sprintf("basedir %s doesn't exist", dir))
		}
	}
	exe, err := c.findProgram("patch")
	if err != nil {
		return nil, err
	}
	run := func(reverse, dry bool) (*progResult, error) {
		argv := []string{exe, "--quiet", "--forward", "--batch", "--reject-file=-", "--strip=" + strconv.Itoa(p.Strip)}
		add := func(when bool, opts ...string) {
			if when {
				argv = append(argv, opts...)
			}
		}
		add(dir != "", "--directory="+dir)
		add(true, "--input="+src)
		add(reverse, "--reverse")
		add(p.Binary, "--binary")
		add(p.IgnoreWhitespace, "--ignore-whitespace")
		add(dry, "--dry-run")
		add(p.Backup && !dry, "--backup", "--version-control=numbered")
		if p.Dest != nil {
			argv = append(argv, "--", string(*p.Dest))
		}
		return c.run(argv, &progOptions{Stdin: c.Blob, Env: cLocale, Cancel: cancelFinish})
	}
	reverse := p.State == "absent"
	// What can be taken back has been applied, and the other way round.
	done, err := run(!reverse, true)
	if err != nil {
		return nil, err
	}
	if done.RC == 0 {
		return OK(), nil
	}
	// A patch that fails half-way must not leave a half-patched tree.
	out, err := run(reverse, true)
	if err == nil && out.RC == 0 && !c.Check {
		out, err = run(reverse, false)
	}
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, Errorf(or(out.Stderr, out.Stdout))
	}
	return Changed(true), nil
}
