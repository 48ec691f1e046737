//go:build !windows

package inventory

import "os"

// executable tells whether a source is a script to be run.
func executable(_ string, st os.FileInfo) bool { return st.Mode()&0o111 != 0 }
