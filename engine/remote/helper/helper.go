// Package helper holds the builds of the remote helper, compressed and
// embedded (see README.md for how they are made).
//
// It imports nothing from the rest of the engine.
package helper

//go:generate go run ../build

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/goplay-engine/goplay/engine/remote"
)

// The pattern matches README.md too, so that the package compiles before any
// build was made.
//
//go:embed [Rl]*
var files embed.FS

// Build is one helper program.
type Build struct {
	OS, Arch string // Go's names
	Sum      string // sha256 of the program, hexadecimal: its name
	Check    string // remote.FileCheck of the program
	Size     int64
	open     func() (io.ReadCloser, error)
}

// Open returns the uncompressed program.
func (b *Build) Open() (io.ReadCloser, error) { return b.open() }

// ErrNoBuild says that there is no helper for a system.
var ErrNoBuild = errors.New("no helper build")

// machines maps what `uname -m` says to Go's architecture.
var machines = map[string]string{
	"x86_64": "amd64", "amd64": "amd64",
	"aarch64": "arm64", "arm64": "arm64", "aarch64_be": "",
	"i386": "386", "i486": "386", "i586": "386", "i686": "386", "x86": "386",
	"armv7l": "arm", "armv8l": "arm", "armv7": "arm",
	"ppc64le": "ppc64le", "s390x": "s390x", "riscv64": "riscv64",
}

// Machines returns the names `uname -m` may give for a Go architecture.
func Machines(arch string) []string {
	var l []string
	for m, a := range machines {
		if a == arch {
			l = append(l, m)
		}
	}
	return l
}

// ForUname returns the one of builds for what `uname -s` and `uname -m` said.
func ForUname(builds []*Build, system, machine string) (*Build, error) {
	goos := strings.ToLower(system)
	arch := machines[machine]
	for _, b := range builds {
		if b.OS == goos && b.Arch == arch {
			return b, nil
		}
	}
	return nil, fmt.Errorf("%w for %s on %s", ErrNoBuild, system, machine)
}

// All returns the builds there are: those embedded, else this program itself
// where it can act as a helper.
var All = sync.OnceValue(func() []*Build {
	var l []*Build
	names, _ := fs.Glob(files, "*.zst")
	for _, n := range names {
		if b, err := embedded(n); err == nil {
			l = append(l, b)
		}
	}
	if len(l) == 0 {
		if b, err := Self(); err == nil {
			l = append(l, b)
		}
	}
	return l
})

// Format names the layout of embedded files; one of another layout is not used.
const Format = "v3"

// An embedded file is a header line `SUM SIZE CHECK FORMAT\n` and the zstd stream, of
// filtered code for x86.
//
// Only the header is read before a build is sent: reading a file whole copies it, and a run usually needs none.
func embedded(name string) (*Build, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	buf := make([]byte, 128)
	n, err := io.ReadAtLeast(f, buf, 1)
	f.Close()
	if err != nil {
		return nil, err
	}
	head, _, _ := bytes.Cut(buf[:n], []byte{'\n'})
	b := &Build{}
	if _, err := fmt.Sscanf(string(head), "%s %d %s "+Format, &b.Sum, &b.Size, &b.Check); err != nil {
		return nil, fmt.Errorf("%s: bad header", name)
	}
	b.OS, b.Arch, _ = strings.Cut(strings.TrimSuffix(path.Base(name), ".zst"), "-")
	b.open = (&unpacked{name: name, size: b.Size, x86: b.Arch == "amd64" || b.Arch == "386"}).reader
	return b, nil
}

// unpacked is a program while anybody reads it: sending it to many hosts at
// once takes its memory once.
type unpacked struct {
	name  string // of the embedded file
	size  int64
	x86   bool
	mu    sync.Mutex
	prog  []byte
	users int
}

func (u *unpacked) reader() (io.ReadCloser, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.prog == nil {
		data, err := files.ReadFile(u.name)
		if err != nil {
			return nil, err
		}
		_, packed, _ := bytes.Cut(data, []byte{'\n'})
		z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		prog, err := z.DecodeAll(packed, make([]byte, 0, u.size))
		if err != nil {
			return nil, err
		}
		if u.x86 {
			UnfilterX86(prog)
		}
		u.prog = prog
	}
	u.users++
	return &unpackedReader{Reader: *bytes.NewReader(u.prog), u: u}, nil
}

type unpackedReader struct {
	bytes.Reader
	u    *unpacked
	once sync.Once
}

// Close lets the program go with its last reader.
func (r *unpackedReader) Close() error {
	r.once.Do(func() {
		r.u.mu.Lock()
		defer r.u.mu.Unlock()
		if r.u.users--; r.u.users == 0 {
			r.u.prog = nil
		}
	})
	return nil
}

// Self is this program, which can act as the helper on targets of its own kind
// when its main calls remote.HelperMain.
func Self() (*Build, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(exe)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	check, err := remote.FileCheck(io.TeeReader(f, h))
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return &Build{OS: runtime.GOOS, Arch: runtime.GOARCH, Size: st.Size(), Check: check, Sum: hex.EncodeToString(h.Sum(nil)),
		open: func() (io.ReadCloser, error) { return os.Open(exe) }}, nil
}
