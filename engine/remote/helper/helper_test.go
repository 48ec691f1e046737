package helper

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"testing"

	"github.com/goplay-engine/goplay/engine/remote"
)

func FuzzX86(f *testing.F) {
	f.Add([]byte{0xe8, 1, 0, 0, 0, 0xe9, 0xf0, 0xff, 0xff, 0xff, 0xe8, 0xe8, 0xe8, 0, 0, 0})
	f.Add(bytes.Repeat([]byte{0xe8, 0x10, 0, 0, 0, 0x90}, 30))
	f.Fuzz(func(t *testing.T, in []byte) {
		b := bytes.Clone(in)
		FilterX86(b)
		UnfilterX86(b)
		if !bytes.Equal(b, in) {
			t.Fatalf("%x became %x", in, b)
		}
	})
}

// TestBuilds: every build unpacks to what its header says.
func TestBuilds(t *testing.T) {
	if len(All()) == 0 {
		t.Fatal("no builds, not even this program")
	}
	for _, b := range All() {
		r, err := b.Open()
		if err != nil {
			t.Fatal(err)
		}
		prog, err := io.ReadAll(r)
		r.Close()
		check, _ := remote.FileCheck(bytes.NewReader(prog))
		sum := sha256.Sum256(prog)
		if err != nil || check != b.Check || int64(len(prog)) != b.Size || hex.EncodeToString(sum[:]) != b.Sum {
			t.Errorf("%s/%s: %d of %d bytes, %s, %v", b.OS, b.Arch, len(prog), b.Size, check, err)
		}
	}
}

func TestForUname(t *testing.T) {
	builds := []*Build{{OS: "linux", Arch: "amd64"}, {OS: "linux", Arch: "arm"}}
	for in, want := range map[string]string{"x86_64": "amd64", "armv7l": "arm", "armv8l": "arm", "armv6l": "", "mips": "", "": ""} {
		got := ""
		if b, err := ForUname(builds, "Linux", in); err == nil {
			got = b.Arch
		}
		if got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
