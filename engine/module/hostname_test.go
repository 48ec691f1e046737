package module

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// A name that hostnamectl refuses must not be written past it; recorded from ansible-core 2.14.
func TestHostnamectlInvalid(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho \"Could not set transient hostname: Invalid hostname 'bad name!'\" >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "hostnamectl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	_, err := (&Context{Context: context.Background()}).hostnamectl("bad name!")
	if want := "Command failed rc=1, out=, err=Could not set transient hostname: Invalid hostname 'bad name!'\n"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}
