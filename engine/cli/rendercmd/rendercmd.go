// Package rendercmd is the command line of `goplay render`: a template file as
// one host would get it, rendered on the controller without connecting.
//
// It imports engine and what engine is made of; cmd/goplay calls it.
package rendercmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/goplay-engine/goplay/engine"
	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/cli/common"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/rendercli"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
)

const description = "Render a template file with the variables of a host, on the controller. No host is contacted; " +
	"facts are those of the fact cache, if any."

const usage = "[--host HOST] FILE"

// Main runs the command and returns the process's exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, prog string) int {
	fs := pflag.NewFlagSet(prog, pflag.ContinueOnError)
	f := &common.Flags{}
	f.Register(fs)
	host := fs.String("host", "", "the host whose variables are used (default: the only one, or localhost)")
	lines := fs.Bool("lines", false, `read {"id", "kind", "src"} as JSON lines from standard input and answer each`)
	fs.StringVar(&f.PlaybookDir, "playbook-dir", "", "the folder whose group_vars and host_vars count (default: the template's)")
	lstrip := fs.Bool("lstrip-blocks", false, "as lstrip_blocks of the template module")
	noTrim := fs.Bool("no-trim-blocks", false, "as trim_blocks: false of the template module")
	if done, code := f.Parse(fs, prog, usage, description, args, stdout, stderr); done {
		return code
	}
	if *lines {
		if err := rendercli.Lines(stdin, stdout); err != nil {
			return common.Fail(stderr, err, 1)
		}
		return 0
	}
	if fs.NArg() != 1 {
		return common.UsageError(stderr, prog, usage, errors.New("name one template file"))
	}
	path, err := filepath.Abs(fs.Arg(0))
	if err != nil {
		return common.Fail(stderr, err, 1)
	}
	if f.PlaybookDir == "" {
		f.PlaybookDir = filepath.Dir(path)
	}
	o, code := f.Options(stdin, stdout, stderr)
	if code != 0 {
		return code
	}
	o.Sink = quiet{}
	s, err := engine.NewSetup(o)
	if err != nil {
		return common.Fail(stderr, err, engine.ExitCode(err))
	}
	defer s.Close()
	name, err := pick(s, *host)
	if err != nil {
		return common.FailOn(s.Screen, err, 1)
	}
	vars, err := action.TemplateVars(path, "")
	if err != nil {
		return common.FailOn(s.Screen, err, 1)
	}
	dirs := []string{f.PlaybookDir, filepath.Dir(path)}
	t := s.Engine.New(s.Store.TaskView(name, nil, nil, nil), templar.Scope{Basedir: f.PlaybookDir, Find: finder(dirs)})
	err = rendercli.RenderFile(t, path, templar.FileOptions{NoTrimBlocks: *noTrim, LstripBlocks: *lstrip, Vars: templar.DictVars{Dict: vars}}, stdout)
	var te *templar.Error
	if errors.As(err, &te) {
		err = errors.New(te.Detail())
	}
	if err != nil {
		return common.FailOn(s.Screen, err, 1)
	}
	return 0
}

// pick chooses the host: the one named, the only one, or the implicit localhost.
func pick(s *engine.Setup, name string) (string, error) {
	all := s.Hosts.HostNames()
	switch {
	case name != "" && (s.Hosts.Has(name) || name == "localhost"):
		return name, nil
	case name != "":
		return "", fmt.Errorf("Could not match supplied host pattern: the inventory has no host %s", name)
	case len(all) == 1:
		return all[0], nil
	case len(all) == 0:
		return "localhost", nil
	}
	return "", fmt.Errorf("the inventory has %d hosts: say with --host which one the template is for", len(all))
}

// finder looks for what templates and lookups name: in the folders, and in
// those of the kind inside them.
func finder(dirs []string) func(kind, name string) (string, error) {
	return func(kind, name string) (string, error) {
		if filepath.IsAbs(name) {
			if _, err := os.Stat(name); err != nil {
				return "", fmt.Errorf("Could not find or access '%s'", name)
			}
			return name, nil
		}
		var tried []string
		for _, d := range dirs {
			for _, p := range []string{filepath.Join(d, kind, name), filepath.Join(d, name)} {
				if _, err := os.Stat(p); err == nil {
					return p, nil
				}
				tried = append(tried, p)
			}
		}
		return "", fmt.Errorf("Could not find or access '%s'\nSearched in:\n\t%s", name, strings.Join(tried, "\n\t"))
	}
}

// quiet drops events: there is no run to report.
type quiet struct{}

func (quiet) Event(event.Event) {}
