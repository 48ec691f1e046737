package module

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

func (w *packer) pack(single bool) ([]byte, error) {
	var raw bytes.Buffer
	var err error
	switch {
	case w.Format == "zip":
		err = w.zip(&raw)
		return raw.Bytes(), err
	case single:
		data, e := readFile(w.paths[0])
		if e != nil {
			return nil, Errorf(pyError(e, w.paths[0]))
		}
		if w.Format == "tar" {
			err = w.tar(&raw)
		} else {
			raw.Write(data)
		}
	default:
		err = w.tar(&raw)
	}
	if err != nil {
		return nil, err
	}
	if n := raw.Len() % tarRecord; n > 0 && (w.Format == "tar" || !single) {
		raw.Write(make([]byte, tarRecord-n))
	}
	return w.compress(raw.Bytes(), single)
}

// tarRecord is what tar pads archives to a multiple of.
const tarRecord = 20 * 512

func (w *packer) compress(raw []byte, single bool) ([]byte, error) {
	var out bytes.Buffer
	switch w.Format {
	case "tar":
		return raw, nil
	case "gz":
		z := gzip.NewWriter(&out)
		if single {
			z.Name = filepath.Base(w.paths[0])
		}
		if _, err := z.Write(raw); err != nil {
			return nil, Errorf(err.Error())
		}
		if err := z.Close(); err != nil {
			return nil, Errorf(err.Error())
		}
		return out.Bytes(), nil
	}
	exe, err := w.findProgram(map[string]string{"bz2": "bzip2", "xz": "xz"}[w.Format])
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(w, exe, "-c")
	cmd.Stdin, cmd.Stdout = bytes.NewReader(raw), &out
	if err := cmd.Run(); err != nil {
		return nil, Errorf(fmt.Sprintf("%s failed: %s", exe, err))
	}
	return out.Bytes(), nil
}

func (w *packer) tar(to io.Writer) error {
	t := tar.NewWriter(to)
	for _, m := range w.members {
		fi, err := os.Lstat(m.path)
		if err != nil {
			return Errorf(pyError(unwrapErrno(err), m.path))
		}
		link := ""
		if m.st.isLink() {
			link, _ = os.Readlink(m.path)
		}
		h, err := tar.FileInfoHeader(fi, link)
		if err != nil {
			return Errorf(err.Error())
		}
		h.Name = m.name
		if m.st.isDir() {
			h.Name += "/"
		}
		h.Uname, h.Gname = userName(m.st.UID), groupName(m.st.GID)
		if err := t.WriteHeader(h); err != nil {
			return Errorf(err.Error())
		}
		if m.st.isReg() {
			if err := copyFrom(t, m.path); err != nil {
				return err
			}
		}
	}
	if err := t.Close(); err != nil {
		return Errorf(err.Error())
	}
	return nil
}

func copyFrom(to io.Writer, path string) error {
	f, err := openFile(path)
	if err != nil {
		return Errorf(pyError(unwrapErrno(err), path))
	}
	defer f.Close()
	if _, err := io.Copy(to, f); err != nil {
		return Errorf(fmt.Sprintf("%s: %s", path, err))
	}
	return nil
}

func (w *packer) zip(to io.Writer) error {
	z := zip.NewWriter(to)
	for _, m := range w.members {
		fi, err := os.Stat(m.path)
		if err != nil {
			return Errorf(pyError(unwrapErrno(err), m.path))
		}
		h, err := zip.FileInfoHeader(fi)
		if err != nil {
			return Errorf(err.Error())
		}
		h.Name, h.Method = m.name, zip.Deflate
		if fi.IsDir() {
			h.Name, h.Method = h.Name+"/", zip.Store
		}
		f, err := z.CreateHeader(h)
		if err != nil {
			return Errorf(err.Error())
		}
		if fi.Mode().IsRegular() {
			if err := copyFrom(f, m.path); err != nil {
				return err
			}
		}
	}
	if err := z.Close(); err != nil {
		return Errorf(err.Error())
	}
	return nil
}

// sameContent compares archives by what they hold, not by their bytes: the
// compression leaves a time in them.
func (w *packer) sameContent(a, b []byte, single bool) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, err1 := w.listing(a, single)
	y, err2 := w.listing(b, single)
	return err1 == nil && err2 == nil && x == y
}

func (w *packer) listing(data []byte, single bool) (string, error) {
	var out []string
	add := func(name string, size int64, r io.Reader) error {
		h := newHash("sha1")
		if _, err := io.Copy(h, r); err != nil {
			return err
		}
		out = append(out, fmt.Sprintf("%s %d %x", strings.TrimSuffix(name, "/"), size, h.Sum(nil)))
		return nil
	}
	if w.Format == "zip" {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return "", err
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				return "", err
			}
			err = add(f.Name, int64(f.UncompressedSize64), r)
			r.Close()
			if err != nil {
				return "", err
			}
		}
		sort.Strings(out)
		return strings.Join(out, "\n"), nil
	}
	var r io.Reader = bytes.NewReader(data)
	switch w.Format {
	case "gz":
		z, err := gzip.NewReader(r)
		if err != nil {
			return "", err
		}
		r = z
	case "bz2", "xz":
		cmd := exec.CommandContext(w, map[string]string{"bz2": "bzip2", "xz": "xz"}[w.Format], "-dc")
		cmd.Stdin = r
		plain, err := cmd.Output()
		if err != nil {
			return "", err
		}
		r = bytes.NewReader(plain)
	}
	if single && w.Format != "tar" {
		err := add("", 0, r)
		return strings.Join(out, "\n"), err
	}
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
		if err := add(h.Name+h.Linkname, h.Size, t); err != nil {
			return "", err
		}
	}
	sort.Strings(out)
	return strings.Join(out, "\n"), nil
}
