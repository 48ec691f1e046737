package lookup

import (
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

var utils = map[string]plugin{
	"get_path": {asFilter, []string{"path", "wantlist", "var"}},
	"index_of": {asFilter, []string{"data", "test", "value", "key", "fail_on_missing", "wantlist"}},
	"to_paths": {asFilter, []string{"var", "prepend", "wantlist"}},
}

// asFilter runs the filter of ansible.utils of the same name on the first term,
// with the others as its arguments.
func asFilter(c *call) ([]Value, error) {
	kw, terms := c.kw.Clone(), c.terms
	for _, name := range []string{"var", "data"} {
		if v, ok := kw.GetStr(name); ok {
			kw.Delete(name)
			terms = append([]Value{v}, terms...)
		}
	}
	if len(terms) == 0 {
		return nil, c.fail("missing required arguments")
	}
	// What a lookup is given is rendered already and not to be rendered again.
	vars := value.DictOf("data", value.MarkUnsafe(terms[0]), "args", value.MarkUnsafe(value.NewList(terms[1:]...)), "kw", value.MarkUnsafe(kw))
	v, err := c.t.With(templar.DictVars{Dict: vars}).Eval("data | ansible.utils."+c.name+"(*args, **kw)", value.Pos{})
	return []Value{v}, err
}
