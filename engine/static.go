package engine

import (
	"os"

	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// renderStatic renders names that must be known while loading.
func (s *Setup) renderStatic(v value.Value, pos value.Pos, at playbook.Node) (value.Value, error) {
	var levels []*value.Dict // innermost first
	for n := at; n != nil; n = n.Keywords().Parent {
		if r, ok := n.(*playbook.Role); ok {
			levels = append(levels, n.Keywords().Vars, r.Params, r.RoleVars, r.Defaults)
			continue
		}
		if p, ok := n.(*playbook.Play); ok {
			levels = append(levels, s.staticFiles(p))
		}
		levels = append(levels, n.Keywords().Vars)
	}
	d := value.NewDict()
	for i := len(levels) - 1; i >= 0; i-- {
		d.Update(levels[i])
	}
	if p := playbook.PlayOf(at); p != nil {
		d.Set("playbook_dir", p.BookDir)
	}
	d.Update(s.Store.Constant)
	d.Update(s.Extra)
	return s.Engine.New(dictVars{d}, templar.Scope{}).Render(v, pos)
}

// staticFiles is what vars_files of a play say as far as that does not depend on
// a host. Files that are missing or wrong are told when the play runs.
func (s *Setup) staticFiles(p *playbook.Play) *value.Dict {
	if d, ok := s.playFiles[p]; ok {
		return d
	}
	d := p.Vars.Clone()
	d.Update(s.Store.Constant)
	d.Update(s.Extra)
	all := value.NewDict()
	for _, entry := range p.VarsFiles {
		more := s.firstFile(p, entry, d)
		all.Update(more)
		d.Update(more)
	}
	if s.playFiles == nil {
		s.playFiles = map[*playbook.Play]*value.Dict{}
	}
	s.playFiles[p] = all
	return all
}

func (s *Setup) firstFile(p *playbook.Play, entry playbook.Field, known *value.Dict) *value.Dict {
	t := s.Engine.New(dictVars{known}, templar.Scope{})
	for _, name := range playbook.Items(entry) {
		v, err := t.Render(name.Val, name.Pos)
		if err != nil {
			return nil
		}
		for _, path := range p.VarsFilePaths(config.ExpandHome(value.Str(v))) {
			if fi, err := os.Stat(path); err != nil || fi.IsDir() {
				continue
			}
			d, _ := s.Files.Dict(path)
			return d
		}
	}
	return nil
}
