package galaxycli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/galaxy"
	"github.com/goplay-engine/goplay/engine/value"
)

func (c *command) role(plain bool) error {
	args := c.Flags.Args()
	switch c.action {
	case "init":
		return c.initSkeleton(args, "role_name", "Role", galaxy.InitRole)
	case "install":
		return c.installRoles(args, plain)
	case "list":
		return c.listRoles(args)
	case "remove":
		return c.removeRoles(args)
	case "info":
		return c.infoRoles(args)
	}
	return c.searchRoles(args)
}

// rolePaths are the folders of roles; those of the command line come first.
func (c *command) rolePaths() []string {
	var out []string
	if c.path != "" {
		for _, p := range filepath.SplitList(c.path) {
			out = append(out, absolute(p))
		}
	}
	return append(out, c.Config.RolesPath()...)
}

func absolute(p string) string {
	p = config.ExpandHome(p)
	if abs, err := filepath.Abs(p); err == nil {
		return abs
	}
	return p
}

func (c *command) installRoles(args []string, plain bool) error {
	if len(args) == 0 && c.file == "" {
		return errors.New("- you must specify a user/role name or a roles file")
	}
	if c.noDeps && c.forceDeps {
		return misused("argument --force-with-deps: not allowed with argument -n/--no-deps")
	}
	var want, cols []galaxy.Requirement
	if c.file != "" {
		if !strings.HasSuffix(c.file, ".yml") && !strings.HasSuffix(c.file, ".yaml") {
			return errors.New("Invalid role requirements file, it must end with a .yml or .yaml extension")
		}
		r, err := galaxy.ReadRequirements(absolute(c.file))
		if err != nil {
			return err
		}
		want, cols = r.Roles, r.Collections
		if !plain && len(cols) > 0 {
			c.Screen.Verbose(3, "", "The requirements file '"+c.file+"' contains collections which will be ignored. To install these collections run 'ansible-galaxy collection install -r' or to install both at the same time run 'ansible-galaxy install -r' without a custom install path.")
		}
	}
	for _, a := range args {
		want = append(want, galaxy.ParseRole(a))
	}
	o, err := c.options()
	if err != nil {
		return err
	}
	if len(want) == 0 && len(cols) == 0 {
		c.Screen.Print("Skipping install, no requirements found", "")
		return nil
	}
	if len(want) > 0 {
		c.Screen.Print("Starting galaxy role install process", "")
		paths := c.rolePaths()
		if err := galaxy.InstallRoles(c.ctx, want, paths[0], paths, o); err != nil {
			return err
		}
	}
	if plain && len(cols) > 0 {
		if c.path != "" {
			c.Warn(fmt.Sprintf("The requirements file '%s' contains collections which will be ignored. To install these collections run 'ansible-galaxy collection install -r' or to install both at the same time run 'ansible-galaxy install -r' without a custom install path.", c.file))
			return nil
		}
		return c.installAt(cols, c.Config.CollectionsPath()[0], o)
	}
	return nil
}

func (c *command) listRoles(args []string) error {
	if len(args) > 1 {
		return misused("unrecognized arguments: " + strings.Join(args[1:], " "))
	}
	found := false
	var missing []string
	for _, p := range c.rolePaths() {
		if _, err := os.Stat(p); err != nil {
			missing = append(missing, fmt.Sprintf("- the configured path %s does not exist.", p))
			continue
		}
		if fi, _ := os.Stat(p); !fi.IsDir() {
			missing = append(missing, fmt.Sprintf("- the configured path %s, exists, but it is not a directory.", p))
			continue
		}
		roles, err := galaxy.ListRoles(p)
		if err != nil {
			missing = append(missing, fmt.Sprintf("- the configured path %s: %v", p, err))
			continue
		}
		if len(args) == 1 {
			r, ok := galaxy.OpenRole(filepath.Join(p, args[0]))
			if !ok {
				continue
			}
			roles = []galaxy.Role{r}
		}
		found = true
		c.Screen.Print("# "+p, "")
		for _, r := range roles {
			v := r.Version
			if v == "" {
				v = "(unknown version)"
			}
			c.Screen.Print(fmt.Sprintf("- %s, %s", r.Name, v), "")
		}
	}
	for _, m := range missing {
		c.Warn(m)
	}
	if len(args) == 1 && !found {
		c.Warn(fmt.Sprintf("- the role %s was not found", args[0]))
	}
	if !found && len(args) == 0 {
		return fmt.Errorf("- None of the provided paths were usable. Please specify a valid path with --roles-path")
	}
	return nil
}

func (c *command) removeRoles(args []string) error {
	if len(args) == 0 {
		return misused("the following arguments are required: role")
	}
	for _, n := range args {
		gone, err := galaxy.RemoveRole(n, c.rolePaths())
		switch {
		case err != nil:
			return fmt.Errorf("Failed to remove role %s: %w", n, err)
		case gone:
			c.Screen.Print("- successfully removed "+n, "")
		default:
			c.Screen.Print(fmt.Sprintf("- %s is not installed, skipping.", n), "")
		}
	}
	return nil
}

func (c *command) infoRoles(args []string) error {
	if len(args) == 0 {
		return misused("the following arguments are required: role_name[,version]")
	}
	for _, a := range args {
		name, _, _ := strings.Cut(a, ",")
		d := value.NewDict()
		r, installed := galaxy.FindRole(name, c.rolePaths())
		if installed {
			meta, err := r.Meta()
			if err != nil {
				return err
			}
			d.Update(meta)
			if r.Known {
				d.Set("install_date", r.Installed)
				if d.Set("installed_version", nil); r.Version != "" {
					d.Set("installed_version", r.Version)
				}
			}
			d.Set("path", filepath.Dir(r.Path))
		}
		if !c.offline {
			if remote := c.remoteRole(name); remote != nil {
				installed = true
				d.Set("github_user", remote.User)
				d.Set("github_repo", remote.Repo)
				d.Set("description", remote.About)
			}
		}
		if !installed {
			c.Screen.Print(fmt.Sprintf("- the role %s was not found", name), "")
			continue
		}
		var b strings.Builder
		if g, ok := d.At("galaxy_info").(*value.Dict); ok && !d.Has("description") {
			g = g.Clone()
			fmt.Fprintf(&b, "\tdescription: %s\n", value.Str(g.At("description")))
			g.Delete("description")
			d.Set("galaxy_info", g)
		}
		describe(&b, d, 1)
		c.Screen.Print(fmt.Sprintf("\nRole: %s\n%s", name, b.String()), "")
	}
	return nil
}

// remoteRole asks the servers; what goes wrong there is told at -v only.
func (c *command) remoteRole(name string) *galaxy.RemoteRole {
	servers, err := c.servers()
	if err != nil {
		return nil
	}
	for _, s := range servers {
		r, err := s.Role(c.ctx, name)
		if err == nil {
			return r
		}
		c.Screen.Verbose(1, "", err.Error())
	}
	return nil
}

// describe writes a dictionary with its keys sorted, tabs for each level.
func describe(b *strings.Builder, d *value.Dict, level int) {
	var keys []string
	for k := range d.All() {
		keys = append(keys, value.Str(k))
	}
	sort.Strings(keys)
	for _, k := range keys {
		margin := strings.Repeat("\t", level)
		if inner, ok := d.At(k).(*value.Dict); ok {
			fmt.Fprintf(b, "%s%s:\n", margin, k)
			describe(b, inner, level+1)
			continue
		}
		fmt.Fprintf(b, "%s%s: %s\n", margin, k, value.Str(d.At(k)))
	}
}

func (c *command) searchRoles(args []string) error {
	if len(args) == 0 && c.platforms == "" && c.tags == "" && c.author == "" {
		return errors.New("Invalid query. At least one search term, platform, galaxy tag or author must be provided.")
	}
	servers, err := c.servers()
	if err != nil {
		return err
	}
	list, err := servers[0].Search(c.ctx, strings.Join(args, " "), c.platforms, c.tags, c.author)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		c.Warn("No roles match your search.")
		return nil
	}
	width := len("Name")
	for _, r := range list {
		width = max(width, len(r.Owner+"."+r.Name))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nFound %d roles matching your search:\n\n %-*s Description\n %-*s -----------\n", len(list), width, "Name", width, "----")
	for _, r := range list {
		fmt.Fprintf(&b, " %-*s %s\n", width, r.Owner+"."+r.Name, r.About)
	}
	return c.Page(b.String())
}
