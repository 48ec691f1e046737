package templar

import (
	"errors"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// Expected values were recorded from the reference.
func TestSecrets(t *testing.T) {
	open := func(cipher string) (string, error) {
		if cipher == "bad" {
			return "", errors.New("no password fits")
		}
		return cipher, nil
	}
	s := &value.Secret{Cipher: "s3cret", Open: open}
	vars := value.DictOf("s", s, "tmpl", &value.Secret{Cipher: "{{ other }}-x", Open: open}, "bad", &value.Secret{Cipher: "bad", Open: open},
		"l", value.NewList(s, "plain"), "d", value.DictOf("a", s, "p", "plain"), "alias", "{{ s }}", "broken", value.DictOf("b", &value.Secret{Cipher: "bad", Open: open}, "p", "fine"))
	tm := NewEngine(Options{ErrorOnUndef: true}).New(DictVars{vars}, Scope{})
	for src, want := range map[string]string{
		"{{ s is vault_encrypted }} {{ l[0] is vault_encrypted }} {{ d.a is vault_encrypted }} {{ alias is vault_encrypted }}": "True True True False",
		"{{ l | map('type_debug') | first }} {{ (s | default('x')) | type_debug }} {{ s | upper | type_debug }}":               "AnsibleVaultEncryptedUnicode AnsibleVaultEncryptedUnicode str",
		"{{ alias | type_debug }} {{ s is string }} {{ s is sequence }}":                                                       "AnsibleUnsafeText False True",
		"{{ s }}-{{ s ~ 'x' }}-{{ s + 'y' }}-{{ s[1] }}-{{ s.upper() }}-{{ s | length }}":                                      "s3cret-s3cretx-s3crety-3-S3CRET-6",
		"{{ s == 's3cret' }} {{ 's3cret' in l }} {{ s in ['s3cret'] }} {{ {'s3cret': 1}[s] }}":                                 "True True True 1",
		"{% for x in l %}{{ x is vault_encrypted }}{{ x }} {% endfor %}":                                                       "Trues3cret Falseplain ",
		"{{ tmpl }}": "{{ other }}-x",
		"{{ bad is vault_encrypted }} {{ broken.p }} {{ broken.b is defined }}": "True fine True",
		"x {{ d }} {{ d | to_json }}":                                           `x {'a': 's3cret', 'p': 'plain'} {"a": "s3cret", "p": "plain"}`,
		"{{ d | to_json(vault_to_text=false) }}":                                `{"a": {"__ansible_vault": "s3cret"}, "p": "plain"}`,
		"{{ ['S3CRET'] | difference(l) | first }}":                              "S3CRET",
	} {
		got, err := tm.Render(src, value.Pos{})
		if err != nil || value.Str(got) != want {
			t.Errorf("%s\n got  %v %v\n want %s", src, value.Repr(got), err, want)
		}
	}
	for _, src := range []string{"{{ bad }}", "{{ bad ~ 1 }}", "{{ [bad] }}", "{{ broken }}", "{{ broken | string }}", "{{ [bad] == ['x'] }}", "{{ 'x' in [bad] }}",
		"{{ bad | upper }}", "{% if bad %}{% endif %}", "{% for x in bad %}{% endfor %}", "{{ '%s' % bad }}", "{{ [bad] | map('upper') | list }}", "{{ {bad: 1} }}"} {
		if got, err := tm.Render(src, value.Pos{}); err == nil || !strings.Contains(err.Error(), "no password fits") {
			t.Errorf("%s: got %v, %v", src, value.Repr(got), err)
		}
	}
	// A result is never rendered again, and holds nothing closed.
	for _, src := range []value.Value{"{{ tmpl }}", "{{ s }}", s} {
		got, err := tm.Render(src, value.Pos{})
		if _, unsafe := got.(value.Unsafe); !unsafe || err != nil {
			t.Errorf("%v: got %T %v", src, got, err)
		}
	}
	if got, _ := tm.RenderKeeping(value.DictOf("k", s), value.Pos{}); got.(*value.Dict).At("k") != value.Value(s) {
		t.Errorf("RenderKeeping opened a secret: %v", value.Repr(got))
	}
}
