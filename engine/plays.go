package engine

import (
	"errors"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// CheckHosts warns where only the implicit localhost is there, and makes sure
// that --limit leaves hosts of the pattern.
func (s *Setup) CheckHosts(pattern string) error {
	if len(s.Inv.AllHosts()) == 0 {
		if s.Config.Bool("LOCALHOST_WARNING") && pattern != "localhost" && pattern != "127.0.0.1" && pattern != "::1" {
			s.Sink.Event(event.Warning{Msg: "provided hosts list is empty, only localhost is available. Note that the implicit localhost does not match 'all'"})
		}
		return nil
	}
	if len(s.Options.Limit) == 0 {
		return nil
	}
	hosts, err := s.Inv.Match(pattern, s.Options.Limit)
	if err != nil {
		return err
	}
	if len(hosts) == 0 {
		return errors.New("Specified inventory, host pattern and/or --limit leaves us with no hosts to target.")
	}
	return nil
}

// RenderPlay renders a field of a play with what is known before it runs.
func (s *Setup) RenderPlay(p *playbook.Play, f playbook.Field) (value.Value, error) {
	d := value.NewDict()
	for _, pr := range p.VarsPrompt { // nobody is asked while listing
		d.Set(value.Str(pr.Name.Val), pr.Default.Val)
	}
	d.Update(p.Vars)
	d.Update(s.staticFiles(p))
	d.Update(s.Store.Constant)
	d.Set("playbook_dir", p.BookDir)
	d.Set("groups", s.Hosts.Groups())
	d.Update(s.Extra)
	return s.Engine.New(dictVars{d}, templar.Scope{}).Render(f.Val, f.Pos)
}

// HostsOf returns the hosts of a play, --limit applied.
func (s *Setup) HostsOf(p *playbook.Play) ([]string, error) {
	v, err := s.RenderPlay(p, p.Hosts)
	if err != nil {
		return nil, err
	}
	var parts []string
	if l, ok := v.(*value.List); ok {
		for _, e := range l.Items {
			parts = append(parts, value.Str(e))
		}
	} else {
		parts = []string{value.Str(v)}
	}
	return s.Hosts.Match(strings.Join(parts, ","))
}
