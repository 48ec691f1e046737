//go:build linux

package labtest

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// withStorage runs a playbook with the group [storage] in the inventory.
func withStorage(t *testing.T, playbook string, args ...string) outcome {
	t.Helper()
	return run(t, append([]string{"-i", "inventory/hosts.ini", "-i", "inventory/storage.ini", playbook}, args...)...)
}

// storageAdd adds a value through the virtual address and returns the status.
func storageAdd(key, value string) int {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Post("http://"+address+"/storage/keys/"+key, "application/json", strings.NewReader(`{"value": "`+value+`"}`))
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// TestStorage deploys the storage beside the stand, and lets a balancer and then the active server fail.
func TestStorage(t *testing.T) {
	provisioned(t)
	state = "" // the balancers have a route more from now on
	const playbook = "playbooks/storage.yml"
	read := func(want string) func() bool {
		return func() bool {
			_, body := getWithin(2*time.Second, "http://"+address+"/storage/keys/stand", "", "")
			return strings.Contains(body, want)
		}
	}

	preview := withStorage(t, playbook, "--check", "--diff")
	wantGood(t, preview, "ha1", "ha2", "web1", "web2")
	if !strings.Contains(preview.stdout, "+    use_backend storage if storage\n") {
		t.Errorf("the check does not show the route:\n%s", preview.stdout)
	}
	wantGood(t, withStorage(t, playbook), "ha1", "ha2", "web1", "web2")
	again := withStorage(t, playbook)
	wantGood(t, again, "ha1", "ha2", "web1", "web2")
	wantRecap(t, again, "changed", 0, "ha1", "ha2", "web1", "web2")
	whole := withStorage(t, "playbooks/nginx_haproxy_ha.yml")
	wantRecap(t, whole, "changed", 0, "ha1", "ha2", "web1", "web2")

	if !eventually(30*time.Second, func() bool { return storageAdd("stand", "one") == 201 }) {
		t.Fatalf("no value can be added:\n%s", on(t, "web1", "systemctl status storage; journalctl -u storage"))
	}
	if !eventually(30*time.Second, read(`["one"]`)) {
		t.Error("the value is not read")
	}
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/storage/":             {200, "<h1>Storage</h1>"},
		"/storage":              {200, "<h1>Storage</h1>"}, // through a redirection
		"/storage/openapi.json": {200, `"openapi": "3.1.0"`},
		"/storage/healthz":      {200, `"role": "active"`},
		"/storage/keys/nope":    {404, "no such key"},
		"/storage/metrics":      {403, ""},
		"/storage/storage.data": {403, ""},
		"/":                     {200, "Hello, World!"},
	} {
		if code, body := get("http://"+address+path, "", ""); code != want.status || !strings.Contains(body, want.text) {
			t.Errorf("%s: %d %.200s", path, code, body)
		}
	}
	wantService(t)

	// a command on the server works on the same file
	on(t, "web1", "storage --file /var/lib/storage/storage.data --key stand --val two")
	if !eventually(30*time.Second, read(`["one", "two"]`)) {
		t.Error("the value that a command added is not read")
	}
	if status := storageAdd("stand", "three"); status != 201 {
		t.Errorf("after the command, adding gives %d", status)
	}
	exposure := on(t, "web1", "systemd-analyze security --no-pager storage | tail -n 1")
	t.Log(strings.TrimSpace(exposure))
	if !strings.Contains(exposure, "OK") {
		t.Errorf("systemd thinks of the unit: %s", exposure)
	}

	t.Run("ha1 stops", func(t *testing.T) {
		on(t, "ha1", "systemctl stop haproxy")
		if !eventually(30*time.Second, func() bool { return holds(t, "ha2") && read(`["one", "two", "three"]`)() }) {
			t.Error("the storage is not there through ha2")
		}
		if status := storageAdd("stand", "four"); status != 201 {
			t.Errorf("adding through ha2 gives %d", status)
		}
		on(t, "ha1", "systemctl start haproxy")
		if !eventually(30*time.Second, func() bool { return holds(t, "ha1") && read(`"four"]`)() }) {
			t.Error("the storage is not there through ha1 again")
		}
	})
	t.Run("the active server stops", func(t *testing.T) {
		if !eventually(30*time.Second, func() bool {
			_, body := get("http://10.10.1.12:8082/keys/stand", "", "")
			return strings.Contains(body, `"four"]`)
		}) {
			t.Error("the standby has no copy")
		}
		on(t, "web1", "systemctl stop storage")
		if !eventually(30*time.Second, read(`["one", "two", "three", "four"]`)) {
			t.Error("the standby does not answer")
		}
		if status := storageAdd("stand", "lost"); status != 503 {
			t.Errorf("adding at the standby gives %d, want 503", status)
		}
		on(t, "web1", "systemctl start storage")
		if !eventually(30*time.Second, func() bool { return storageAdd("stand", "five") == 201 }) {
			t.Error("the active server is not used again")
		}
		if !eventually(30*time.Second, read(`["one", "two", "three", "four", "five"]`)) {
			t.Error("values are missing")
		}
	})
	t.Run("without the group", func(t *testing.T) {
		wantGood(t, stand(t), standHosts...)
		if !eventually(30*time.Second, func() bool {
			code, _ := get("http://"+address+"/storage/healthz", "", "")
			return code == 404
		}) {
			t.Error("the route is still there")
		}
		wantService(t)
	})
}
