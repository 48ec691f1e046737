package action

import (
	"os"
	"strings"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

// patchAction brings the controller's patch file along with the request.
func patchAction(c *Context) (*value.Dict, error) {
	key := "src"
	if !c.Args.Has(key) {
		key = "patchfile"
	}
	src := argText(c.Args, key)
	if src == "" {
		return Fail("src is required"), nil
	}
	if asBool(c.Args.At("remote_src"), false) {
		return c.Module(c.Name, c.Args, nil)
	}
	path, err := c.Find("files", src)
	if err != nil {
		return Fail(err.Error()), nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Fail(strings.TrimPrefix(err.Error(), "open ")), nil
	}
	if len(data) > remote.BlobMax {
		return Fail("the patch file " + path + " is larger than a request holds; copy it to the host and use remote_src"), nil
	}
	if data == nil {
		data = []byte{}
	}
	return c.Module(c.Name, c.Args, data)
}
