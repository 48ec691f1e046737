package galaxycli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/galaxy"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

func (c *command) collection() error {
	args := c.Flags.Args()
	switch c.action {
	case "init":
		if len(args) == 1 && !galaxy.ValidName(args[0]) {
			return invalidName(args[0])
		}
		return c.initSkeleton(args, "collection_name", "Collection", galaxy.InitCollection)
	case "build":
		return c.build(args)
	case "install":
		return c.installCollections(args)
	case "list":
		return c.listCollections(args)
	case "verify":
		return c.verify(args)
	}
	return c.download(args)
}

func invalidName(name string) error {
	return fmt.Errorf("Invalid collection name '%s', name must be in the format <namespace>.<collection>.\n"+
		"Please make sure namespace and collection name contains characters from [a-zA-Z0-9_] only.", name)
}

func (c *command) build(args []string) error {
	if len(args) == 0 {
		args = []string{"."}
	}
	for _, a := range args {
		made, file, err := galaxy.Build(absolute(a), absolute(c.out), c.force)
		if err != nil {
			return err
		}
		c.Screen.Print(fmt.Sprintf("Created collection for %s at %s", made.Name, file), "")
	}
	return nil
}

// wanted are the collections of the command line or of the file.
func (c *command) wanted(args []string) ([]galaxy.Requirement, error) {
	if len(args) > 0 && c.file != "" {
		return nil, errors.New("The positional collection_name arg and --requirements-file are mutually exclusive.")
	}
	if len(args) == 0 && c.file == "" {
		return nil, errors.New("You must specify a collection name or a requirements file.")
	}
	if c.file != "" {
		r, err := galaxy.ReadRequirements(absolute(c.file))
		if err != nil {
			return nil, err
		}
		return r.Collections, nil
	}
	var out []galaxy.Requirement
	for _, a := range args {
		q, err := galaxy.ParseCollection(a)
		if err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, nil
}

func (c *command) installCollections(args []string) error {
	want, err := c.wanted(args)
	if err != nil {
		return err
	}
	o, err := c.options()
	if err != nil {
		return err
	}
	to := c.Config.CollectionsPath()[0]
	if c.path != "" {
		to = absolute(strings.TrimSuffix(c.path, "/ansible_collections"))
		if !slices.Contains(c.Config.CollectionsPath(), to) && c.Config.Bool("GALAXY_COLLECTIONS_PATH_WARNING") {
			c.Warn(fmt.Sprintf("The specified collections path '%s' is not part of the configured Ansible collections paths '%s'. The installed collection will not be picked up in an Ansible run, unless within a playbook-adjacent collections directory.",
				to, strings.Join(c.Config.CollectionsPath(), ":")))
		}
	}
	return c.installAt(want, to, o)
}

func (c *command) installAt(want []galaxy.Requirement, to string, o *galaxy.Options) error {
	c.Screen.Print("Starting galaxy collection install process", "")
	where := []string{to}
	if c.path == "" {
		where = c.Config.CollectionsPath()
	}
	return galaxy.InstallCollections(c.ctx, want, to, where, o)
}

// collectionPaths are the folders of collections; those of the command line come
// first.
func (c *command) collectionPaths() []string {
	var out []string
	if c.path != "" {
		for _, p := range filepath.SplitList(c.path) {
			out = append(out, absolute(strings.TrimSuffix(p, "/ansible_collections")))
		}
	}
	return append(out, c.Config.CollectionsPath()...)
}

func (c *command) listCollections(args []string) error {
	if len(args) > 1 {
		return misused("unrecognized arguments: " + strings.Join(args[1:], " "))
	}
	if len(args) == 1 && !galaxy.ValidName(args[0]) {
		return invalidName(args[0])
	}
	if !slices.Contains([]string{"human", "yaml", "json"}, c.format) {
		return misused(fmt.Sprintf("argument --format: invalid choice: '%s' (choose from 'human', 'yaml', 'json')", c.format))
	}
	all, found, usable := value.NewDict(), false, false
	var text strings.Builder
	for _, p := range c.collectionPaths() {
		dir := filepath.Join(p, "ansible_collections")
		if fi, err := os.Stat(dir); err != nil || !fi.IsDir() {
			c.Warn(fmt.Sprintf("- the configured path %s does not exist.", dir))
			continue
		}
		usable = true
		list, err := galaxy.Installed(p)
		if err != nil {
			return err
		}
		if len(args) == 1 {
			list = slices.DeleteFunc(list, func(x *galaxy.Collection) bool { return x.Name != args[0] })
		}
		d := value.NewDict()
		wide, deep := len("Collection"), len("Version")
		for _, x := range list {
			d.Set(x.Name, value.DictOf("version", x.Version))
			wide, deep = max(wide, len(x.Name)), max(deep, len(x.Version))
		}
		if len(list) == 0 {
			continue
		}
		found = true
		all.Set(dir, d)
		fmt.Fprintf(&text, "\n# %s\n%-*s %-*s\n%s %s\n", dir, wide, "Collection", deep, "Version", strings.Repeat("-", wide), strings.Repeat("-", deep))
		for _, x := range list {
			fmt.Fprintf(&text, "%-*s %-*s\n", wide, x.Name, deep, x.Version)
		}
	}
	switch {
	case len(args) == 1 && !found:
		c.Warn(fmt.Sprintf("- unable to find %s in collection paths", args[0]))
	case len(args) == 0 && !usable:
		return errors.New("- None of the provided paths were usable. Please specify a valid path with --collections-path")
	}
	switch c.format {
	case "json":
		s, err := value.DumpJSON(all, value.JSONOptions{})
		c.Screen.Print(s, "")
		return err
	case "yaml":
		s, err := yaml.Dump(all, yaml.DumpOptions{})
		c.Screen.Print(strings.TrimRight(s, "\n"), "")
		return err
	}
	if text.Len() > 0 {
		c.Screen.Print(text.String(), "")
	}
	return nil
}

func (c *command) verify(args []string) error {
	want, err := c.wanted(args)
	if err != nil {
		return err
	}
	if !c.offline {
		c.Screen.Verbose(1, "", "collections are compared with their own manifest; servers are not asked")
	}
	bad := false
	for _, q := range want {
		if q.Type != "galaxy" {
			return fmt.Errorf("'%s' is not a collection name; only installed collections can be verified", q.Name)
		}
		dir := ""
		for _, p := range c.collectionPaths() {
			d := filepath.Join(p, "ansible_collections", filepath.FromSlash(strings.Replace(q.Name, ".", "/", 1)))
			if _, err := os.Stat(filepath.Join(d, "MANIFEST.json")); err == nil {
				dir = d
				break
			}
		}
		if dir == "" {
			err := fmt.Errorf("Collection %s is not installed in any of the collection paths.", q.Name)
			if !c.ignore {
				return err
			}
			c.Warn(err.Error())
			continue
		}
		col, err := galaxy.OpenDir(dir)
		if err != nil {
			return err
		}
		c.Screen.Print(fmt.Sprintf("Verifying '%s'.", col), "")
		c.Screen.Print(fmt.Sprintf("Installed collection found at '%s'", dir), "")
		sum, modified, err := galaxy.Verify(dir)
		if err != nil {
			return err
		}
		c.Screen.Print("MANIFEST.json hash: "+sum, "")
		if len(modified) == 0 {
			c.Screen.Print(fmt.Sprintf("Successfully verified that checksums for '%s' are internally consistent with its manifest.", col), "")
			continue
		}
		bad = true
		c.Screen.Print(fmt.Sprintf("Collection %s contains modified content in the following files:", col.Name), "")
		for _, m := range modified {
			c.Screen.Print("    "+m, "")
		}
	}
	if bad {
		return errQuiet
	}
	return nil
}

// download fetches archives with their dependencies and writes a file that
// installs them.
func (c *command) download(args []string) error {
	want, err := c.wanted(args)
	if err != nil {
		return err
	}
	o, err := c.options()
	if err != nil {
		return err
	}
	return galaxy.Download(c.ctx, want, absolute(c.out), o)
}
