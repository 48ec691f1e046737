package foreign

import (
	"embed"
	"io/fs"
	"strings"
)

// ownUtils are goplay's own module_utils: what most modules import, for
// controllers on which no ansible-core is installed.
//
//go:embed all:utils/module_utils
var ownUtils embed.FS

// builtinUtils finds a module_utils name among goplay's own.
func builtinUtils(full string) *source {
	tail, ok := strings.CutPrefix(full, "ansible.module_utils.")
	if !ok {
		return nil
	}
	rel := strings.ReplaceAll(tail, ".", "/")
	base := "utils/module_utils/" + rel
	name := "ansible/module_utils/" + rel
	if data, err := fs.ReadFile(ownUtils, base+".py"); err == nil {
		return &source{name: name + ".py", data: data}
	}
	if data, err := fs.ReadFile(ownUtils, base+"/__init__.py"); err == nil {
		return &source{name: name + "/__init__.py", data: data, isPackage: true}
	}
	return nil
}

// OwnUtils are goplay's own module_utils as files, for plugins on the controller.
func OwnUtils() fs.FS {
	f, _ := fs.Sub(ownUtils, "utils/module_utils")
	return f
}

// InstalledAnsible is the folder of an installed ansible-core, "" where there is
// none.
func InstalledAnsible() string { return coreDir() }
