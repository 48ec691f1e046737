package config

import (
	_ "embed"
	"encoding/json"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/value"
)

// Setting is one line of the table: a setting's name, type and where it is read.
type Setting struct {
	Name    string
	Type    string // as ansible-config list shows it; "" is text
	Default value.Value
	Ini     []string // section.key, the last one counts most
	Env     []string // variable names, the last one counts most; "-" marks old names
	Choices []string
	Vars    []string // variables that outrank the setting per host
	Added   string   // version

	// Of options of plugins only.
	NoDefault, Required bool
	Keywords, Flags     []string
}

//go:embed settings.txt
var settingsText string

var colorNames = strings.Split("black,bright gray,blue,white,green,bright blue,cyan,bright green,red,bright cyan,purple,bright red,yellow,bright purple,dark gray,bright yellow,magenta,bright magenta,normal", ",")

var table = sync.OnceValue(func() []Setting {
	var t []Setting
	for line := range strings.Lines(settingsText) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), " | ")
		s := Setting{Name: f[0], Type: f[1], Ini: strings.Fields(f[3]), Env: strings.Fields(f[4]), Vars: strings.Fields(f[6]), Added: f[7]}
		switch f[5] {
		case "":
		case "@colors":
			s.Choices = colorNames
		default:
			s.Choices = strings.Split(f[5], ",")
		}
		v, err := value.ParseJSON([]byte(f[2]))
		if err != nil || !json.Valid([]byte(f[2])) {
			panic("settings table: " + line)
		}
		s.Default = v
		t = append(t, s)
	}
	return t
})

// Table returns every setting ansible-core knows, by name. It must not be changed.
func Table() []Setting { return table() }

func lookupSetting(name string) *Setting {
	t := Table()
	for i := range t {
		if t[i].Name == name {
			return &t[i]
		}
	}
	panic("no setting " + name)
}

func (s *Setting) typeName() string {
	if s.Type == "" {
		return "string"
	}
	return s.Type
}
