package lookup

import (
	"fmt"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// decode turns text of another encoding, by the names Python and the web use,
// into UTF-8.
func decode(data []byte, name string) ([]byte, error) {
	switch strings.ToLower(strings.ReplaceAll(name, "_", "-")) {
	case "", "utf-8", "utf8", "ascii", "us-ascii":
		return data, nil
	}
	n := strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	if strings.HasPrefix(n, "iso8859-") {
		n = "iso-" + n[3:]
	}
	enc, err := htmlindex.Get(n)
	if err != nil {
		return nil, fmt.Errorf("unknown encoding: %s", name)
	}
	return enc.NewDecoder().Bytes(data)
}
