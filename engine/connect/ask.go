package connect

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
)

// AskOnTerminal returns a function for Options.AskHostKey that asks on the
// controlling terminal, one question at a time, or nil where there is none.
func AskOnTerminal() func(question, fingerprint string) bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	var mu sync.Mutex
	in := bufio.NewReader(tty)
	return func(question, fingerprint string) bool {
		mu.Lock()
		defer mu.Unlock()
		for {
			fmt.Fprint(tty, question)
			line, err := in.ReadString('\n')
			if err != nil {
				return false
			}
			switch a := strings.TrimSpace(line); {
			case strings.EqualFold(a, "yes"), a == fingerprint:
				return true
			case strings.EqualFold(a, "no"):
				return false
			}
			question = "Please type 'yes', 'no' or the fingerprint: "
		}
	}
}
