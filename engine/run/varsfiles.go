package run

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vars"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// hostFiles is what a host sees of vars_files, as long as its facts stay the same.
type hostFiles struct {
	facts *value.Dict
	dicts []*value.Dict // last file first
}

// varsFiles is the layer of vars_files for a host, last file first. Tasks under
// way only look; refreshFiles reads.
func (ps *playState) varsFiles(host string) []*value.Dict {
	if len(ps.play.VarsFiles) == 0 {
		return nil
	}
	if h := ps.byName[host]; h != nil {
		if f := h.files.Load(); f != nil {
			return f.dicts
		}
	}
	dicts, _ := ps.readVarsFiles(host, false) // a host outside the play: what can be found
	return dicts
}

// refreshFiles reads vars_files for a host at first and when its facts have
// changed, for the names of the files may be made of them.
func (ps *playState) refreshFiles(h *hostRun) error {
	if len(ps.play.VarsFiles) == 0 {
		return nil
	}
	facts := ps.r.o.Store.Host(h.name).Facts()
	if f := h.files.Load(); f != nil && f.facts == facts {
		return nil
	}
	dicts, err := ps.readVarsFiles(h.name, facts.Has("module_setup"))
	if err != nil {
		return err
	}
	h.files.Store(&hostFiles{facts, dicts})
	return nil
}

// missingVars is a file of vars_files that is not there.
type missingVars struct{ FatalError }

func (e *missingVars) Unwrap() error { return &e.FatalError }

// readVarsFiles reads the files for a host. An entry with an undefined variable
// is passed over until facts have been gathered.
func (ps *playState) readVarsFiles(host string, gathered bool) ([]*value.Dict, error) {
	var out []*value.Dict
	for _, entry := range ps.play.VarsFiles {
		sofar := out // files read so far may name the next one
		play := &vars.Play{Vars: ps.vars.Vars, Files: func(string) []*value.Dict { return sofar }, NoSet: true}
		t := ps.r.o.Engine.New(ps.r.o.Store.TaskView(host, play, nil, ps.magic(nil, nil)), templarScope(ps))
		d, err := ps.firstVarsFile(t, entry)
		var te *templar.Error
		if errors.As(err, &te) && te.IsUndefined {
			if !gathered {
				continue
			}
			return out, &FatalError{Msg: fmt.Sprintf("an undefined variable was found when attempting to template the vars_files item '%s'\n\n%s",
				value.Str(entry.Val), strings.TrimRight(yaml.Where(entry.Pos, false), "\n")), Exit: ExitError}
		}
		if err != nil {
			return out, err
		}
		out = append([]*value.Dict{d}, out...)
	}
	return out, nil
}

// firstVarsFile reads the first file of an entry that is there.
func (ps *playState) firstVarsFile(t *templar.Templar, entry playbook.Field) (*value.Dict, error) {
	for _, n := range playbook.Items(entry) {
		v, err := t.Render(n.Val, n.Pos)
		if err != nil {
			var te *templar.Error
			if errors.As(err, &te) && te.IsUndefined {
				return nil, err
			}
			return nil, &FatalError{Msg: err.Error(), Exit: ExitUnreachable}
		}
		for _, path := range ps.play.VarsFilePaths(expandHome(value.Str(v))) {
			if d, ok := ps.filesByPath.Load(path); ok {
				return d.(*value.Dict), nil
			}
			if !isFile(path) {
				continue
			}
			d, err := ps.r.o.Loader.ReadVars(path)
			if err == nil {
				ps.filesByPath.Store(path, d)
			}
			return d, err
		}
	}
	return nil, &missingVars{FatalError{Msg: fmt.Sprintf("vars file %s was not found\nCould not find file on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option", value.Str(entry.Val)), Exit: ExitError}}
}
