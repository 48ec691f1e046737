package conform

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Compare lists how an answer differs from the recorded one; wanted differences of the case are left out.
func (c *Case) Compare(got, want *Answer) []string {
	if c.Documented != "" {
		return c.asDocumented(got)
	}
	if _, ok := c.Differs["*"]; ok {
		return nil
	}
	var out []string
	for _, p := range []struct {
		name      string
		got, want map[string]any
	}{{"check", got.Check, want.Check}, {"run", got.Run, want.Run}, {"again", got.Again, want.Again}} {
		if _, ok := c.Differs[p.name]; ok {
			continue
		}
		out = append(out, c.differences(p.name, "", p.got, p.want)...)
	}
	if _, ok := c.Differs["state"]; !ok {
		out = append(out, lines(got.State, want.State)...)
	}
	if got.CheckChanges && !want.CheckChanges {
		out = append(out, "check mode changed the host")
	}
	if _, ok := c.Differs["again_changes"]; !ok && got.AgainChanges != want.AgainChanges {
		out = append(out, fmt.Sprintf("the second run changed the host: got %v want %v", got.AgainChanges, want.AgainChanges))
	}
	return out
}

// asDocumented compares what is promised, and asks for what holds for all modules: check mode predicts and changes
// nothing, a second run has nothing to do.
func (c *Case) asDocumented(got *Answer) []string {
	promised := map[string]any{}
	for k := range c.Want {
		promised[k] = got.Run[k]
	}
	out := c.differences("run", "", promised, newNormal(Place{}, "", c).result(c.Want))
	if c.State != nil {
		var state []string
		for _, l := range got.State {
			state = append(state, strings.TrimRight(l, " "))
		}
		out = append(out, lines(state, c.State)...)
	}
	for _, p := range []struct {
		name string
		bad  bool
	}{{"check", !same(got.Check["changed"], got.Run["changed"])}, {"check_changes", got.CheckChanges},
		{"again", got.Again["changed"] == true}, {"again_changes", got.AgainChanges}} {
		if _, meant := c.Differs[p.name]; p.bad && !meant {
			out = append(out, fmt.Sprintf("%s: check %v, run %v, again %v", p.name, got.Check, got.Run, got.Again))
		}
	}
	return out
}

func (c *Case) differences(mode, at string, got, want any) []string {
	if _, ok := c.Differs[at]; ok && at != "" {
		return nil
	}
	if _, ok := c.Differs[mode+" "+at]; ok {
		return nil
	}
	g, isMap := got.(map[string]any)
	w, bothMaps := want.(map[string]any)
	if !isMap || !bothMaps {
		if gl, ok := got.([]any); ok {
			if wl, ok := want.([]any); ok && len(gl) == len(wl) {
				var out []string
				for i := range gl {
					out = append(out, c.differences(mode, at, gl[i], wl[i])...)
				}
				return out
			}
		}
		if same(got, want) {
			return nil
		}
		return []string{fmt.Sprintf("%s: %s\n   got  %s\n   want %s", mode, at, show(got), show(want))}
	}
	keys := map[string]bool{}
	for k := range g {
		keys[k] = true
	}
	for k := range w {
		keys[k] = true
	}
	var out []string
	for _, k := range slices.Sorted(func(yield func(string) bool) {
		for k := range keys {
			if !yield(k) {
				return
			}
		}
	}) {
		where := strings.TrimPrefix(at+"."+k, ".")
		gv, gok := g[k]
		wv, wok := w[k]
		if !gok {
			gv = absent
		}
		if !wok {
			wv = absent
		}
		out = append(out, c.differences(mode, where, gv, wv)...)
	}
	return out
}

func show(v any) string {
	b, _ := json.Marshal(v)
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(b))
}

// lines shows the lines of the state that only one side has.
func lines(got, want []string) []string {
	if slices.Equal(got, want) {
		return nil
	}
	var out []string
	for _, l := range want {
		if !slices.Contains(got, l) {
			out = append(out, "   - "+l)
		}
	}
	for _, l := range got {
		if !slices.Contains(want, l) {
			out = append(out, "   + "+l)
		}
	}
	if len(out) == 0 {
		return []string{fmt.Sprintf("state: order\n   got  %q\n   want %q", got, want)}
	}
	return []string{"state (- reference, + goplay):\n" + strings.Join(out, "\n")}
}
