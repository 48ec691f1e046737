package facts

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/value"
)

// pythonInfo describes the Python interpreter of the target. The engine needs
// none, but roles ask for it. Where there is none, executable is "" and the
// version says 3.0.0, so that `ansible_python.version.major == 3` holds.
type pythonInfo struct {
	executable, version string
	parts               []string
}

var pythonMemo sync.Map // executable's path, size and time -> version

func (h *host) pythonInfo() pythonInfo {
	exe := h.opt.Python
	if exe == "" || !strings.HasPrefix(exe, "/") {
		exe = h.findPython()
	}
	p := pythonInfo{executable: exe, version: "3.0.0"}
	if exe != "" {
		if v := h.pythonVersion(exe); v != "" {
			p.version = v
		}
	}
	p.parts = strings.Split(p.version, ".")
	return p
}

func (h *host) findPython() string {
	if h.exists("/usr/bin/python3") {
		return "/usr/bin/python3"
	}
	for _, n := range []string{"python3.13", "python3.12", "python3.11", "python3.10", "python3.9", "python3.8", "python3"} {
		if p := h.find(n); p != "" {
			return p
		}
	}
	for _, p := range []string{"/usr/libexec/platform-python", "/usr/bin/python"} {
		if h.exists(p) {
			return p
		}
	}
	return ""
}

var rePyMinor = regexp.MustCompile(`python(\d)\.(\d+)$`)

// pythonVersion finds the full version. The interpreter's binary, or its
// shared library, holds it as text; reading that is ten times cheaper than
// starting Python, which is the fallback.
func (h *host) pythonVersion(exe string) string {
	real, err := filepath.EvalSymlinks(h.path(exe))
	if err != nil {
		return ""
	}
	st, err := os.Stat(real)
	if err != nil {
		return ""
	}
	key := real + strconv.FormatInt(st.Size(), 10) + st.ModTime().String()
	if v, ok := pythonMemo.Load(key); ok {
		return v.(string)
	}
	v := ""
	if m := rePyMinor.FindStringSubmatch(real); m != nil {
		series := m[1] + "." + m[2]
		files := []string{real}
		for _, dir := range []string{"/usr/lib64", "/usr/lib", filepath.Dir(filepath.Dir(exe)) + "/lib"} {
			files = append(files, h.path(dir+"/libpython"+series+".so.1.0"))
		}
		for _, f := range files {
			if v = versionInside(f, series); v != "" {
				break
			}
		}
	}
	if v == "" && h.root == "" {
		ctx, cancel := context.WithTimeout(h.ctx, h.opt.Timeout)
		defer cancel()
		out, err := exec.CommandContext(ctx, exe, "-I", "-S", "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])").Output()
		if err == nil {
			v = strings.TrimSpace(string(out))
		}
	}
	if v != "" {
		pythonMemo.Store(key, v)
	}
	return v
}

// versionInside looks for the zero-terminated text "3.11.2" in a binary file.
func versionInside(file, series string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	want := []byte("\x00" + series + ".")
	buf := make([]byte, 256<<10)
	keep := 0
	for {
		n, err := f.Read(buf[keep:])
		data := buf[:keep+n]
		for at := 0; ; {
			i := bytes.Index(data[at:], want)
			if i < 0 {
				break
			}
			s := data[at+i+1:]
			if end := bytes.IndexByte(s[:min(len(s), 16)], 0); end > 0 {
				micro := strings.TrimRight(string(s[len(series)+1:end]), "+")
				if _, err := strconv.Atoi(micro); err == nil {
					return series + "." + micro
				}
			}
			at += i + 1
		}
		if err != nil || n == 0 {
			return ""
		}
		keep = copy(buf, data[max(0, len(data)-32):])
	}
}

func python(h *host, d *value.Dict) {
	p := h.pythonInfo()
	num := [3]int64{3, 0, 0}
	for i := range num {
		if i < len(p.parts) {
			num[i], _ = strconv.ParseInt(p.parts[i], 10, 64)
		}
	}
	d.Set("python", value.DictOf(
		"version", value.DictOf("major", num[0], "minor", num[1], "micro", num[2], "releaselevel", "final", "serial", int64(0)),
		"version_info", value.NewList(num[0], num[1], num[2], "final", int64(0)),
		"executable", p.executable,
		"has_sslcontext", p.executable != "",
		"type", "cpython",
	))
}
