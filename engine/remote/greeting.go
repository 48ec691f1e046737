package remote

import (
	"bufio"
	"errors"
	"io"
)

// maxNoise is how much output of login scripts is skipped before the helper's
// greeting.
const maxNoise = 256 << 10

// ErrNoHello says that the channel ended before a helper greeted.
type ErrNoHello struct {
	Output string // what came instead, at most a few KB
	Err    error
}

func (e *ErrNoHello) Error() string {
	if e.Err != nil && e.Err != io.EOF {
		return "no greeting from the helper: " + e.Err.Error()
	}
	return "no greeting from the helper"
}

// NewClient waits for the helper's greeting on p and returns the session.
// host is the inventory name, used in errors. line, when not nil, sees every
// line of other output that comes before the greeting (start scripts report
// in it) and may end the waiting with an error, which is returned as it is.
func NewClient(host string, p Pipe, line func(string) error) (*Client, error) {
	br := bufio.NewReaderSize(p.R, 4096)
	noise, err := skipToMagic(br, line)
	if err != nil {
		return nil, err
	}
	f, err := readFrame(br)
	if err != nil || f.kind != kindHello {
		return nil, &ErrNoHello{Output: noise, Err: err}
	}
	h, err := decodeHello(f.payload)
	if err != nil {
		return nil, &ErrNoHello{Output: noise, Err: err}
	}
	c := &Client{host: host, pipe: p, fw: newFrameWriter(p.W), hello: h,
		calls: map[uint32]*call{}, done: make(chan struct{})}
	go c.read(br)
	return c, nil
}

func skipToMagic(br *bufio.Reader, line func(string) error) (string, error) {
	const keep = 4096
	var noise, cur []byte
	for n := 0; n < maxNoise; n++ {
		b, err := br.ReadByte()
		if err != nil {
			if line != nil && len(cur) > 0 {
				if lerr := line(string(cur)); lerr != nil {
					return "", lerr
				}
			}
			return "", &ErrNoHello{Output: string(append(noise, cur...)), Err: err}
		}
		cur = append(cur, b)
		if b != '\n' {
			continue
		}
		// A greeting may follow noise that did not end its line.
		if k := len(cur) - len(Magic); k >= 0 && string(cur[k:]) == Magic {
			return string(append(noise, cur[:k]...)), nil
		}
		if line != nil {
			if err := line(string(cur)); err != nil {
				return "", err
			}
		}
		if noise = append(noise, cur...); len(noise) > keep {
			noise = noise[len(noise)-keep:]
		}
		cur = cur[:0]
	}
	return "", &ErrNoHello{Output: string(noise), Err: errors.New("too much other output")}
}
