package inventory

import (
	"os"
	"path/filepath"
	"strings"
)

// executable tells whether a source is a script to be run: Windows goes by the name.
func executable(path string, _ os.FileInfo) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".exe", ".bat", ".cmd":
		return true
	}
	return false
}
