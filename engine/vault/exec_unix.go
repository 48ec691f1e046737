//go:build !windows

package vault

import "os"

// executable tells whether a password file is to be run.
func executable(_ string, st os.FileInfo) bool { return st.Mode()&0o111 != 0 }
