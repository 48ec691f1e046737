// Package conform holds the conformance cases of modules and what the reference answers to them.
//
// testdata/NAME.yml lists uses of a module: what is set up before, the task, what of the host to look at.
// testdata/NAME.json holds what ansible-playbook answered on a lab host in check mode, for real and on a
// second run, and the state the host had afterwards. The tests run goplay over the same cases and compare.
//
// It imports nothing of the engine: tests, the recorder in lab/conform and docs/build use it.
package conform

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is one file of cases.
type File struct {
	Name string `yaml:"-"`
	// Module is the module of cases that name none.
	Module string `yaml:"module"`
	// Where the cases run: "" anywhere, in a folder of their own; "local" so, with connection local
	// for the reference as well; "deb" or "el" as root of a lab host of that kind.
	Where string `yaml:"where"`
	// Together is set for cases of a lab host that leave each other alone: each step is done for all of them.
	Together bool `yaml:"together"`
	// Local runs on the controller before, in the folder LOCAL, where the playbook is.
	Local string `yaml:"local"`
	// Host runs once on the host before all cases.
	Host string `yaml:"host"`
	// Setup runs on the host before each case, in its folder DIR.
	Setup string `yaml:"setup"`
	// Look prints what of the host to compare, besides the files in DIR.
	Look string `yaml:"look"`
	// Needs names programs without which the cases are left out.
	Needs []string `yaml:"needs"`
	// Root is set where only root can run the cases.
	Root bool `yaml:"root"`
	// Differs holds for all cases, see Case.
	Differs map[string]string `yaml:"differs"`
	Cases   []*Case           `yaml:"cases"`
}

// Case is one use of a module. Text may name DIR (the case's folder), LOCAL (the controller's) and URL (a web server).
type Case struct {
	Name   string    `yaml:"name"`
	Module string    `yaml:"module"`
	Do     yaml.Node `yaml:"do"`   // the module's arguments
	With   yaml.Node `yaml:"with"` // further keywords of the task
	Setup  string    `yaml:"setup"`
	Look   string    `yaml:"look"`
	Root   bool      `yaml:"root"`
	Needs  []string  `yaml:"needs"`
	// Ignore names return values that no two runs share: "stdout", "diff.before".
	Ignore []string `yaml:"ignore"`
	// Show is an expression that is compared instead of the result, for tasks that have none (include_tasks, meta).
	Show string `yaml:"show"`
	// Documented is set for what the installed reference does not have: it names the version that does. Such a case is
	// not recorded; Want holds the results its documentation promises, State what is looked at after.
	Documented string         `yaml:"documented"`
	Want       map[string]any `yaml:"want"`
	State      []string       `yaml:"state"`
	// Differs says of return values why goplay's are others, and are to be: the text is for docs/modules.md.
	Differs map[string]string `yaml:"differs"`
}

//go:embed testdata
var testdata embed.FS

// Files reads all files of cases, or the named ones.
func Files(names ...string) ([]*File, error) {
	entries, err := testdata.ReadDir("testdata")
	if err != nil {
		return nil, err
	}
	var files []*File
	for _, e := range entries {
		name, is := strings.CutSuffix(e.Name(), ".yml")
		if !is || len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		text, err := testdata.ReadFile(path.Join("testdata", e.Name()))
		if err != nil {
			return nil, err
		}
		f, err := read(name, text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		files = append(files, f)
	}
	return files, nil
}

func read(name string, text []byte) (*File, error) {
	f := &File{Name: name}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(f); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i, c := range f.Cases {
		if c.Module == "" {
			c.Module = f.Module
		}
		if c.Name == "" || seen[c.Name] {
			return nil, fmt.Errorf("case %d: no name of its own", i+1)
		}
		seen[c.Name] = true
		if (c.Documented == "") != (c.Want == nil) {
			return nil, fmt.Errorf("case %s: documented and want belong together", c.Name)
		}
		c.Root = c.Root || f.Root
		for k, v := range f.Differs {
			if c.Differs == nil {
				c.Differs = map[string]string{}
			}
			if _, ok := c.Differs[k]; !ok {
				c.Differs[k] = v
			}
		}
	}
	return f, nil
}

// Params returns the names of the parameters that a case sets; free form gives none.
func (c *Case) Params() []string {
	var names []string
	if c.Do.Kind == yaml.MappingNode {
		for i := 0; i < len(c.Do.Content); i += 2 {
			names = append(names, c.Do.Content[i].Value)
		}
	}
	return names
}

// FreeForm tells that the task is one text without parameter names.
func (c *Case) FreeForm() bool { return c.Do.Kind == yaml.ScalarNode && c.Do.Value != "" }

// Recordable returns the cases that the reference can answer.
func (f *File) Recordable() []*Case {
	return slices.DeleteFunc(slices.Clone(f.Cases), func(c *Case) bool { return c.Documented != "" })
}

// Possible returns the cases that can run here.
func (f *File) Possible(root bool, has func(program string) bool) []*Case {
	var out []*Case
	for _, c := range f.Cases {
		missing := slices.ContainsFunc(slices.Concat(f.Needs, c.Needs), func(p string) bool { return !has(p) })
		if !missing && (root || !c.Root) {
			out = append(out, c)
		}
	}
	return out
}
