package module

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// tarArchive unpacks with the tar program, as Ansible does: only so do the
// user's extra options mean what they say.
type tarArchive struct {
	c     *Context
	p     *unarchiveArgs
	tar   string
	z     string // option for the compression, "" lets tar find out
	kind  string
	names []string
}

// openTar finds the reading of the archive that tar understands; nil with the
// reasons where there is none.
func openTar(c *Context, p *unarchiveArgs) (*tarArchive, string) {
	tar, err := c.findProgram("gtar")
	if err != nil {
		if tar, err = c.findProgram("tar"); err != nil {
			return nil, "Unable to find required 'gtar' or 'tar' binary in the path"
		}
	}
	kinds := []tarArchive{{z: "-z", kind: "TgzArchive"}, {z: "", kind: "TarArchive"}, {z: "-j", kind: "TarBzipArchive"},
		{z: "-J", kind: "TarXzArchive"}, {z: "--use-compress-program=zstd", kind: "TarZstdArchive"}}
	// The first bytes tell gzip; everything else tar finds out by itself.
	if head := fileHead(p.Src, 2); head != "\x1f\x8b" {
		kinds = append(kinds[1:], kinds[0])
	}
	var why []string
	for _, t := range kinds {
		t.c, t.p, t.tar = c, p, tar
		if err := t.list(); err != nil {
			why = append(why, fmt.Sprintf("Command \"%s\" could not handle archive: %s", tar, err))
			continue
		}
		return &t, ""
	}
	return nil, strings.Join(why, "\n")
}

func fileHead(path string, n int) string {
	f, err := openFile(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b := make([]byte, n)
	n, _ = f.Read(b)
	return string(b[:n])
}

func (t *tarArchive) name() string    { return t.kind }
func (t *tarArchive) checkable() bool { return false }
func (t *tarArchive) files() []string { return t.names }

// command builds a call of tar in the given mode.
func (t *tarArchive) command(mode string, last ...string) []string {
	argv := []string{t.tar, mode, "-C", string(t.p.Dest)}
	if t.z != "" {
		argv = append(argv, t.z)
	}
	if len(t.p.ExtraOpts) > 0 {
		argv = append(append(argv, "--show-transformed-names"), t.p.ExtraOpts...)
	}
	if mode == "--extract" {
		if t.p.KeepNewer {
			argv = append(argv, "--keep-newer-files")
		}
		if o := t.p.Owner; o != nil {
			argv = append(argv, "--owner="+*o)
		}
		if g := t.p.Group; g != nil {
			argv = append(argv, "--group="+*g)
		}
	}
	for _, x := range t.p.Exclude {
		argv = append(argv, "--exclude="+x)
	}
	argv = append(argv, "-f", t.p.Src)
	return append(append(argv, t.p.Include...), last...)
}

func (t *tarArchive) list() error {
	r, err := t.c.run(t.command("--list"), &progOptions{Dir: string(t.p.Dest), Env: cLocale})
	if err != nil {
		return err
	}
	if r.RC != 0 {
		return fmt.Errorf("Unable to list files in the archive: %s", r.Stderr)
	}
	for _, l := range strings.Split(r.Stdout, "\n") {
		l = unescape(l)
		if l == "" || slices.Contains(t.p.Exclude, l) {
			continue
		}
		t.names = append(t.names, strings.TrimPrefix(l, "./"))
	}
	if len(t.names) == 0 {
		return fmt.Errorf("No files found in archive")
	}
	return nil
}

// same reads tar's own comparison. Differences that parameters of the task will
// settle, or that only root could settle, do not count.
func (t *tarArchive) same() (bool, string, error) {
	r, err := t.c.run(t.command("--diff"), &progOptions{Dir: string(t.p.Dest), Env: cLocale})
	if err != nil {
		return false, "", err
	}
	if r.RC == 0 {
		return true, "", nil
	}
	root := os.Geteuid() == 0
	for _, l := range strings.Split(r.Stdout+"\n"+r.Stderr, "\n") {
		switch {
		case l == "", strings.HasSuffix(l, "Exiting with failure status due to previous errors"),
			strings.Contains(l, "Removing leading"), strings.Contains(l, "time stamp"):
		case strings.HasSuffix(l, ": Uid differs") && (t.p.Owner != nil || !root):
		case strings.HasSuffix(l, ": Gid differs") && (t.p.Group != nil || !root):
		case strings.HasSuffix(l, ": Mode differs") && t.p.Mode.Given():
		default:
			return false, "", nil
		}
	}
	return true, "", nil
}

func (t *tarArchive) extract() (*value.Dict, error) {
	argv := t.command("--extract")
	r, err := t.c.run(argv, &progOptions{Dir: string(t.p.Dest), Env: cLocale, Cancel: cancelFinish})
	if err != nil {
		return nil, err
	}
	return value.DictOf("cmd", value.From(argv), "rc", int64(r.RC), "out", r.Stdout, "err", r.Stderr), nil
}
