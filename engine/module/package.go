package module

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/facts"
	"github.com/goplay-engine/goplay/engine/value"
)

type packageArgs struct {
	Name  []string `arg:"name,required" doc:"Packages."`
	State string   `arg:"state,required" doc:"present, absent, latest and what the package manager's module takes."`
	Use   string   `arg:"use,default=auto" doc:"Package manager to use; found out when not given."`
}

// packageDef is the target's half of package: it documents the parameters. The
// others that a package manager's module takes go through to that module, which
// is why Execute hands the arguments over unread (see runPackage).
var packageDef = &Def{
	Name:    "ansible.builtin.package",
	Short:   "Generic OS package manager",
	Args:    func() any { return &packageArgs{} },
	Forward: forwardPackage,
}

// forwardPackage names the module for this host's package manager and the
// arguments it gets.
func forwardPackage(c *Context, args *value.Dict) (string, *value.Dict, error) {
	use := "auto"
	out := value.NewDictCap(args.Len())
	for k, v := range args.All() {
		if value.Str(k) == "use" {
			use = value.Str(v)
			continue
		}
		out.Set(k, v)
	}
	if use == "" || use == "auto" {
		use = facts.PkgMgr()
	}
	switch use {
	case "unknown":
		return "", nil, Errorf(`Could not detect which package manager to use. Try gathering facts or setting the "use" option.`)
	case "dnf4", "yum4":
		use = "dnf"
	}
	if !packageManagers[use[strings.LastIndexByte(use, '.')+1:]] {
		return "", nil, Errorf("Could not find a matching action for the \"" + use + "\" package manager.")
	}
	return use, out, nil
}

// packageManagers are those that have a module here.
var packageManagers = map[string]bool{"apt": true, "dnf": true, "dnf5": true, "yum": true, "pacman": true, "zypper": true, "apk": true}
