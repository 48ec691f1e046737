package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/goplay-engine/goplay/engine/load"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// ExtraVars reads every -e: @file, JSON or YAML text, or k=v words; merge
// combines dictionaries as hash_behaviour = merge does.
func ExtraVars(args []string, files *load.Loader, merge bool) (*value.Dict, error) {
	out := value.NewDict()
	for _, a := range args {
		a = strings.TrimSpace(a)
		var v value.Value
		var err error
		switch {
		case a == "":
			continue
		case a[0] == '@':
			v, err = files.Value(a[1:])
			if errors.Is(err, fs.ErrNotExist) {
				err = fmt.Errorf("Unable to retrieve file contents\nCould not find or access '%s' on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option", a[1:])
			}
		case a[0] == '/' || a[0] == '.':
			return nil, &UsageError{fmt.Sprintf("Please prepend extra_vars filename '%s' with '@'", a)}
		case a[0] == '[' || a[0] == '{':
			v, err = yaml.Load("<extra vars>", []byte(a), files.Options("<extra vars>", false))
		default:
			v, err = playbook.ParseKV(a, false)
		}
		if err != nil {
			return nil, err
		}
		d, ok := v.(*value.Dict)
		switch {
		case !ok && v != nil:
			return nil, &UsageError{fmt.Sprintf("Invalid extra vars data supplied. '%s' could not be made into a dictionary", a)}
		case merge:
			out = value.Combine(out, d)
		default:
			out.Update(d)
		}
	}
	return out, nil
}
