package keep

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func TestFrames(t *testing.T) {
	var b bytes.Buffer
	w := &writer{w: &b}
	long := bytes.Repeat([]byte("x"), 3*chunk+1)
	if n, err := w.data(kindData, long); n != len(long) || err != nil {
		t.Fatal(n, err)
	}
	_ = w.frame(kindEOF, nil)
	var got []byte
	for {
		kind, p, err := readFrame(&b, nil)
		if err != nil || kind != kindData {
			if kind != kindEOF || len(p) > 0 || err != nil {
				t.Error(kind, p, err)
			}
			break
		}
		got = append(got, p...)
	}
	if !bytes.Equal(got, long) {
		t.Error(len(got))
	}
	if _, _, err := readFrame(&b, nil); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// FuzzFrame feeds the reader anything: it must end, without taking more memory
// than a frame may have.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("d\x00\x00\x00\x02hif\x00\x00\x00\x00"))
	f.Add([]byte{'d', 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bytes.NewReader(in)
		for n := 0; ; n++ {
			_, p, err := readFrame(r, make([]byte, 3))
			if err != nil {
				return
			}
			if len(p) > len(in) || n > len(in) {
				t.Fatal("more than there was")
			}
		}
	})
}
