//go:build linux

package labtest

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// TestConformance runs the conformance cases that change whole hosts and compares with what the reference answered.
// CONFORM=name,... runs other lists of engine/module/conform on them; the longest take many minutes.
func TestConformance(t *testing.T) {
	if isRef {
		t.Skip("the reference is what was recorded")
	}
	names := []string{"debhost", "elhost", "user"}
	if s := os.Getenv("CONFORM"); s != "" {
		names = strings.Split(s, ",")
	}
	fresh(t, "el", "node1")
	lab(t, "up", "--flavour", "deb", "node3")
	var wg sync.WaitGroup
	for _, h := range []string{"node1", "node3"} {
		root := hostRoot(t, h)
		wg.Go(func() {
			// packages come through the machine's own network, not the fleet's
			if out, err := exec.Command("nsenter", "--net=/proc/"+os.Getenv("LAB_OUTSIDE")+"/ns/net", top+"/lab/conform/prepare", root).CombinedOutput(); err != nil {
				t.Errorf("prepare %s: %v\n%s", h, err, out)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	cmd := exec.Command("go", append([]string{"run", "./lab/conform", "-compare", "-program", program}, names...)...)
	cmd.Dir = top
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
