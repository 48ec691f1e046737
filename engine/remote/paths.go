package remote

import (
	"os"
	"os/user"
	"path/filepath"
	"strings"
)

// ExpandPath expands a leading ~ or ~user and variables, for this process's
// identity; what cannot be expanded stays as it is.
func ExpandPath(p string) string {
	if p == "" {
		return ""
	}
	if strings.Contains(p, "$") {
		p = os.Expand(p, func(name string) string {
			if v, ok := os.LookupEnv(name); ok {
				return v
			}
			if name == "HOME" {
				return homeDir()
			}
			return "$" + name
		})
	}
	if p[0] != '~' {
		return p
	}
	name, rest, _ := strings.Cut(p[1:], "/")
	home := homeDir()
	if name != "" {
		u, err := user.Lookup(name)
		if err != nil {
			return p
		}
		home = u.HomeDir
	}
	return filepath.Join(home, rest)
}

// homeDir is the identity's home folder, also where HOME is not set.
func homeDir() string {
	if h, err := os.UserHomeDir(); err == nil && h != "" {
		return h
	}
	if u, err := user.Current(); err == nil && u.HomeDir != "" {
		return u.HomeDir
	}
	return "/"
}
