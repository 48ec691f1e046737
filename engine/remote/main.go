package remote

import (
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// HelperArg as the first argument makes a program that calls HelperMain act as
// the helper.
const HelperArg = "--as-remote-helper"

// HelperMain acts as the helper and ends the process, when the command line
// asks for it; else it returns. A main function (or TestMain) calls it first.
func HelperMain(run Runner) {
	if len(os.Args) > 1 && os.Args[1] == HelperArg {
		os.Exit(helper(run, os.Args[2:]))
	}
}

// SelfCommand is the command line that starts this program as a helper,
// provided that its main calls HelperMain.
func SelfCommand() []string {
	exe := "/proc/self/exe" // also there when the file has been replaced
	if runtime.GOOS != "linux" {
		var err error
		if exe, err = os.Executable(); err != nil {
			return nil
		}
	}
	return []string{exe, HelperArg}
}

// helper runs one of the helper's commands:
//
//	serve [REMOTE_TMP]  answer requests on standard input until it ends
//	job                 run one asynchronous job
func helper(run Runner, args []string) int {
	cmd := "serve"
	if len(args) > 0 {
		cmd = args[0]
	}
	switch cmd {
	case "serve":
		tmp := ""
		if len(args) > 1 {
			tmp = args[1]
		}
		return serveMain(run, tmp)
	case "job":
		in, out := privateStdio()
		jobUmask()
		if runJob(run, in, out) != nil {
			return 1
		}
		return 0
	}
	fmt.Fprintf(os.Stderr, "goplay-remote: unknown command %q; it is started by goplay and not meant to be run by hand\n", cmd)
	return 2
}

func serveMain(run Runner, tmpdir string) int {
	in, out := privateStdio()
	d := NewDirect(run, SelfCommand(), tmpdir)
	onSignals(func() { d.Close(); os.Exit(1) })
	var e enc
	h := Hello{Version: protocolVersion, Check: ownCheck(), UID: os.Getuid(), PID: os.Getpid(), Home: homeDir()}
	if u, err := user.Current(); err == nil {
		h.User = u.Username
	}
	e.b = append([]byte("\n"+Magic), appendFrame(nil, frame{kind: kindHello, payload: h.encode()})...)
	if _, err := out.Write(e.b); err != nil {
		return 1
	}
	go tidyCache()
	err := Serve(in, out, d)
	d.Close()
	if err != nil {
		fmt.Fprintln(os.Stderr, "goplay-remote:", err)
		return 1
	}
	return 0
}

// cacheLife is how long a helper program of another version stays in the cache
// after its last use.
const cacheLife = 30 * 24 * time.Hour

// tidyCache marks this program as used and removes its siblings that have not
// been for long. Only a program under its cache name does so.
func tidyCache() {
	exe, err := os.Executable()
	if err != nil || !strings.HasPrefix(filepath.Base(exe), CachePrefix) {
		return
	}
	if st, err := os.Stat(exe); err == nil && time.Since(st.ModTime()) > 24*time.Hour {
		os.Chtimes(exe, time.Now(), time.Now())
	}
	old, _ := filepath.Glob(filepath.Join(filepath.Dir(exe), CachePrefix+"*"))
	for _, f := range old {
		if st, err := os.Lstat(f); err == nil && st.Mode().IsRegular() && time.Since(st.ModTime()) > cacheLife {
			os.Remove(f)
		}
	}
}

// CachePrefix begins the name under which targets keep the helper.
const CachePrefix = "goplay-remote-"

// FileCheck is the checksum by which a helper shows that its file is whole. It guards against damage, not against malice,
// which could say anything: CRC-32C takes a tenth of the time of a cryptographic sum, at each start.
func FileCheck(r io.Reader) (string, error) {
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	n, err := io.CopyBuffer(struct{ io.Writer }{h}, struct{ io.Reader }{r}, make([]byte, 256<<10))
	return fmt.Sprintf("%08x-%d", h.Sum32(), n), err
}

// ownCheck is FileCheck of the running program's file, "" where it cannot be read.
func ownCheck() string {
	f, err := os.Open(SelfCommand()[0])
	if err != nil {
		return ""
	}
	defer f.Close()
	c, err := FileCheck(f)
	if err != nil {
		return ""
	}
	return c
}
