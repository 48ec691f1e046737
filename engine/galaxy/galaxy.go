// Package galaxy installs roles and collections: from folders, archives, git
// repositories, URLs and Galaxy servers; it builds, lists and verifies
// collections.
//
// It imports engine/value and engine/yaml and knows neither configuration nor
// terminal: what it has to say goes through Options.Say and Options.Warn.
package galaxy

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// Options are what all operations share.
type Options struct {
	Servers []*Server // tried in order
	Say     func(text string)
	Warn    func(text string)
	Verbose func(level int, text string)
	// TempDir is a private folder that the caller removes.
	TempDir string

	Force, ForceDeps bool
	NoDeps           bool
	IgnoreErrors     bool
	Pre              bool // prereleases count
	Upgrade          bool
	Offline          bool
	KeepSCM          bool // keep .git and the like in roles
}

// readMap reads a YAML file that holds a dictionary.
func readMap(file string) (*value.Dict, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parseMap(file, src)
}

func parseMap(file string, src []byte) (*value.Dict, error) {
	v, err := yaml.Load(file, src, yaml.Options{DuplicateKeys: "ignore"})
	if err != nil {
		return nil, err
	}
	if v == nil {
		return value.NewDict(), nil
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, fmt.Errorf("%s does not hold a dictionary", file)
	}
	return d, nil
}

// str is an entry as text, "" where there is none.
func str(d *value.Dict, key string) string {
	v := d.At(key)
	if v == nil {
		return ""
	}
	return value.Str(v)
}

// clone checks a git repository out into a new folder.
func clone(ctx context.Context, temp, address, version string) (string, error) {
	dir, err := os.MkdirTemp(temp, "clone-")
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(address, "-") || strings.HasPrefix(version, "-") {
		return "", fmt.Errorf("%q is no repository or version", address+","+version)
	}
	steps := [][]string{{"git", "clone", "--quiet", address, dir}}
	if version != "" && version != "HEAD" && version != "*" {
		steps = append(steps, []string{"git", "-C", dir, "checkout", "--quiet", version})
	}
	for _, s := range steps {
		cmd := exec.CommandContext(ctx, s[0], s[1:]...)
		cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", errors.New(withoutPassword(address, fmt.Sprintf("Failed to clone a Git repository from `%s`: %s", address, strings.TrimSpace(string(out)+" "+err.Error()))))
		}
	}
	return dir, nil
}

// withoutPassword hides the password of an address in a text.
func withoutPassword(address, text string) string {
	u, err := url.Parse(address)
	if err != nil {
		return text
	}
	if pw, ok := u.User.Password(); ok && pw != "" {
		text = strings.ReplaceAll(text, pw, "********")
	}
	return text
}

// replaceDir moves a folder to its place, which may hold an older one.
func replaceDir(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	old := ""
	if _, err := os.Lstat(to); err == nil {
		old = filepath.Join(filepath.Dir(to), fmt.Sprintf(".%s.old-%d", filepath.Base(to), time.Now().UnixNano()))
		if err := os.Rename(to, old); err != nil {
			return err
		}
	}
	if err := os.Rename(from, to); err != nil {
		if old != "" {
			_ = os.Rename(old, to)
		}
		return err
	}
	if old == "" {
		return nil
	}
	return os.RemoveAll(old)
}

// stage makes a folder beside the place where its content will lie.
func stage(to string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(filepath.Dir(to), ".goplay-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// copyTree copies files, folders and symbolic links into a folder.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, p)
		dest := filepath.Join(to, rel)
		fi, err := d.Info()
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.MkdirAll(dest, 0o755)
		case fi.Mode()&os.ModeSymlink != 0:
			link, err := os.Readlink(p)
			if err != nil {
				return err
			}
			return os.Symlink(link, dest)
		case !fi.Mode().IsRegular():
			return nil
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		return os.WriteFile(dest, data, fi.Mode().Perm())
	})
}
