package inventory

import (
	"fmt"
	"path/filepath"
)

// pluginTOML reads the groups of a TOML file.
func (inv *Inventory) pluginTOML(src string) error {
	if filepath.Ext(src) != ".toml" || !isFile(src) {
		return errSkip
	}
	data, _, err := inv.opts.Loader.Bytes(src)
	if err != nil {
		return err
	}
	d, err := readTOML(src, string(data))
	if err != nil {
		return fmt.Errorf("%w", err)
	}
	return inv.parseGroups(src, d, "TOML")
}
