// Command build compiles the remote helper for the systems it supports and
// leaves the compressed programs where package helper embeds them. Run it from
// the module's folder before building goplay:
//
//	go run ./engine/remote/build [arch ...]
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/remote/helper"
)

var arches = []string{"amd64", "arm64", "386", "arm", "ppc64le", "s390x", "riscv64"}

// compressedMax keeps the helper small enough to send over slow lines.
const compressedMax = 3 << 20

func main() {
	want := arches
	if len(os.Args) > 1 {
		want = os.Args[1:]
	}
	for _, a := range want {
		if !slices.Contains(arches, a) {
			fail(fmt.Errorf("unknown architecture %q, not one of %v", a, arches))
		}
		if err := build(a); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "build:", err)
	os.Exit(1)
}

func build(arch string) error {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("run it inside the module: %w", err)
	}
	root := string(bytes.TrimSpace(out))
	dir, err := os.MkdirTemp("", "goplay-build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "goplay-remote")
	// Size counts more than speed here: no inlining saves 14 % of the compressed
	// program, no HTTP/2 another 4 %.
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags", "nethttpomithttp2",
		"-gcflags=all=-l", "-ldflags", "-s -w -buildid=", "-o", bin, "./cmd/goplay-remote")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOARM=7")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build for linux/%s: %w", arch, err)
	}
	prog, err := os.ReadFile(bin)
	if err != nil {
		return err
	}
	dst := filepath.Join(root, "engine", "remote", "helper", "linux-"+arch+".zst")
	sum := sha256.Sum256(prog)
	tmp := filepath.Join(filepath.Dir(dst), ".new-"+filepath.Base(dst))
	check, err := remote.FileCheck(bytes.NewReader(prog))
	if err != nil {
		return err
	}
	head := fmt.Sprintf("%s %d %s %s\n", hex.EncodeToString(sum[:]), len(prog), check, helper.Format)
	if old, err := os.ReadFile(dst); err == nil && bytes.HasPrefix(old, []byte(head)) {
		fmt.Printf("linux/%-8s unchanged\n", arch)
		return nil
	}
	if arch == "amd64" || arch == "386" {
		helper.FilterX86(prog)
		if err := os.WriteFile(bin, prog, 0o644); err != nil {
			return err
		}
	}
	packed, err := compress(bin, prog, []byte(head))
	if err != nil {
		return err
	}
	if len(packed) > compressedMax && arch == "amd64" {
		// Told, not refused: it would still work.
		fmt.Fprintf(os.Stderr, "build: WARNING: linux/%s has %d bytes compressed, more than %d\n", arch, len(packed), compressedMax)
	}
	if err := os.WriteFile(tmp, packed, 0o644); err != nil {
		return err
	}
	fmt.Printf("linux/%-8s %5.2f MB, compressed %5.2f MB\n", arch, float64(len(prog))/1e6, float64(len(packed))/1e6)
	return os.Rename(tmp, dst)
}

// compress appends the zstd form of prog to head. The zstd program, where there
// is one, packs a tenth smaller than the Go encoder.
func compress(file string, prog, head []byte) ([]byte, error) {
	if _, err := exec.LookPath("zstd"); err == nil {
		out, err := exec.Command("zstd", "--ultra", "-22", "-q", "-k", "-c", file).Output()
		if err == nil {
			return append(head, out...), nil
		}
	}
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		return nil, err
	}
	return z.EncodeAll(prog, head), nil
}
