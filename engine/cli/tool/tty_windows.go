package tool

import (
	"errors"
	"os"
)

// openTTY is not used: the console's input is a terminal already.
func openTTY() (*os.File, error) { return nil, errors.New("no /dev/tty") }
