package playbook

import (
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// readEntries reads a list of tasks and blocks; static imports are replaced by
// what they bring in.
func (l *Loader) readEntries(n *yaml.Node, sc scope) ([]Entry, error) {
	out := make([]Entry, 0, len(n.Items))
	for _, it := range n.Items {
		if it.IsNull() {
			continue
		}
		if it.Kind != yaml.Mapping {
			v, _ := l.decode(n)
			return nil, parseError(it.Pos, "A malformed block was encountered while loading a block. The ds (%s) should be a dict but was a <class 'list'>", value.Repr(v))
		}
		if it.Get("block") != nil || it.Get("rescue") != nil || it.Get("always") != nil {
			if sc.handlers {
				if _, nested := sc.parent.(*Block); nested {
					return nil, parseError(it.Pos, "Using a block as a handler is not supported.")
				}
			}
			b, err := l.readBlock(it, sc)
			if err != nil {
				return nil, err
			}
			out = append(out, b)
			continue
		}
		t, err := l.readTask(it, sc)
		if err != nil {
			return nil, err
		}
		got, err := l.expand(t, sc)
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	return out, nil
}

// expand replaces static imports.
func (l *Loader) expand(t *Task, sc scope) ([]Entry, error) {
	switch {
	case t.Kind == ImportTasks, t.Short == "include" && t.Kind == IncludeTasks && l.includeIsStatic(t):
		return l.importTasks(t, sc)
	case t.Kind == ImportRole:
		return l.importRole(t)
	}
	return []Entry{t}, nil
}

func (l *Loader) readBlock(n *yaml.Node, sc scope) (*Block, error) {
	b := &Block{}
	b.Pos, b.Parent = n.Pos, sc.parent
	for _, p := range n.Pairs {
		name := p.Key.Text
		k := keywordByName[name]
		if k == nil || k.on&onBlock == 0 {
			e := parseError(n.Pos, "'%s' is not a valid attribute for a Block", name)
			e.Hint = didYouMean(name, namesOn(onBlock))
			return nil, e
		}
		if name == "block" || name == "rescue" || name == "always" {
			continue
		}
		if _, err := l.setKeyword(&b.Base, k, p.Value, "Block"); err != nil {
			return nil, err
		}
	}
	sc.parent = b
	for _, part := range []struct {
		name string
		dst  *[]Entry
	}{{"block", &b.Block}, {"rescue", &b.Rescue}, {"always", &b.Always}} {
		list := n.Get(part.name)
		if list == nil || (part.name != "block" && list.IsNull()) {
			continue
		}
		if list.Kind != yaml.Sequence {
			return nil, parseError(n.Pos, "A malformed block was encountered while loading %s", malformed(part.name))
		}
		var err error
		if *part.dst, err = l.readEntries(list, sc); err != nil {
			return nil, err
		}
	}
	// Judged by what is there after imports: a file may be empty.
	if len(b.Block) == 0 {
		for name, part := range map[string][]Entry{"rescue": b.Rescue, "always": b.Always} {
			if len(part) > 0 && (name == "rescue" || len(b.Rescue) == 0) {
				return nil, parseError(n.Pos, "'%s' keyword cannot be used without 'block'", name)
			}
		}
	}
	return b, nil
}

func malformed(part string) string {
	if part == "block" {
		return "a block"
	}
	return part
}
