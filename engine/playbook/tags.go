package playbook

import (
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// Tags returns the tags of a node with those it inherits, as written: text is
// split at commas, items of a list are not. A templated one is kept, for
// rendering by the caller (TagsOf).
func Tags(n Node) []Field {
	var out []Field
	for _, f := range All(n, KeyTags) {
		s, ok := value.Text(f.Val)
		if !ok {
			out = append(out, Items(f)...)
			continue
		}
		for part := range strings.SplitSeq(s, ",") {
			out = append(out, Field{Val: strings.TrimSpace(part), Pos: f.Pos, Set: true})
		}
	}
	return out
}

// TagsOf returns the tags of a node as text, templates rendered by render (nil:
// kept as they are), without duplicates, in the order of their writing.
func TagsOf(n Node, render func(f Field) (value.Value, error)) ([]string, error) {
	var out []string
	add := func(v value.Value) {
		if s := value.Str(v); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, f := range Tags(n) {
		v := f.Val
		if s, ok := v.(string); ok && render != nil && isTemplate(s) {
			var err error
			if v, err = render(f); err != nil {
				return nil, err
			}
		}
		if l, ok := v.(*value.List); ok {
			for _, e := range l.Items {
				add(e)
			}
			continue
		}
		add(v)
	}
	return out, nil
}

// Tagged tells whether something with these tags runs, for the lists of --tags
// (empty or "all": everything) and --skip-tags. The special tags are always,
// never, and in the lists all, tagged and untagged.
func Tagged(tags, only, skip []string) bool {
	if len(only) == 0 {
		only = []string{"all"}
	}
	has := func(list []string, t string) bool { return slices.Contains(list, t) }
	common := func(a, b []string) bool {
		return slices.ContainsFunc(a, func(t string) bool { return has(b, t) })
	}
	untagged := len(tags) == 0
	set := tags
	if untagged {
		set = []string{"untagged"}
	}
	run := false
	switch {
	case has(tags, "always"):
		run = true
	case has(only, "all") && !has(tags, "never"):
		run = true
	case common(set, only):
		run = true
	case has(only, "tagged") && !untagged && !has(tags, "never"):
		run = true
	}
	if !run || len(skip) == 0 {
		return run
	}
	switch {
	case has(skip, "all"):
		return has(tags, "always") && !has(skip, "always")
	case common(set, skip):
		return false
	case has(skip, "tagged") && !untagged:
		return false
	}
	return true
}
