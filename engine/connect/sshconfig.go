package connect

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"sync"
)

// configCache keeps the lines of ssh configuration files; with many hosts each
// file is read once.
type configCache struct {
	mu    sync.Mutex
	files map[string]*configFile
}

type configFile struct {
	name  string
	lines []configLine
	err   error
}

type configLine struct {
	num  int
	key  string // lower case
	args []string
	raw  string // the arguments as written
}

// maxInclude bounds Include nesting, as ssh does.
const maxInclude = 16

func (c *configCache) load(name string) *configFile {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.files[name]; ok {
		return f
	}
	f := &configFile{name: name}
	data, err := os.ReadFile(name)
	if err != nil {
		f.err = err
	}
	for i, l := range strings.Split(string(data), "\n") {
		l = strings.TrimSpace(l)
		if l == "" || l[0] == '#' {
			continue
		}
		n := strings.IndexAny(l, " \t=")
		if n < 0 {
			n = len(l)
		}
		raw := strings.TrimSpace(l[n:])
		if strings.HasPrefix(raw, "=") {
			raw = strings.TrimSpace(raw[1:])
		}
		f.lines = append(f.lines, configLine{num: i + 1, key: strings.ToLower(l[:n]), raw: raw, args: configArgs(raw)})
	}
	if c.files == nil {
		c.files = map[string]*configFile{}
	}
	c.files[name] = f
	return f
}

// configArgs splits arguments; only double quotes group, and # begins a comment.
func configArgs(s string) []string {
	var l []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		if s[0] == '#' {
			break
		}
		if s[0] == '"' {
			if end := strings.IndexByte(s[1:], '"'); end >= 0 {
				l = append(l, s[1:1+end])
				s = s[2+end:]
				continue
			}
		}
		n := strings.IndexAny(s, " \t")
		if n < 0 {
			n = len(s)
		}
		l = append(l, s[:n])
		s = s[n:]
	}
	return l
}

// apply adds the options of file name to s. dir is where relative Includes
// lie. A file that must exist and does not is an error.
func (c *configCache) apply(s *settings, name, dir string, must bool) error {
	f := c.load(name)
	if f.err != nil {
		if must {
			return fmt.Errorf("Can't open user config file %s: %s", name, errText(f.err))
		}
		return nil
	}
	final := false
	if err := c.walk(s, f, dir, 0, false, &final); err != nil {
		return err
	}
	if final {
		return c.walk(s, f, dir, 0, true, &final)
	}
	return nil
}

func (c *configCache) walk(s *settings, f *configFile, dir string, depth int, isFinal bool, sawFinal *bool) error {
	active := true
	for _, l := range f.lines {
		switch l.key {
		case "host":
			active = matchHosts(l.args, s.host)
		case "match":
			ok, err := c.matches(s, l, isFinal, sawFinal)
			if err != nil {
				return fmt.Errorf("%s line %d: %w", f.name, l.num, err)
			}
			active = ok
		case "include":
			if !active {
				continue
			}
			if depth >= maxInclude {
				return fmt.Errorf("%s line %d: Too many recursive configuration includes", f.name, l.num)
			}
			if err := c.include(s, l, dir, depth, isFinal, sawFinal); err != nil {
				return err
			}
		default:
			if active && len(l.args) > 0 {
				s.add(l.key, configValue(l))
			}
		}
	}
	return nil
}

// configValue is an option's value: one word for most, the rest of the line
// for the few that take it.
func configValue(l configLine) string {
	switch l.key {
	case "proxycommand", "userknownhostsfile", "globalknownhostsfile", "setenv", "sendenv", "localcommand", "remotecommand":
		return strings.TrimSpace(l.raw)
	}
	return l.args[0]
}

func (c *configCache) include(s *settings, l configLine, dir string, depth int, isFinal bool, sawFinal *bool) error {
	for _, pat := range l.args {
		pat = expandHome(pat)
		if !filepath.IsAbs(pat) {
			pat = filepath.Join(dir, pat)
		}
		names, _ := filepath.Glob(pat)
		sort.Strings(names)
		for _, n := range names {
			inc := c.load(n)
			if inc.err != nil {
				continue
			}
			if err := c.walk(s, inc, dir, depth+1, isFinal, sawFinal); err != nil {
				return err
			}
		}
	}
	return nil
}

// matches judges a Match line.
func (c *configCache) matches(s *settings, l configLine, isFinal bool, sawFinal *bool) (bool, error) {
	res := true
	args := l.args
	for len(args) > 0 {
		word, val := args[0], ""
		args = args[1:]
		if k, v, ok := strings.Cut(word, "="); ok {
			word, val = k, v
		}
		neg := strings.HasPrefix(word, "!")
		crit := strings.ToLower(strings.TrimPrefix(word, "!"))
		ok := false
		switch crit {
		case "all":
			ok = true
		case "canonical":
		case "final":
			*sawFinal = true
			ok = isFinal
		default:
			if val == "" {
				if len(args) == 0 {
					return false, fmt.Errorf("missing argument for Match %s", crit)
				}
				val, args = args[0], args[1:]
			}
			switch crit {
			case "host":
				ok = matchList(val, s.hostName())
			case "originalhost":
				ok = matchList(val, s.host)
			case "user":
				ok = matchList(val, s.user())
			case "localuser":
				ok = matchList(val, localUser())
			case "exec":
				// As ssh does, a criterion that failed already spares the command.
				ok = res && exec.Command("/bin/sh", "-c", s.expand(val)).Run() == nil
			case "tagged":
				ok = matchList(val, s.get("tag", ""))
			case "localnetwork", "version", "sessiontype", "command":
			default:
				return false, fmt.Errorf("Unsupported Match attribute %s", crit)
			}
		}
		if ok == neg {
			res = false
		}
	}
	return res, nil
}

func matchList(list, s string) bool { return matchHosts(strings.Split(list, ","), s) }

// matchHosts judges ssh patterns: * and ?, and ! which vetoes.
func matchHosts(pats []string, host string) bool {
	found := false
	host = strings.ToLower(host)
	for _, p := range pats {
		neg := strings.HasPrefix(p, "!")
		if wildMatch(strings.ToLower(strings.TrimPrefix(p, "!")), host) {
			if neg {
				return false
			}
			found = true
		}
	}
	return found
}

// wildMatch knows * and ? only; [ is an ordinary character, as in [host]:port.
func wildMatch(pat, s string) bool {
	if !strings.ContainsAny(pat, "*?") {
		return pat == s
	}
	pat = strings.NewReplacer(`\`, `\\`, "[", `\[`).Replace(pat)
	// path.Match stops * at a slash, which names of hosts do not have.
	ok, err := path.Match(pat, s)
	return err == nil && ok
}
