package lookup

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"context"

	"github.com/gofrs/flock"
)

// lock keeps other hosts and processes from the password file of that name. The
// lock lies in the folder for temporary files, so that none is left beside it.
func lock(path string) (func(), error) {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	sum := sha1.Sum([]byte(path))
	l := flock.New(filepath.Join(os.TempDir(), fmt.Sprintf("goplay-%d-%s.lock", os.Getuid(), hex.EncodeToString(sum[:8]))), flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	ok, err := l.TryLockContext(ctx, 10*time.Millisecond)
	if err != nil || !ok {
		return nil, fmt.Errorf("password lookup cannot get the lock for %s: %v", path, err)
	}
	return func() { _ = l.Unlock() }, nil
}
