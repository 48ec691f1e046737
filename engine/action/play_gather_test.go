package action

import (
	"context"
	"slices"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// Recorded from ansible-core 2.14; the words of the warnings are 2.18's.
func TestGatherWithSeveralModules(t *testing.T) {
	var ran, warned []string
	c := &Context{Context: context.Background(), FactsModules: []string{"setup", "package_facts", "bad", "service_facts"},
		Args: value.DictOf("gather_subset", value.NewList("!all"), "gather_timeout", int64(5), "parallel", true, "filter", nil),
		Warn: func(msg string) { warned = append(warned, msg) },
		Module: func(name string, args *value.Dict, _ []byte) (*value.Dict, error) {
			ran = append(ran, name+" "+value.Repr(args))
			switch name {
			case "bad":
				return value.DictOf("changed", false, "failed", true, "msg", "no"), nil
			case "service_facts":
				return value.DictOf("changed", false, "skipped", true), nil
			}
			return value.DictOf("ansible_facts", value.DictOf(name, true), "warnings", value.NewList(name)), nil
		}}
	r, err := gatherFacts(c)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"setup {'gather_subset': ['!all'], 'gather_timeout': 5}", "package_facts {}", "bad {}", "service_facts {}"}; !slices.Equal(ran, want) {
		t.Errorf("ran %q", ran)
	}
	if len(warned) != 6 || warned[0] != "Not passing subset(['!all']) to package_facts" || warned[1] != "Not passing timeout(5) to package_facts" {
		t.Errorf("warned %q", warned)
	}
	want := "{'ansible_facts': {'setup': True, 'package_facts': True}, 'changed': False, 'deprecations': [], 'warnings': ['setup', 'package_facts'], " +
		"'skipped_modules': {'service_facts': {'changed': False, 'skipped': True}}, 'failed': True, 'failed_modules': {'bad': {'failed': True, 'msg': 'no'}}, " +
		"'msg': 'The following modules were skipped: service_facts\\nThe following modules failed to execute: bad\\n', '_ansible_verbose_override': True}"
	if got := value.Repr(r); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
