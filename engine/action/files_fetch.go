package action

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/value"
)

func fetchAction(c *Context) (*value.Dict, error) {
	if c.Task.Check {
		return value.DictOf("changed", false, "skipped", true, "msg", "check mode not (yet) supported for this module"), nil
	}
	for _, k := range [...][2]string{{"src", "source"}, {"dest", "dest"}} {
		switch c.Args.At(k[0]).(type) {
		case *value.Dict, *value.List:
			return Fail(fmt.Sprintf("Invalid type supplied for %s option, it must be a string", k[1])), nil
		}
	}
	src, dest := argText(c.Args, "src"), argText(c.Args, "dest")
	if src == "" || dest == "" {
		return Fail("src and dest are required"), nil
	}
	local, msg := fetchDest(c, src, dest)
	if msg != "" {
		return Fail(msg), nil
	}
	var have, haveMD5 string
	if home := strings.HasPrefix(src, "~"); !home { // else only the host knows the path
		have, haveMD5 = localSums(local)
	}
	missing := func(text string) (*value.Dict, error) {
		if asBool(c.Args.At("fail_on_missing"), true) {
			return invoked(c, Fail(text)), nil
		}
		if !strings.HasSuffix(text, ", not transferring, ignored") {
			text += ", not transferring, ignored"
		}
		return invoked(c, value.DictOf("changed", false, "file", src, "msg", text)), nil
	}
	r, blob, err := c.ModuleBlob(module.GetModule, value.DictOf("path", src, "have", have), nil)
	if err != nil {
		return nil, err
	}
	switch {
	case value.Truth(r.At("failed")):
		return missing(fmt.Sprintf("the remote file is not readable: %s", value.Str(r.At("msg"))))
	case !value.Truth(r.At("exists")):
		return missing("the remote file does not exist, not transferring, ignored")
	case value.Truth(r.At("isdir")):
		return missing("remote file is a directory, fetch cannot work on directories")
	}
	sum := value.Str(r.At("checksum"))
	path := value.Str(r.At("file"))
	if strings.HasPrefix(src, "~") {
		src = path
		if local, msg = fetchDest(c, src, dest); msg != "" {
			return Fail(msg), nil
		}
		have, haveMD5 = localSums(local)
	}
	if sum == have {
		return invoked(c, value.DictOf("changed", false, "md5sum", haveMD5, "file", src, "dest", local, "checksum", sum)), nil
	}
	if fi, err := os.Stat(local); err == nil && fi.IsDir() {
		return Fail(fmt.Sprintf("calculated dest '%s' is an existing directory, use another path that does not point to an existing directory", local)), nil
	}
	got, gotMD5, err := store(c, local, path, blob, value.Truth(r.At("sent")))
	if err != nil {
		return invoked(c, Fail(fmt.Sprintf("Failed to fetch the file: %s", err))), nil
	}
	if asBool(c.Args.At("validate_checksum"), true) && got != sum {
		return invoked(c, value.DictOf("failed", true, "msg", "checksum mismatch", "md5sum", gotMD5, "file", src, "dest", local,
			"remote_md5sum", nil, "checksum", got, "remote_checksum", sum)), nil
	}
	return invoked(c, value.DictOf("changed", true, "md5sum", gotMD5, "dest", local, "remote_md5sum", nil, "checksum", got, "remote_checksum", sum)), nil
}

// fetchDest says where the file goes on the controller.
func fetchDest(c *Context, src, dest string) (path, msg string) {
	base := c.Templar.Scope().Basedir
	abs := func(p string) string {
		if strings.HasPrefix(p, "~/") || p == "~" {
			if h, err := os.UserHomeDir(); err == nil {
				p = h + p[1:]
			}
		}
		if !filepath.IsAbs(p) {
			slash := strings.HasSuffix(p, "/")
			p = filepath.Join(base, p)
			if slash {
				p += "/"
			}
		}
		return p
	}
	path = filepath.Join(abs(dest), c.Host.Name, src)
	within := filepath.Clean(abs(dest))
	if asBool(c.Args.At("flat"), false) {
		fi, err := os.Stat(abs(dest))
		if err == nil && fi.IsDir() && !strings.HasSuffix(dest, "/") {
			return "", "dest is an existing directory, use a trailing slash if you want to fetch src into that directory"
		}
		if !strings.HasSuffix(dest, "/") {
			return within, ""
		}
		path = filepath.Join(within, filepath.Base(src))
	}
	// A host may have said what to fetch, and must not choose where it goes.
	if path != within && !strings.HasPrefix(path, strings.TrimSuffix(within, "/")+"/") {
		return "", fmt.Sprintf("Detected directory traversal, expected to be contained in '%s' but got '%s'", within, path)
	}
	return path, ""
}

func localSums(path string) (sha, md string) {
	f, err := os.Open(path)
	if err != nil {
		return "", ""
	}
	defer f.Close()
	a, b := sha1.New(), md5.New()
	if _, err := io.Copy(io.MultiWriter(a, b), f); err != nil {
		return "", ""
	}
	return hex.EncodeToString(a.Sum(nil)), hex.EncodeToString(b.Sum(nil))
}

// store writes the fetched file, whole or not at all.
func store(c *Context, local, path string, blob []byte, sent bool) (sha, md string, err error) {
	if err := os.MkdirAll(filepath.Dir(local), 0o777); err != nil {
		return "", "", err
	}
	// The mode is that of the file before, else what the umask leaves.
	f, err := os.OpenFile(filepath.Join(filepath.Dir(local), fmt.Sprintf(".fetch-%016x", rand.Uint64())), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return "", "", err
	}
	if old, err := os.Stat(local); err == nil {
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			f.Close()
			os.Remove(f.Name())
			return "", "", err
		}
	}
	defer os.Remove(f.Name())
	a, b := sha1.New(), md5.New()
	w := io.MultiWriter(f, a, b)
	if sent {
		_, err = w.Write(blob)
	} else {
		s, e := c.Session()
		if e != nil {
			f.Close()
			return "", "", e
		}
		err = s.GetFile(c, path, w)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), local)
	}
	return hex.EncodeToString(a.Sum(nil)), hex.EncodeToString(b.Sum(nil)), err
}
