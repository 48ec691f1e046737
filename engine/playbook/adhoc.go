package playbook

import (
	"os"
	"path/filepath"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// AdHoc makes a playbook of one play with one task, as `ansible` runs it. dir
// stands for the playbook's folder; "" is the current one.
func (l *Loader) AdHoc(pattern string, task *value.Dict, dir string) (*Playbook, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if dir == "" {
		dir, _ = os.Getwd()
	}
	file := filepath.Join(dir, "__adhoc_playbook__")
	play := value.DictOf("name", "Ansible Ad-Hoc", "hosts", pattern, "gather_facts", false, "tasks", value.NewList(task))
	n, err := yaml.Parse(file, value.JSON(play), yaml.Options{VaultOpen: l.opts.Open})
	if err != nil {
		return nil, err
	}
	l.adHoc = true
	defer func() { l.adHoc = false }()
	p, err := l.readPlay(n, file, nil)
	if err != nil {
		return nil, err
	}
	p.BookDir = dir
	return &Playbook{File: file, Dir: dir, Plays: []*Play{p}}, nil
}
