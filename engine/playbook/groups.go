package playbook

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// coreGroups are the action groups that names without a collection mean: each
// stands for groups of collections.
var coreGroups = map[string][]string{
	"acme": {"community.crypto.acme"}, "aws": {"amazon.aws.aws", "community.aws.aws"}, "azure": {"azure.azcollection.azure"},
	"cpm": {"wti.remote.cpm"}, "docker": {"community.general.docker", "community.docker.docker"}, "gcp": {"google.cloud.gcp"},
	"k8s": {"community.kubernetes.k8s", "community.general.k8s", "community.kubevirt.k8s", "community.okd.k8s", "kubernetes.core.k8s"},
	"os":  {"openstack.cloud.os"}, "ovirt": {"ovirt.ovirt.ovirt", "community.general.ovirt"}, "vmware": {"community.vmware.vmware"},
}

// ActionGroup returns the full names of the actions in a group of
// module_defaults (group/NAME), from the action_groups of collections'
// meta/runtime.yml. ok is false where there is no such group.
func (l *Loader) ActionGroup(name string) (actions []string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.actionGroup(name)
}

func (l *Loader) actionGroup(name string) ([]string, bool) {
	name = groupName(name)
	if a, ok := l.groups[name]; ok {
		return a, a != nil
	}
	if l.groups == nil {
		l.groups = map[string][]string{}
	}
	l.groups[name] = []string{} // a group that extends itself ends here
	a := l.readGroup(name)
	l.groups[name] = a
	return a, a != nil
}

// groupName is the full name of a group.
func groupName(name string) string {
	if strings.Count(name, ".") < 2 {
		return "ansible.builtin." + name
	}
	return name
}

// readGroup returns nil where there is no such group.
func (l *Loader) readGroup(name string) []string {
	if short, ok := strings.CutPrefix(name, "ansible.builtin."); ok {
		if _, known := coreGroups[short]; !known {
			return nil
		}
		return l.extended([]string{}, coreGroups[short])
	}
	parts := strings.SplitN(name, ".", 3)
	col := parts[0] + "." + parts[1]
	dir := l.collectionDir(col)
	if dir == "" {
		return nil
	}
	meta, err := l.readVars(filepath.Join(dir, "meta", "runtime.yml"))
	if err != nil {
		return nil
	}
	groups, _ := meta.At("action_groups").(*value.Dict)
	listed, ok := groups.GetStr(name)
	if !ok {
		listed, ok = groups.GetStr(parts[2])
	}
	if !ok {
		return nil
	}
	out := []string{}
	for _, it := range Items(Field{Val: listed, Set: true}) {
		if d, isDict := it.Val.(*value.Dict); isDict {
			more, _ := d.At("metadata").(*value.Dict)
			var extend []string
			for _, e := range Items(Field{Val: more.At("extend_group"), Set: true}) {
				extend = append(extend, inCollection(value.Str(e.Val), col))
			}
			out = l.extended(out, extend)
			continue
		}
		out = append(out, inCollection(value.Str(it.Val), col))
	}
	return out
}

// extended adds the actions of other groups, as far as there are such.
func (l *Loader) extended(out, groups []string) []string {
	for _, g := range groups {
		more, _ := l.actionGroup(g)
		for _, a := range more {
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

func inCollection(name, col string) string {
	if strings.Count(name, ".") < 2 {
		return col + "." + name
	}
	return name
}
