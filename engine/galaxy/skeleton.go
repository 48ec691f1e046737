package galaxy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// roleFiles is what a new role holds; NAME stands for its name.
var roleFiles = map[string]string{
	"README.md": `# NAME

What the role does, in one or two sentences.

## Requirements

What must be there before the role runs.

## Role variables

| variable | default | meaning |
| --- | --- | --- |

## Dependencies

Other roles this one needs.

## Example

    - hosts: servers
      roles:
        - role: NAME

## License

## Author
`,
	"defaults/main.yml": "---\n# defaults file for NAME\n",
	"files/":            "",
	"handlers/main.yml": "---\n# handlers file for NAME\n",
	"meta/main.yml": `galaxy_info:
  author: your name
  description: your role description
  company: your company (optional)
  # one of https://spdx.org/licenses/
  license: license (GPL-2.0-or-later, MIT, etc)
  min_ansible_version: "2.1"
  # platforms:
  #   - name: Debian
  #     versions: [bookworm]
  galaxy_tags: []

dependencies: []
`,
	"tasks/main.yml":  "---\n# tasks file for NAME\n",
	"templates/":      "",
	"tests/inventory": "localhost\n\n",
	"tests/test.yml":  "---\n- hosts: localhost\n  remote_user: root\n  roles:\n    - NAME\n",
	"vars/main.yml":   "---\n# vars file for NAME\n",
}

var collectionFiles = map[string]string{
	"README.md": "# Ansible Collection - NAMESPACE.NAME\n\nDocumentation for the collection.\n",
	"docs/":     "",
	"galaxy.yml": `# The collection's name: small letters, digits and underscores in both parts.
namespace: NAMESPACE
name: NAME

# A semantic version.
version: 1.0.0

# The readme file, relative to this folder.
readme: README.md

authors:
  - your name <example@domain.com>

description: your collection description

# SPDX names; or license_file with a path.
license:
  - GPL-2.0-or-later
license_file: ''

tags: []

# Collections this one needs, with ranges of versions: community.general: ">=6.0.0,<9.0.0"
dependencies: {}

repository: http://example.com/repository
documentation: http://docs.example.com
homepage: http://example.com
issues: http://example.com/issue/tracker

# Patterns of files that the archive leaves out.
build_ignore: []
`,
	"meta/runtime.yml":  "---\n# The releases of Ansible that the collection works with.\n# requires_ansible: '>=2.9.10'\n",
	"plugins/README.md": "# Plugins\n\nPlugins of each kind lie in a folder of that kind: modules, module_utils, filter, lookup, inventory ...\n",
	"roles/":            "",
}

// ErrExists says that a skeleton's folder is there already.
type ErrExists struct{ Dir string }

func (e *ErrExists) Error() string {
	return fmt.Sprintf("- the directory %s already exists. You can use --force to re-initialize this directory,\n"+
		"however it will reset any main.yml files that may have\nbeen modified there already.", e.Dir)
}

// InitRole makes a new role below parent, from the skeleton folder or a plain one.
func InitRole(name, parent, skeleton string, ignore []string, force bool) error {
	return initDir(filepath.Join(parent, name), roleFiles, map[string]string{"NAME": name, "role_name": name}, skeleton, ignore, force)
}

// InitCollection makes a new collection below parent.
func InitCollection(full, parent, skeleton string, ignore []string, force bool) error {
	ns, name, _ := strings.Cut(full, ".")
	return initDir(filepath.Join(parent, ns, name), collectionFiles,
		map[string]string{"NAMESPACE": ns, "NAME": name, "namespace": ns, "collection_name": name}, skeleton, ignore, force)
}

func initDir(dir string, files, names map[string]string, skeleton string, ignore []string, force bool) error {
	if fi, err := os.Stat(dir); err == nil {
		if !fi.IsDir() {
			return fmt.Errorf("- the path %s already exists, but is a file - aborting", dir)
		}
		if !force {
			return &ErrExists{dir}
		}
	}
	if skeleton != "" {
		var err error
		if files, err = readSkeleton(skeleton, ignore, names); err != nil {
			return err
		}
	} else {
		plain := files
		files = map[string]string{}
		for f, text := range plain {
			// NAMESPACE holds NAME, so it goes first
			files[f] = strings.ReplaceAll(strings.ReplaceAll(text, "NAMESPACE", names["NAMESPACE"]), "NAME", names["NAME"])
		}
	}
	for f, text := range files {
		to := filepath.Join(dir, filepath.FromSlash(f))
		if strings.HasSuffix(f, "/") {
			if err := os.MkdirAll(to, 0o755); err != nil {
				return err
			}
			continue
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, []byte(text), 0o644)); err != nil {
			return err
		}
	}
	return nil
}

var expression = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

// readSkeleton reads a skeleton of the user's own: names ending in .j2 hold
// {{ role_name }} and the like and lose that ending; so do names of files.
func readSkeleton(skeleton string, ignore []string, names map[string]string) (map[string]string, error) {
	var skip []*regexp.Regexp
	for _, i := range ignore {
		re, err := regexp.Compile(i)
		if err != nil {
			return nil, fmt.Errorf("the pattern %q of skeleton_ignore: %w", i, err)
		}
		skip = append(skip, re)
	}
	fill := func(s string) string {
		return expression.ReplaceAllStringFunc(s, func(m string) string {
			if v, ok := names[expression.FindStringSubmatch(m)[1]]; ok {
				return v
			}
			return m
		})
	}
	if !isDir(skeleton) {
		return nil, fmt.Errorf("- the skeleton path '%s' does not exist, cannot initialize from it", skeleton)
	}
	out := map[string]string{}
	err := filepath.WalkDir(skeleton, func(p string, d os.DirEntry, err error) error {
		if err != nil || p == skeleton {
			return err
		}
		rel, _ := filepath.Rel(skeleton, p)
		rel = filepath.ToSlash(rel)
		for _, re := range skip {
			if re.MatchString(rel) {
				if d.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
		}
		if d.IsDir() {
			out[fill(rel)+"/"] = ""
			return nil
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		name, text := fill(rel), string(data)
		if plain, ok := strings.CutSuffix(name, ".j2"); ok && !strings.HasPrefix(rel, "templates/") && !strings.Contains(rel, "/templates/") {
			name, text = plain, fill(text)
		}
		out[name] = text
		return nil
	})
	return out, err
}
