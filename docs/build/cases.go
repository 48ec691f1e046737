package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/module/conform"
)

// compared is what the conformance cases say of a module. Its methods take nil for a module without cases.
type compared struct {
	cases  int // compared with the reference
	told   int // with its documentation
	params map[string]int
	// differs holds the wanted differences: what is other, and why.
	differs map[string]bool
}

// readCases gives the recorded cases of each module by its full name.
func readCases(modules map[string]entry) (map[string]*compared, error) {
	files, err := conform.Files()
	if err != nil {
		return nil, err
	}
	full := map[string]string{}
	for _, collection := range []string{"community.crypto", "community.general", "ansible.posix", "ansible.builtin"} { // the last wins
		for n := range modules {
			if short, is := strings.CutPrefix(n, collection+"."); is {
				full[short], full[n] = n, n
			}
		}
	}
	for _, n := range []string{"systemd", "ansible.builtin.systemd"} {
		full[n] = "ansible.builtin.systemd_service"
	}
	all := map[string]*compared{}
	for _, f := range files {
		recorded, err := f.Recorded()
		if err != nil {
			return nil, err
		}
		for _, c := range f.Cases {
			n := full[c.Module]
			if recorded[c.Name] == nil && c.Documented == "" || n == "" {
				continue
			}
			if all[n] == nil {
				all[n] = &compared{params: map[string]int{}, differs: map[string]bool{}}
			}
			all[n].add(c, modules[n].Doc.Options)
		}
	}
	return all, nil
}

func (m *compared) add(c *conform.Case, options map[string]option) {
	if m.cases++; c.Documented != "" {
		m.cases, m.told = m.cases-1, m.told+1
	}
	for _, p := range c.Params() {
		for name, o := range options {
			if slices.Contains(o.Aliases, p) {
				p = name
			}
		}
		if _, known := options[p]; !known {
			if _, any := options["key_value"]; any {
				p = "key_value"
			}
		}
		m.params[p]++
	}
	for _, p := range []string{"free_form", "file", "key_value"} {
		if _, is := options[p]; is && c.FreeForm() {
			m.params[p]++
			break
		}
	}
	for what, why := range c.Differs {
		if why == "" {
			continue
		}
		if what == "*" {
			what = "case \"" + c.Name + "\""
		}
		m.differs["`"+what+"`: "+why] = true
	}
}

func (m *compared) number() int {
	if m == nil {
		return 0
	}
	return m.cases + m.told
}

func (m *compared) param(name string) int {
	if m == nil {
		return 0
	}
	return m.params[name]
}

// text tells of the cases below the module's heading.
func (m *compared) text() string {
	if m == nil {
		return ""
	}
	var differs []string
	for d := range m.differs {
		differs = append(differs, d)
	}
	slices.Sort(differs)
	s := fmt.Sprintf("\n%d cases compared with the reference", m.cases)
	switch {
	case m.cases == 0:
		s = fmt.Sprintf("\n%d cases compared with the documentation of newer versions", m.told)
	case m.told > 0:
		s += fmt.Sprintf(", %d with the documentation of newer versions", m.told)
	}
	s += "."
	if len(differs) > 0 {
		s += " Other than there, and meant so: " + strings.Join(differs, "; ") + "."
	}
	return s + "\n"
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
