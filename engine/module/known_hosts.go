package module

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

type knownHostsArgs struct {
	Name     string  `arg:"name,alias=host,required" doc:"The host as ssh names it."`
	Key      *string `arg:"key" doc:"The host's public key, as known_hosts has it."`
	Path     Path    `arg:"path,default=~/.ssh/known_hosts" doc:"The known_hosts file."`
	HashHost bool    `arg:"hash_host,default=false" doc:"Hash the host name in the file."`
	State    string  `arg:"state,default=present,choices=absent|present" doc:"Whether the key should be there."`
}

var knownHostsDef = &Def{
	Name:  "ansible.builtin.known_hosts",
	Short: "Add or remove a host from the known_hosts file",
	Args:  func() any { return &knownHostsArgs{} },
	Run: func(c *Context, a any) *Result {
		r, err := knownHosts(c, a.(*knownHostsArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

// hostLine is one line of a known_hosts file.
type hostLine struct{ marker, hosts, typ, key string }

func parseHostLine(l string) (hostLine, bool) {
	f := strings.Fields(l)
	var h hostLine
	if len(f) > 0 && strings.HasPrefix(f[0], "@") {
		h.marker, f = f[0], f[1:]
	}
	if len(f) < 3 || strings.HasPrefix(f[0], "#") {
		return h, false
	}
	h.hosts, h.typ, h.key = f[0], f[1], f[2]
	return h, true
}

// names tells whether the line is for host; hashed is set where it is hashed.
func (h hostLine) names(host string) (match, hashed bool) {
	if rest, ok := strings.CutPrefix(h.hosts, "|1|"); ok {
		salt, sum, ok := strings.Cut(rest, "|")
		s, err1 := base64.StdEncoding.DecodeString(salt)
		want, err2 := base64.StdEncoding.DecodeString(sum)
		if !ok || err1 != nil || err2 != nil {
			return false, true
		}
		m := hmac.New(sha1.New, s)
		m.Write([]byte(host))
		return hmac.Equal(m.Sum(nil), want), true
	}
	for _, n := range strings.Split(h.hosts, ",") {
		if n == host {
			return true, false
		}
	}
	return false, false
}

func hashHost(host string) (string, error) {
	salt := make([]byte, sha1.Size)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	m := hmac.New(sha1.New, salt)
	m.Write([]byte(host))
	return "|1|" + base64.StdEncoding.EncodeToString(salt) + "|" + base64.StdEncoding.EncodeToString(m.Sum(nil)), nil
}

func knownHosts(c *Context, p *knownHostsArgs) (*Result, error) {
	path := string(p.Path)
	host := strings.ToLower(p.Name)
	if strings.Contains(host, ",") {
		return nil, Errorf("Comma separated list of names is not supported. Please pass a single name to lookup in the known_hosts file.")
	}
	key := strings.TrimSpace(deref(p.Key))
	var want hostLine
	if p.State == "present" && key == "" {
		return nil, Errorf("No key specified when adding a host")
	}
	if key != "" {
		var ok bool
		if want, ok = parseHostLine(key); !ok {
			return nil, Errorf(fmt.Sprintf("the key %q is not a line of known_hosts: host, type and key are needed", key))
		}
		if m, _ := want.names(host); !m {
			if m, _ := want.names(p.Name); !m {
				return nil, Errorf("Host parameter does not match hashed host field in supplied key")
			}
		}
	}
	defer c.editing(path)()
	data, err := readFile(path)
	if err != nil && !notExist(err) {
		return nil, Errorf(fmt.Sprintf("Failed to read %s: %s", path, pyError(err, path)))
	}
	before := string(data)
	var keep []string
	present := false
	for _, l := range splitKeepEnds(before) {
		h, ok := parseHostLine(l)
		m, hashed := false, false
		if ok {
			m, hashed = h.names(host)
			if !m && host != p.Name {
				m, hashed = h.names(p.Name)
			}
		}
		if !m || key != "" && h.marker != want.marker {
			keep = append(keep, l)
			continue
		}
		same := key != "" && h.typ == want.typ && h.key == want.key && h.marker == want.marker
		switch {
		case p.State == "absent":
			if key == "" || same {
				continue
			}
		case same && (!p.HashHost && hashed == strings.HasPrefix(want.hosts, "|1|") || p.HashHost && hashed):
			if present {
				continue // a second line of the same key
			}
			present = true
		case h.marker == "" && h.typ == want.typ:
			continue
		}
		keep = append(keep, l)
	}
	if p.State == "present" && !present {
		line := key
		if p.HashHost && !strings.HasPrefix(want.hosts, "|1|") {
			hashed, err := hashHost(host)
			if err != nil {
				return nil, Errorf(err.Error())
			}
			line = hashed + " " + want.typ + " " + want.key
			if want.marker != "" {
				line = want.marker + " " + line
			}
		}
		if n := len(keep); n > 0 && !strings.HasSuffix(keep[n-1], "\n") {
			keep[n-1] += "\n"
		}
		keep = append(keep, line+"\n")
	}
	after := strings.Join(keep, "")
	r := Changed(before != after)
	r.NoPathInfo = c.Check
	for _, k := range []string{"name", "key", "path", "hash_host", "state"} {
		if !c.Check {
			r.Set(k, c.params.At(k))
		}
	}
	r.AddDiff(Diff{Before: before, After: after, BeforeHeader: path, AfterHeader: path})
	if len(data) == 0 && err != nil {
		r.Diff[0].BeforeHeader = "/dev/null"
	}
	if !r.Changed || c.Check {
		return r, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, Errorf(pathError(err, path))
	}
	_, err = c.replaceFile(path, []byte(after), &FileArgs{}, nil, nil)
	return r, err
}
