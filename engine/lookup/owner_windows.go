package lookup

import (
	"os"

	"github.com/goplay-engine/goplay/engine/value"
)

func owner(d *value.Dict, info os.FileInfo) {}
