package module

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type unarchiveArgs struct {
	Src           string   `arg:"src,type=path,required" doc:"The archive: a file of the controller, of the target with remote_src, or an address."`
	Dest          Path     `arg:"dest,required" doc:"Existing folder to unpack into."`
	RemoteSrc     bool     `arg:"remote_src,default=false" doc:"The archive is on the target."`
	Creates       *Path    `arg:"creates" doc:"When it exists nothing is unpacked."`
	ListFiles     bool     `arg:"list_files,default=false" doc:"Return the list of files in the archive."`
	KeepNewer     bool     `arg:"keep_newer,default=false" doc:"Do not replace files newer than those of the archive."`
	Exclude       []string `arg:"exclude" default:"" doc:"Members to leave out."`
	Include       []string `arg:"include" default:"" doc:"Members to unpack; all others are left out."`
	ExtraOpts     []string `arg:"extra_opts" default:"" doc:"Further options for the unpacking program."`
	ValidateCerts bool     `arg:"validate_certs,default=true" doc:"Check the certificate of an https address."`
	BufferSize    int      `arg:"io_buffer_size,default=65536" doc:"Size of the buffer for reading the archive; kept for compatibility."`
	Copy          bool     `arg:"copy,default=true" doc:"The opposite of remote_src, as old playbooks have it."`
	Decrypt       bool     `arg:"decrypt,default=true" doc:"Decrypt a vault on the controller."`
	Name          string   `arg:"_goplay_name"`
	Ask           bool     `arg:"_goplay_ask,default=false"`
	Staged        bool     `arg:"_goplay_staged,default=false"`
	FileArgs
}

var unarchiveDef = &Def{
	Name:              "ansible.builtin.unarchive",
	Short:             "Unpacks an archive after (optionally) copying it from the local machine",
	ShownAs:           "ansible.legacy.unarchive",
	Args:              func() any { return &unarchiveArgs{} },
	FileArgs:          true,
	MutuallyExclusive: [][]string{{"include", "exclude"}},
	Run: func(c *Context, a any) *Result {
		r, err := unarchive(c, a.(*unarchiveArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

// archiver unpacks one kind of archive.
type archiver interface {
	// name is the handler as results show it.
	name() string
	// files lists the members that are to be unpacked.
	files() []string
	// same tells whether the target holds all of it already; the text is the
	// prepared difference.
	same() (bool, string, error)
	// extract unpacks; the dictionary goes into extract_results.
	extract() (*value.Dict, error)
	// checkable tells whether check mode can predict.
	checkable() bool
}

func unarchive(c *Context, p *unarchiveArgs) (*Result, error) {
	dest := string(p.Dest)
	if p.Creates != nil && globAny(c.Dir, string(*p.Creates)) {
		r := OK().WithMsg(fmt.Sprintf("skipped, since %s exists", *p.Creates))
		r.Skipped, r.NoPathInfo = true, true
		return r, nil
	}
	given, relative := c.given[dest]
	if !relative && !filepath.IsAbs(dest) {
		given, relative = dest, true
	}
	if abs, err := filepath.Abs(dest); relative && err == nil {
		c.warn(fmt.Sprintf("Relative destination path '%s' was resolved to absolute path '%s'.", given, abs))
	}
	if !isFolder(dest) {
		return nil, Errorf(fmt.Sprintf("dest '%s' must be an existing dir", dest))
	}
	if p.Ask {
		return needed(true, 0), nil
	}
	switch {
	case p.Staged:
		defer os.Remove(p.Src)
	case c.Blob != nil:
		path, done, err := c.bundled("source")
		if err != nil {
			return nil, err
		}
		defer done()
		p.Src = path
	case strings.Contains(p.Src, "://"):
		path, err := c.fetchFile(p.Src, "source*", p.ValidateCerts)
		if err != nil {
			return nil, err
		}
		defer os.Remove(path)
		p.Src = path
	}
	c.setParam("src", p.Src)
	fi, err := os.Stat(p.Src)
	switch {
	case err != nil && p.RemoteSrc:
		return nil, Errorf(fmt.Sprintf("Source '%s' does not exist", p.Src))
	case err != nil:
		return nil, Errorf(fmt.Sprintf("Source '%s' failed to transfer", p.Src))
	case !access(p.Src, 4):
		return nil, Errorf(fmt.Sprintf("Source '%s' not readable", p.Src))
	case fi.Size() == 0:
		return nil, Errorf(fmt.Sprintf("Invalid archive '%s', the file is 0 bytes", p.Src))
	case !access(dest, 2) && !c.Check:
		return nil, Errorf(fmt.Sprintf("Destination '%s' not writable", dest))
	}
	if abs, err := filepath.Abs(dest); err == nil {
		p.Dest = Path(abs) // the programs run in that folder
	}
	a, err := pickArchiver(c, p)
	if err != nil {
		return nil, err
	}
	if c.Check && !a.checkable() {
		r := OK().WithMsg("remote module (ansible.legacy.unarchive) does not support check mode when using gtar")
		r.Skipped = true
		return r, nil
	}
	r := OK().Set("handler", a.name()).Set("dest", dest).Set("src", p.Src)
	same, diff, err := a.same()
	if err != nil {
		return nil, err
	}
	if diff != "" && c.Diff {
		r.AddDiff(Diff{Prepared: diff})
	}
	if !same {
		r.Changed = true
		if !c.Check {
			x, err := a.extract()
			if err != nil {
				return nil, err
			}
			r.Set("extract_results", x)
			if rc, ok := x.At("rc").(int64); ok && rc != 0 {
				r.Failed, r.Changed = true, false
				return r.WithMsg(fmt.Sprintf("failed to unpack %s to %s", p.Src, dest)), nil
			}
		}
	}
	for _, f := range withTopFolders(a.files()) {
		if f != "" && !filepath.IsLocal(strings.TrimLeft(f, "/")) { // "" is dest itself, in tar ./
			continue // tar leaves it out, too
		}
		path := filepath.Join(dest, f)
		if _, err := lstat(path); err != nil {
			continue
		}
		fa := p.FileArgs
		ch, err := c.applyAttrs(path, &fa, nil)
		if err != nil {
			return nil, err
		}
		r.Changed = r.Changed || ch
	}
	if p.ListFiles {
		r.Set("files", a.files())
	}
	return r, nil
}

func pickArchiver(c *Context, p *unarchiveArgs) (archiver, error) {
	z, err := openZip(c, p)
	if err == nil {
		return z, nil
	}
	t, reasons := openTar(c, p)
	if errors.Is(err, errNoUnzip) {
		reasons = strings.TrimSuffix(reasons, "\n") + "\n" + err.Error()
	}
	if t != nil {
		return t, nil
	}
	return nil, Errorf(fmt.Sprintf("Failed to find handler for \"%s\". Make sure the required command to extract the file is installed.\n%s", p.Src, reasons))
}

// withTopFolders adds the outermost folders that members lie in but that are no
// members themselves.
func withTopFolders(files []string) []string {
	seen := map[string]bool{}
	for _, f := range files {
		seen[strings.TrimSuffix(f, "/")] = true
	}
	out := files
	for _, f := range files {
		if top, _, ok := strings.Cut(f, "/"); ok && top != "" && !seen[top] {
			seen[top] = true
			out = append(out[:len(out):len(out)], top)
		}
	}
	return out
}
