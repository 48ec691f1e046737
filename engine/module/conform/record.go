package conform

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Answer is what one case gave.
type Answer struct {
	Check map[string]any `json:"check"`
	Run   map[string]any `json:"run"`
	Again map[string]any `json:"again"`
	// State is what was looked at after the first run.
	State []string `json:"state"`
	// CheckChanges and AgainChanges tell that check mode and the second run changed the host.
	CheckChanges bool `json:"check_changes,omitempty"`
	AgainChanges bool `json:"again_changes,omitempty"`
}

// Execute runs the cases of a file with the program that play starts, which gets the playbook, the inventory and
// the folder LOCAL, and returns their answers by name.
func (f *File) Execute(p Place, cases []*Case, play func(playbook, inventory string) error) (map[string]*Answer, error) {
	p.Local = filepath.Join(p.Local, f.Name)
	if err := os.MkdirAll(p.Local, 0o755); err != nil {
		return nil, err
	}
	if f.Local != "" {
		cmd := exec.Command("sh", "-ec", "umask 022\n"+replacer(p, "DIR").Replace(f.Local))
		cmd.Dir = p.Local
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: local: %w\n%s", f.Name, err, out)
		}
	}
	book, err := f.Playbook(p, cases)
	if err != nil {
		return nil, err
	}
	playbook, inventory := filepath.Join(p.Local, "play.yml"), filepath.Join(p.Local, "hosts")
	if err := os.WriteFile(playbook, book, 0o644); err != nil {
		return nil, err
	}
	if err := os.WriteFile(inventory, []byte("target "+p.Host+"\n"), 0o644); err != nil {
		return nil, err
	}
	if err := play(playbook, inventory); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(p.Local, "results"))
	if err != nil {
		return nil, err
	}
	var list []map[string]any
	dec := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(text), "RESULTS ")))
	dec.UseNumber() // keys have numbers of hundreds of digits
	if err := dec.Decode(&list); err != nil {
		return nil, fmt.Errorf("%s: results: %w", f.Name, err)
	}
	hostStep := 0 // four looks a case
	looks := make([][4][]string, len(cases))
	seen := make([]int, len(cases))
	for _, r := range list[3*len(cases):] {
		for i, text := range parseLooks(fmt.Sprint(r["stdout"])) {
			if i < len(cases) && seen[i] < 4 {
				looks[i][seen[i]] = newNormal(p, dir(p.Dir+"/"+f.Name, i), cases[i]).look(text)
			}
		}
		if f.own() {
			for i := range seen {
				seen[i]++
			}
		} else if i := hostStep / 4; i < len(cases) {
			seen[i]++
		}
		hostStep++
	}
	answers := map[string]*Answer{}
	for i, c := range cases {
		n := newNormal(p, dir(p.Dir+"/"+f.Name, i), c)
		l := looks[i]
		for j := range l {
			if l[j] == nil {
				l[j] = []string{""}
			}
		}
		answers[c.Name] = &Answer{Check: n.result(list[3*i]), Run: n.result(list[3*i+1]), Again: n.result(list[3*i+2]), State: l[2],
			CheckChanges: !slices.Equal(l[0], l[1]), AgainChanges: !slices.Equal(l[2], l[3])}
	}
	return answers, nil
}

// Recorded returns the reference's answers to a file's cases by name; none when nothing has been recorded.
func (f *File) Recorded() (map[string]*Answer, error) {
	text, err := testdata.ReadFile(path.Join("testdata", f.Name+".json"))
	if err != nil {
		return nil, nil
	}
	m, err := parse(text)
	for _, c := range f.Cases {
		if a := m[c.Name]; a != nil { // what is recorded may be older than the newest rule for making answers comparable
			n := newNormal(Place{}, "", c)
			a.Check, a.Run, a.Again = n.result(a.Check), n.result(a.Run), n.result(a.Again)
		}
	}
	return m, err
}

// parse reads recorded answers: what check mode and the second run answered is kept as what differs from the run.
func parse(text []byte) (map[string]*Answer, error) {
	var m map[string]*Answer
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	for _, a := range m {
		a.Check, a.Again = apply(a.Run, a.Check), apply(a.Run, a.Again)
	}
	return m, nil
}

// Format writes answers for Recorded.
func Format(m map[string]*Answer) ([]byte, error) {
	out := map[string]*Answer{}
	for name, a := range m {
		b := *a
		b.Check, b.Again = delta(a.Run, a.Check), delta(a.Run, a.Again)
		out[name] = &b
	}
	text, err := json.MarshalIndent(out, "", " ")
	return append(text, '\n'), err
}

const absent = "(not returned)"

func delta(run, other map[string]any) map[string]any {
	d := map[string]any{}
	for k, v := range other {
		if w, ok := run[k]; !ok || !same(v, w) {
			d[k] = v
		}
	}
	for k := range run {
		if _, ok := other[k]; !ok {
			d[k] = absent
		}
	}
	return d
}

func apply(run, d map[string]any) map[string]any {
	m := map[string]any{}
	for k, v := range run {
		m[k] = v
	}
	for k, v := range d {
		if v == absent {
			delete(m, k)
		} else {
			m[k] = v
		}
	}
	return m
}

func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}
