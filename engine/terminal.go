package engine

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// terminal asks the person at the terminal.
type terminal struct {
	in  *os.File
	out io.Writer
	r   *bufio.Reader
}

// Prompt implements action.Input.
func (t *terminal) Prompt(ctx context.Context, text string, hidden bool) (string, bool, error) {
	if !term.IsTerminal(int(t.in.Fd())) {
		return "", false, nil
	}
	fmt.Fprint(t.out, text)
	type answer struct {
		line string
		err  error
	}
	ch := make(chan answer, 1)
	go func() {
		if hidden {
			b, err := term.ReadPassword(int(t.in.Fd()))
			fmt.Fprintln(t.out)
			ch <- answer{string(b), err}
			return
		}
		if t.r == nil {
			t.r = bufio.NewReader(t.in)
		}
		line, err := t.r.ReadString('\n')
		if err == io.EOF && line != "" {
			err = nil
		}
		ch <- answer{strings.TrimRight(line, "\r\n"), err}
	}()
	select {
	case a := <-ch:
		return a.line, true, a.err
	case <-ctx.Done():
		return "", true, ctx.Err()
	}
}
