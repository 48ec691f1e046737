package engine

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/lookup"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vault"
)

// lookups are the lookup plugins of a run. What they need of the inventory is
// asked when they are called, after it has been read.
func (s *Setup) lookups() map[string]templar.LookupFunc {
	return lookup.All(lookup.Deps{
		TemplateVars: func(path string) (*value.Dict, error) { return action.TemplateVars(path, "") },
		ReadFile: func(path string) ([]byte, error) {
			data, _, err := s.Files.Bytes(path)
			return data, err
		},
		Hosts: func(pattern string) ([]string, error) {
			if s.Inv == nil {
				return nil, fmt.Errorf("the inventory has not been read yet")
			}
			hosts, err := s.Inv.Hosts(pattern)
			if err != nil { // host_pattern_mismatch=error is not for lookups
				return nil, nil
			}
			var names []string
			for _, h := range hosts {
				names = append(names, h.Name)
			}
			return names, nil
		},
		Setting: s.setting,
		Option: func(env, ini []string) (string, bool) {
			text, _, ok := s.Config.Option(env, ini)
			return text, ok
		},
		Warn:            s.warn,
		CollectionsPath: pluginCollections(s.Config),
	})
}

func (s *Setup) warn(msg string) { s.Sink.Event(event.Warning{Msg: msg}) }

// setting finds a setting for the config lookup; of plugins only what the
// environment or ansible.cfg say is known.
func (s *Setup) setting(name, kind, plugin string) (value.Value, string, bool) {
	if plugin == "" || plugin == "None" {
		e, ok := s.Config.Entry(name)
		return e.Value, e.Origin, ok
	}
	e, ok, err := s.Config.PluginEntry(kind, plugin[strings.LastIndexByte(plugin, '.')+1:], name)
	return e.Value, e.Origin, ok && err == nil
}

func init() {
	builtin.Vault.Encrypt = func(clear, password, salt, id string) (string, error) {
		var fixed []byte
		if salt != "" {
			fixed = []byte(salt)
		}
		out, err := vault.Seal([]byte(clear), []byte(password), id, fixed)
		return string(out), err
	}
	builtin.Vault.Decrypt = func(cipher, password, id string) (string, error) {
		out, err := vault.New(vault.Secret{ID: id, Password: []byte(password)}).Open([]byte(cipher), "filter")
		return string(out), err
	}
}
