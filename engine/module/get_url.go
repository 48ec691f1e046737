package module

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

type getURLArgs struct {
	urlArgs
	Dest     Path        `arg:"dest,required" doc:"Where to download the file to; a folder takes the name from the address."`
	TmpDest  *Path       `arg:"tmp_dest" doc:"Folder for the file while it is being downloaded."`
	Backup   bool        `arg:"backup,default=false" doc:"Keep a copy of the file as it was."`
	Checksum string      `arg:"checksum" default:"" doc:"algorithm:checksum or algorithm:address; a file that matches is not downloaded."`
	Timeout  int         `arg:"timeout,default=10" doc:"Seconds to wait for the server."`
	Headers  *value.Dict `arg:"headers" doc:"Headers to send."`
	User     *string     `arg:"url_username,alias=username" doc:"User name for basic authentication."`
	Password *string     `arg:"url_password,alias=password,no_log" doc:"Password for basic authentication."`
	FileArgs
}

var getURLDef = &Def{
	Name:     "ansible.builtin.get_url",
	Short:    "Downloads files from HTTP, HTTPS, or FTP to node",
	Args:     func() any { return &getURLArgs{} },
	FileArgs: true,
	Run: func(c *Context, a any) *Result {
		g := &getURL{Context: c, getURLArgs: a.(*getURLArgs), start: time.Now(), out: OK()}
		r, err := g.run()
		if err != nil {
			r = FailErr(err)
			for k, v := range g.out.Fields.All() {
				if !r.Fields.Has(value.Str(k)) {
					r.Fields.Set(k, v)
				}
			}
			r.Changed = g.out.Changed
		}
		return r
	},
}

type getURL struct {
	*Context
	*getURLArgs
	start     time.Time
	out       *Result
	algorithm string
	want      string
}

func (g *getURL) run() (*Result, error) {
	dest := string(g.Dest)
	r := g.out
	r.Set("checksum_dest", nil).Set("checksum_src", nil).Set("dest", dest).Set("elapsed", 0).Set("url", g.URL)
	intoDir := isFolder(dest)
	if g.TmpDest != nil {
		if fi, err := os.Stat(string(*g.TmpDest)); err == nil && !fi.IsDir() {
			return nil, Errorf(fmt.Sprintf("%s is a file but should be a directory.", *g.TmpDest))
		} else if err != nil {
			return nil, Errorf(fmt.Sprintf("%s directory does not exist.", *g.TmpDest))
		}
	}
	if g.Checksum != "" {
		if err := g.readChecksum(); err != nil {
			return nil, err
		}
	}
	var since *time.Time
	if !intoDir && !g.Force {
		if fi, err := os.Stat(dest); err == nil {
			if g.want != "" {
				sum, err := g.digest(dest)
				if err != nil {
					return nil, err
				}
				if sum == g.want {
					r.Changed, err = g.applyAttrs(dest, &g.FileArgs, nil)
					return r.WithMsg("file already exists"), err
				}
			} else {
				t := fi.ModTime()
				since = &t
			}
		}
	}
	req, err := g.request(g.User, g.Password, g.Headers, g.Timeout)
	if err != nil {
		return nil, err
	}
	req.LastModified = since
	if g.Check {
		req.Method = "HEAD"
	}
	resp := g.http(req)
	if g.Check && resp.Status == 200 && resp.URL != g.URL { // Python follows HEAD with GET
		resp.Body.Close()
		req.Method = "GET"
		resp = g.http(req)
	}
	defer resp.Body.Close()
	r.Set("elapsed", elapsed(g.start))
	bare := func() {
		r.Fields.Delete("checksum_dest")
		r.Fields.Delete("checksum_src")
	}
	switch {
	case strings.HasPrefix(resp.Msg, "unknown url type"):
		bare()
		r.Fields.Delete("dest")
		r.Fields.Delete("elapsed")
		r.Set("status", -1)
		return nil, Errorf(resp.Msg)
	case resp.Status == 304:
		bare()
		r.Set("status_code", 304)
		r.Changed, err = g.applyAttrs(dest, &g.FileArgs, nil)
		return r.WithMsg(resp.Msg), err
	case resp.Status == -1:
		bare()
		return nil, Errorf(resp.Msg)
	case resp.Status != 200:
		bare()
		r.Set("status_code", resp.Status).Set("response", resp.Msg)
		return nil, Errorf("Request failed")
	}
	if intoDir {
		dest = filepath.Join(dest, resp.fileName())
		r.Set("dest", dest)
	}
	return g.place(dest, resp)
}

// fileName is the name the server gives the file, else the address's last part.
func (resp *httpResponse) fileName() string {
	if m := regexp.MustCompile(`(?i)filename="?([^";]+)"?`).FindStringSubmatch(resp.Header.Get("Content-Disposition")); m != nil {
		if n := path.Base(strings.TrimSpace(m[1])); n != "." && n != "/" && n != ".." {
			return n
		}
	}
	u, err := url.Parse(resp.URL)
	if err != nil {
		return "index.html"
	}
	if n := path.Base(u.Path); n != "." && n != "/" {
		return n
	}
	return "index.html"
}

func (g *getURL) place(dest string, resp *httpResponse) (*Result, error) {
	r := g.out
	dir := g.tmpdir()
	if g.TmpDest != nil {
		dir = string(*g.TmpDest)
	}
	tmp, err := os.CreateTemp(dir, "tmp")
	if err != nil {
		return nil, Errorf("failed to create temporary content file: " + err.Error())
	}
	defer os.Remove(tmp.Name())
	_, err = io.Copy(tmp, resp.Body)
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, Errorf("failed to create temporary content file: " + err.Error())
	}
	sum, err := fileChecksum(tmp.Name(), "sha1")
	if err != nil {
		return nil, Errorf(pyError(err, tmp.Name()))
	}
	r.Set("src", tmp.Name()).Set("checksum_src", sum)
	before := ""
	if fi, err := os.Stat(dest); err == nil {
		if !access(dest, 2) {
			return nil, Errorf(fmt.Sprintf("Destination %s is not writable", dest))
		}
		if fi.IsDir() {
			return nil, Errorf(fmt.Sprintf("Destination %s is a folder", dest))
		}
		if before, err = fileChecksum(dest, "sha1"); err != nil {
			return nil, Errorf(pyError(err, dest))
		}
		r.Set("checksum_dest", before)
	} else {
		d := filepath.Dir(dest)
		if _, err := os.Stat(d); err != nil {
			return nil, Errorf(fmt.Sprintf("Destination %s does not exist", d))
		}
		if !access(d, 2) {
			return nil, Errorf(fmt.Sprintf("Destination %s is not writable", d))
		}
	}
	r.WithMsg(resp.Msg)
	if g.Check {
		r.Changed = true
		return r, nil
	}
	r.Changed = sum != before
	if g.want != "" {
		got, err := g.digest(tmp.Name())
		if err != nil {
			return nil, err
		}
		if got != g.want {
			return nil, Errorf(fmt.Sprintf("The checksum for %s did not match %s; it was %s.", dest, g.want, got))
		}
	}
	if r.Changed {
		if g.Backup {
			name, err := g.backup(dest)
			if err != nil {
				return nil, err
			}
			if name != "" {
				r.Set("backup_file", name)
			}
		}
		f, err := openFile(tmp.Name())
		if err != nil {
			return nil, Errorf(pyError(err, tmp.Name()))
		}
		defer f.Close()
		n, err := g.create(dest, f, g.UnsafeWrites)
		if err != nil {
			return nil, err
		}
		if _, err := n.finish(dest, &g.FileArgs, nil); err != nil {
			return nil, err
		}
	} else {
		ch, err := g.applyAttrs(dest, &g.FileArgs, nil)
		if err != nil {
			return nil, err
		}
		r.Changed = r.Changed || ch
	}
	if md5, err := fileChecksum(dest, "md5"); err == nil {
		r.Set("md5sum", md5)
	}
	if resp.File {
		return r.Set("status_code", nil), nil
	}
	return r.Set("status_code", resp.Status), nil
}

var hashNames = []string{"blake2b", "md5", "sha1", "sha224", "sha256", "sha384", "sha3_224", "sha3_256", "sha3_384", "sha3_512", "sha512"}

func (g *getURL) digest(file string) (string, error) {
	if !slices.Contains(hashNames, g.algorithm) {
		return "", Errorf(fmt.Sprintf("Could not hash file '%s' with algorithm '%s'. Available algorithms: %s", file, g.algorithm, strings.Join(hashNames, ", ")))
	}
	s, err := fileChecksum(file, g.algorithm)
	if err != nil {
		return "", Errorf(pyError(err, file))
	}
	return s, nil
}

// readChecksum splits algorithm:checksum, and fetches the checksum where it is
// an address.
func (g *getURL) readChecksum() error {
	algorithm, sum, ok := strings.Cut(g.Checksum, ":")
	if !ok {
		return Errorf("The checksum parameter has to be in format <algorithm>:<checksum>")
	}
	g.algorithm = strings.ToLower(strings.TrimSpace(algorithm))
	if strings.HasPrefix(sum, "http://") || strings.HasPrefix(sum, "https://") || strings.HasPrefix(sum, "ftp://") || strings.HasPrefix(sum, "file:/") {
		req, err := g.request(g.User, g.Password, g.Headers, g.Timeout)
		if err != nil {
			return err
		}
		req.URL = sum
		resp := g.http(req)
		defer resp.Body.Close()
		if resp.Status != 200 {
			return Errorf(fmt.Sprintf("Unable to fetch the checksum from '%s': %s", sum, resp.Msg))
		}
		data, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
		if err != nil {
			return Errorf(fmt.Sprintf("Unable to fetch the checksum from '%s': %s", sum, err))
		}
		u, err := url.Parse(g.URL)
		if err != nil {
			return Errorf(err.Error())
		}
		found := findChecksum(string(data), path.Base(u.Path))
		if found == "" {
			return Errorf(fmt.Sprintf("Unable to find a checksum for file '%s' in '%s'", path.Base(u.Path), sum))
		}
		sum = found
	}
	g.want = strings.ToLower(strings.Join(strings.FieldsFunc(sum, func(r rune) bool { return r != '_' && (r > 127 || !isAlnum(byte(r))) }), ""))
	if g.want == "" {
		return Errorf("The checksum format is invalid")
	}
	return nil
}

// findChecksum reads the forms checksum files have: "sum  name", "sum *name",
// "ALG (name) = sum", or the sum alone.
func findChecksum(text, name string) string {
	var lines []string
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	if len(lines) == 1 && len(strings.Fields(lines[0])) == 1 {
		return lines[0]
	}
	bsd := regexp.MustCompile(`^\w+ ?\((.+)\) ?= ?([0-9a-fA-F]+)$`)
	for _, l := range lines {
		if m := bsd.FindStringSubmatch(l); m != nil {
			if path.Base(m[1]) == name {
				return m[2]
			}
			continue
		}
		w := strings.Fields(l)
		if len(w) < 2 {
			continue
		}
		if f := strings.TrimPrefix(w[len(w)-1], "*"); path.Base(f) == name {
			return w[0]
		}
	}
	return ""
}
