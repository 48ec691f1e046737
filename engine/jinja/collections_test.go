package jinja_test

import (
	"testing"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// TestCollections has the filters of collections as the collections of the
// reference installation or newer ones have them.
func TestCollections(t *testing.T) {
	xml := `<a x="1"><b>t&amp;</b><b/><n:c xmlns:n="u">  z </n:c></a>`
	vars := value.DictOf("xml", xml, "sources", value.NewList(
		value.DictOf("data", value.NewList(value.DictOf("name", "a", "v", int64(1)), value.DictOf("name", "b", "v", int64(2))), "match_key", "name", "name", "values"),
		value.DictOf("data", value.NewList(value.DictOf("name", "a", "color", "red")), "match_key", "name", "name", "colors")))
	tm := engine.New(templar.DictVars{Dict: vars}, templar.Scope{})
	for src, want := range map[string]string{
		"{{ xml | ansible.utils.from_xml }}":                                                                                                 `{"a":{"@x":"1","b":["t&",null],"n:c":{"@xmlns:n":"u","#text":"z"}}}`,
		"{{ xml | ansible.utils.from_xml | ansible.utils.to_xml(full_document=false) }}":                                                     `"<a x=\"1\">\n\t<b>t&amp;</b>\n\t<b></b>\n\t<n:c xmlns:n=\"u\">z</n:c>\n</a>"`,
		"{{ {'r': {'i': [1, true]}} | ansible.utils.to_xml(indent='spaces', indent_width=2) }}":                                              `"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<r>\n  <i>1</i>\n  <i>true</i>\n</r>"`,
		"{{ sources | ansible.utils.consolidate }}":                                                                                          `{"a":{"values":{"name":"a","v":1},"colors":{"name":"a","color":"red"}},"b":{"values":{"name":"b","v":2},"colors":{}}}`,
		"{{ ['a', 'b', 'c'] | ansible.utils.param_list_compare(['all', '!b']) }}":                                                            `{"actionable":["a","c"],"unsupported":[]}`,
		"{{ '[s]\nA = x y\n[DEFAULT]\nd=2' | community.general.from_ini }}":                                                                  `{"s":{"d":"2","A":"x y"},"DEFAULT":{"d":"2"}}`,
		"{{ {'s': {'a': 1, 'B': 'x'}} | community.general.to_ini }}":                                                                         `"[s]\na = 1\nB = x\n\n"`,
		"{{ {'a': 1, 'b': 'x'} | community.general.reveal_ansible_type }}":                                                                   `"dict[str, int|str]"`,
		"{{ [1, 2] is community.general.ansible_type('list[int]') }}":                                                                        `true`,
		"{{ 'example.com' is community.general.fqdn_valid(min_labels=2) }}":                                                                  `true`,
		"{{ 'pw' | ansible.netcommon.type5_pw('salt') | ansible.netcommon.hash_salt }}":                                                      `"salt"`,
		"{{ 'pw' | ansible.netcommon.comp_type5('$1$salt$IXp9zPHZ94CMcVBXaZFPN/') }}":                                                        `true`,
		"{{ query('community.general.dependent', {'a': [1, 2]}, {'b': '[item.a, item.a * 10]'}) }}":                                          `[{"a":1,"b":1},{"a":1,"b":10},{"a":2,"b":2},{"a":2,"b":20}]`,
		"{{ [1, {'n': 1, 'b': [2, {'n': 3}], 'c': ['x']}, {'a': 1}] | ansible.utils.keep_keys(['n']) }}":                                     `[1,{"n":1,"b":[2,{"n":3}]},{}]`,
		"{{ {'a': ['x', {'b': 1}], 'c': [[{'b': 1}], []]} | ansible.utils.keep_keys(['n']) }}":                                               `{"c":[[{}]]}`,
		"{{ [0, {'n': 1}, {'a': {'n': 1}, 'b': [[{'n': 1}]]}] | ansible.utils.remove_keys(['n']) }}":                                         `[{"a":{},"b":[[]]}]`,
		"{{ {'n': 1, 'x': {'n': 2, 'y': 3}} | ansible.utils.replace_keys([{'before': 'n', 'after': 'm'}, {'before': 'm', 'after': 'z'}]) }}": `{"x":{"y":3,"z":2},"z":1}`,
		"{{ {'a b': {'c-d': [1], 'e': {}}, '1a': 2} | ansible.utils.to_paths }}":                                                             `{"a b['c-d'][0]":1,"a b.e":{},"1a":2}`,
		"{{ [[], {}] | map('ansible.utils.to_paths') }}":                                                                                     `[[],{}]`,
		"{{ {'a': [1]} | ansible.utils.get_path('a', wantlist=true) }}":                                                                      `[[1]]`,
		"{{ 'a,b,a' | ansible.utils.index_of('eq', 'a') }}":                                                                                  `[0,2]`,
	} {
		got, err := tm.Render(src, value.Pos{})
		if err != nil || string(value.JSON(got)) != want {
			t.Errorf("%s\n got  %s %v\n want %s", src, value.JSON(got), err, want)
		}
	}
	for _, src := range []string{"{{ '<a>' | ansible.utils.from_xml }}", "{{ {} | ansible.utils.to_xml }}", "{{ {} | community.general.to_ini }}",
		"{{ 'x' | ansible.utils.keep_keys(['n']) }}", "{{ 1 | ansible.utils.remove_keys(['n']) }}", "{{ true | ansible.utils.replace_keys([]) }}",
		"{{ sources | ansible.utils.consolidate(fail_missing_match_value=true) }}", "{{ 'x' | community.general.jc('ls') }}"} {
		if got, err := tm.Render(src, value.Pos{}); err == nil {
			t.Errorf("%s: got %s", src, value.JSON(got))
		}
	}
}
