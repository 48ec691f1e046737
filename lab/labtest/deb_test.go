//go:build linux

package labtest

import (
	"strings"
	"testing"
)

// TestDebian provisions Debian hosts that have no Python. It runs last but for its name: it replaces the hosts.
func TestDebian(t *testing.T) {
	fresh(t, "deb", standHosts...)
	if isRef {
		for _, h := range standHosts {
			on(t, h, "DEBIAN_FRONTEND=noninteractive apt-get install -y python3 python3-apt")
		}
	} else if out := on(t, "ha1", "command -v python3 python"); out != "" {
		t.Fatalf("the host has a Python: %s", out)
	}
	before := snapAll(t, standHosts...)
	o := stand(t, "--check", "--diff")
	wantGood(t, o, standHosts...)
	wantSame(t, before, snapAll(t, standHosts...))

	wantGood(t, stand(t), standHosts...)
	wantService(t)
	o = stand(t, "--diff")
	wantGood(t, o, standHosts...)
	wantRecap(t, o, "changed", 0, standHosts...)
	if strings.Contains(o.stdout, "--- before") {
		t.Error("the second run shows a difference")
	}
	wantClean(t, standHosts...)
}
