package run

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// order sorts the hosts as the keyword order says.
func (ps *playState) order(t *templar.Templar, hosts []string) ([]string, error) {
	kw := keywords{t: t, node: ps.play}
	o, ok := kw.text(playbook.KeyOrder)
	hosts = append([]string(nil), hosts...)
	if !ok || o == "inventory" || o == "" {
		return hosts, kw.err
	}
	switch o {
	case "sorted":
		sort.Strings(hosts)
	case "reverse_sorted":
		sort.Sort(sort.Reverse(sort.StringSlice(hosts)))
	case "reverse_inventory":
		for i, j := 0, len(hosts)-1; i < j; i, j = i+1, j-1 {
			hosts[i], hosts[j] = hosts[j], hosts[i]
		}
	case "shuffle":
		rand.Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
	default:
		return nil, &FatalError{Msg: fmt.Sprintf("Invalid order specified: %s, must be one of sorted, reverse_sorted, inventory, reverse_inventory, shuffle", o), Exit: ExitError}
	}
	return hosts, nil
}

// batches cuts the hosts as serial says, those that failed before included.
func (ps *playState) batches(t *templar.Templar) ([][]string, error) {
	f := ps.play.Get(playbook.KeySerial)
	hosts := ps.all
	if !f.Set {
		return [][]string{hosts}, nil
	}
	v, err := t.Render(f.Val, f.Pos)
	if err != nil {
		return nil, &FatalError{Msg: err.Error(), Exit: ExitError}
	}
	if isOmit(t, v) {
		return [][]string{hosts}, nil
	}
	steps := []value.Value{v}
	if l, ok := v.(*value.List); ok {
		steps = l.Items
	}
	var out [][]string
	for i := 0; len(hosts) > 0; i++ {
		n := len(hosts)
		if len(steps) > 0 {
			n, err = serialSize(steps[min(i, len(steps)-1)], len(ps.all))
			if err != nil {
				return nil, err
			}
		}
		if n <= 0 || n > len(hosts) {
			n = len(hosts)
		}
		out = append(out, hosts[:n])
		hosts = hosts[n:]
	}
	return out, nil
}

// serialSize reads one entry of serial: a number or a percentage of all hosts,
// which is cut to an integer and at least 1.
func serialSize(v value.Value, all int) (int, error) {
	s := strings.TrimSpace(value.Str(v))
	if p, ok := strings.CutSuffix(s, "%"); ok {
		f, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil {
			return 0, &FatalError{Msg: fmt.Sprintf("serial: %q is neither a number nor a percentage", s), Exit: ExitError}
		}
		return max(int(f/100*float64(all)), 1), nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, &FatalError{Msg: fmt.Sprintf("serial: %q is neither a number nor a percentage", s), Exit: ExitError}
	}
	return n, nil
}

// alive leaves out hosts that failed or could not be reached in earlier plays.
func (ps *playState) alive(names []string) []string {
	var out []string
	for _, n := range names {
		if !ps.r.failed.has(n) && !ps.r.dead.has(n) {
			out = append(out, n)
		}
	}
	return out
}

func (ps *playState) runBatch(ctx context.Context, names []string) error {
	ps.batch, ps.batchSize = ps.batch[:0], len(names)
	ps.ownRoles() // what includes of an earlier batch brought in is gone
	entries := ps.compile()
	ps.entries = entries
	names = ps.alive(names) // nobody may be left: the reference goes on to the next play
	seeks := !ps.r.started
	for _, n := range names {
		h := &hostRun{name: n, notified: map[*playbook.Task]bool{}, seeks: seeks}
		h.cur.selects = func(list []playbook.Entry) bool { return ps.anySelected(h, list) }
		h.cur.push(frame{entries: entries})
		ps.batch = append(ps.batch, h)
		ps.byName[n] = h
	}
	for _, h := range ps.batch {
		ps.r.o.Inventory.Layers(h.name) // read here, so that mistakes are told before any task
	}
	if err := ps.r.inventoryErr(); err != nil {
		return err
	}
	for _, h := range ps.batch {
		if err := ps.refreshFiles(h); err != nil {
			return err
		}
	}
	switch ps.strategy {
	case "free", "host_pinned":
		return ps.free(ctx)
	}
	return ps.linear(ctx)
}
