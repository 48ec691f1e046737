package engine

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/goplay-engine/goplay/engine/action"
)

// terminal asks the person at the terminal.
type terminal struct {
	in  *os.File
	out io.Writer
	r   *bufio.Reader
}

// Prompt implements action.Input.
func (t *terminal) Prompt(ctx context.Context, text string, hidden bool) (string, bool, error) {
	fd := int(t.in.Fd())
	if !term.IsTerminal(fd) {
		return "", false, nil
	}
	fmt.Fprint(t.out, text)
	type answer struct {
		line string
		err  error
	}
	before, _ := term.GetState(fd)
	ch := make(chan answer, 1)
	go func() {
		if hidden {
			b, err := term.ReadPassword(fd)
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
		if before != nil { // the reader is still at it and would leave the echo off
			_ = term.Restore(fd, before)
		}
		return "", true, ctx.Err()
	}
}

// Line shows a prompt and reads a line from standard input, terminal or not.
func (t *terminal) Line(ctx context.Context, prompt string) (string, error) {
	if term.IsTerminal(int(t.in.Fd())) {
		line, _, err := t.Prompt(ctx, prompt, false)
		return line, err
	}
	fmt.Fprint(t.out, prompt)
	if t.r == nil {
		t.r = bufio.NewReader(t.in)
	}
	line, err := t.r.ReadString('\n')
	if err == io.EOF && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

const (
	ctrlC     = 0x03
	clearLine = "\r\x1b[K"
	askGoOn   = "Press 'C' to continue the play or 'A' to abort \r\n"
)

// Pause implements action.Input. Keys are read one by one, so that Ctrl-C is a
// question and not the end of the run.
func (t *terminal) Pause(ctx context.Context, text string, hidden bool, limit time.Duration) (action.Pause, error) {
	fmt.Fprint(t.out, text)
	var end <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		end = timer.C
	}
	keys, restore, ok := readKeys(t.in)
	if !ok {
		if limit > 0 {
			select {
			case <-end:
			case <-ctx.Done():
				return action.Pause{}, ctx.Err()
			}
		}
		return action.Pause{NoTTY: true}, nil
	}
	defer restore()
	line, asking := "", false
	show := func(s string) {
		if limit == 0 && !hidden {
			fmt.Fprint(t.out, s)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return action.Pause{}, ctx.Err()
		case <-end:
			return action.Pause{}, nil
		case k, more := <-keys:
			switch {
			case !more: // the terminal is gone
				return action.Pause{Line: line}, io.ErrUnexpectedEOF
			case asking && (k == 'c' || k == 'C'):
				fmt.Fprint(t.out, clearLine)
				return action.Pause{}, nil
			case asking && (k == 'a' || k == 'A'):
				fmt.Fprint(t.out, clearLine)
				return action.Pause{Abort: true}, nil
			case asking:
			case k == ctrlC:
				fmt.Fprint(t.out, clearLine+askGoOn)
				asking, end = true, nil
			case limit > 0: // what is typed while time runs is nobody's
			case k == '\r' || k == '\n':
				fmt.Fprint(t.out, clearLine)
				return action.Pause{Line: line}, nil
			case k == 0x7f || k == '\b':
				if _, n := utf8.DecodeLastRuneInString(line); n > 0 {
					line = line[:len(line)-n]
					show("\b \b")
				}
			case k >= ' ' || k == '\t':
				line += string([]byte{k})
				show(string([]byte{k}))
			}
		}
	}
}
