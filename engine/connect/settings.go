package connect

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// settings are ssh's options for one host, by lower-case name. As in ssh, the
// first value given for an option counts; a few options collect values.
type settings struct {
	host       string // as the inventory names it
	vals       map[string][]string
	configFile string // -F; "none" reads none
	jumps      int    // how deep ProxyJump has nested
}

var collects = map[string]bool{"identityfile": true, "certificatefile": true, "sendenv": true, "setenv": true}

// add records an option unless an earlier value counts.
func (s *settings) add(key, val string) {
	key = strings.ToLower(key)
	switch key {
	case "challengeresponseauthentication", "skeyauthentication":
		key = "kbdinteractiveauthentication"
	case "pubkeyacceptedkeytypes":
		key = "pubkeyacceptedalgorithms"
	case "proxyjump", "proxycommand":
		// Whichever comes first wins over the other.
		if s.has("proxyjump") || s.has("proxycommand") {
			return
		}
	}
	if collects[key] {
		for _, v := range s.vals[key] {
			if v == val {
				return
			}
		}
		s.vals[key] = append(s.vals[key], val)
		return
	}
	if !s.has(key) {
		s.vals[key] = []string{val}
	}
}

func (s *settings) has(key string) bool { return len(s.vals[key]) > 0 }

func (s *settings) get(key, def string) string {
	if v := s.vals[key]; len(v) > 0 {
		return v[0]
	}
	return def
}

func (s *settings) yes(key string, def bool) bool {
	switch strings.ToLower(s.get(key, "")) {
	case "yes", "true", "on":
		return true
	case "no", "false", "off":
		return false
	}
	return def
}

// seconds reads a time such as 30, 2m or 1h30m.
func (s *settings) seconds(key string, def time.Duration) time.Duration {
	v := s.get(key, "")
	if v == "" || v == "none" {
		return def
	}
	if n, err := strconv.Atoi(v); err == nil {
		return time.Duration(n) * time.Second
	}
	if d, err := time.ParseDuration(strings.ToLower(v)); err == nil {
		return d
	}
	return def
}

// settingsFor collects the options for t: what the inventory says first, then
// ssh arguments, then configuration files.
func (o *opener) settingsFor(t Target) (*settings, error) {
	s := &settings{host: t.Host, vals: map[string][]string{}}
	if s.host == "" {
		s.host = t.Name
	}
	if t.Port != 0 {
		s.add("port", strconv.Itoa(t.Port))
	}
	if t.User != "" {
		s.add("user", t.User)
	}
	if t.KeyFile != "" {
		s.add("identityfile", t.KeyFile)
	}
	for _, a := range []string{t.CommonArgs, t.ExtraArgs} {
		if err := s.addArgs(a); err != nil {
			return nil, err
		}
	}
	if !t.HostKeyChecking {
		s.add("stricthostkeychecking", "no")
	}
	if t.Timeout > 0 {
		s.add("connecttimeout", strconv.Itoa(int((t.Timeout+time.Second-1)/time.Second)))
	}
	return s, o.finish(s)
}

// finish adds what the configuration files say.
func (o *opener) finish(s *settings) error {
	home := homeDir()
	switch s.configFile {
	case "none", "/dev/null":
	case "":
		if err := o.configs.apply(s, filepath.Join(home, ".ssh", "config"), filepath.Join(home, ".ssh"), false); err != nil {
			return err
		}
		return o.configs.apply(s, "/etc/ssh/ssh_config", "/etc/ssh", false)
	default:
		return o.configs.apply(s, expandHome(s.configFile), filepath.Join(home, ".ssh"), true)
	}
	return nil
}

func (s *settings) hostName() string {
	h := s.get("hostname", s.host)
	return strings.ReplaceAll(strings.ReplaceAll(h, "%%", "%"), "%h", s.host)
}

func (s *settings) port() int {
	n, err := strconv.Atoi(s.get("port", "22"))
	if err != nil || n < 1 || n > 65535 {
		return 22
	}
	return n
}

func (s *settings) user() string { return s.get("user", localUser()) }

// expand replaces ssh's % tokens and a leading ~.
func (s *settings) expand(v string) string {
	if strings.Contains(v, "%") {
		hn, _ := os.Hostname()
		short, _, _ := strings.Cut(hn, ".")
		v = strings.NewReplacer("%%", "%", "%h", s.hostName(), "%n", s.host, "%p", strconv.Itoa(s.port()),
			"%r", s.user(), "%u", localUser(), "%d", homeDir(), "%l", hn, "%L", short,
			"%i", strconv.Itoa(os.Getuid()), "%k", s.get("hostkeyalias", s.host),
			"%j", s.get("proxyjump", "")).Replace(v)
	}
	if strings.Contains(v, "${") {
		v = os.Expand(v, os.Getenv)
	}
	return expandHome(v)
}

func expandHome(p string) string {
	if p == "~" || strings.HasPrefix(p, "~/") {
		return homeDir() + p[1:]
	}
	return p
}

func homeDir() string {
	h, err := os.UserHomeDir()
	if err != nil {
		return "/"
	}
	return h
}

// localUser is the name of the user who runs the controller.
func localUser() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		// Windows says DOMAIN\name.
		return u.Username[strings.LastIndexByte(u.Username, '\\')+1:]
	}
	if n := os.Getenv("USER"); n != "" {
		return n
	}
	return "root"
}

// withArg are ssh's one-letter options that take an argument.
const withArg = "BbcDEeFIiJLlmOopQRSWw"

// addArgs reads ssh command line arguments as ansible_ssh_common_args and its
// like hold them. What concerns only the ssh program (multiplexing, verbosity,
// forwarding of ports) has no effect here.
func (s *settings) addArgs(args string) error {
	words, err := splitShell(args)
	if err != nil {
		return fmt.Errorf("ssh arguments %q: %w", args, err)
	}
	for i := 0; i < len(words); i++ {
		w := words[i]
		if len(w) < 2 || w[0] != '-' {
			return fmt.Errorf("ssh arguments %q: %q is not an option", args, w)
		}
		for j := 1; j < len(w); j++ {
			c := w[j]
			if !strings.ContainsRune(withArg, rune(c)) {
				s.addFlag(c)
				continue
			}
			val := w[j+1:]
			if val == "" {
				if i++; i >= len(words) {
					return fmt.Errorf("ssh arguments %q: option -%c needs an argument", args, c)
				}
				val = words[i]
			}
			if err := s.addOption(c, val); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// sentEnv is the part of the controller's environment that SendEnv names;
// patterns with a minus take back what came before.
func (s *settings) sentEnv() map[string]string {
	m := map[string]string{}
	for _, line := range s.vals["sendenv"] {
		for _, p := range configArgs(line) {
			del := strings.HasPrefix(p, "-")
			for _, kv := range os.Environ() {
				k, v, _ := strings.Cut(kv, "=")
				if !wildMatch(strings.TrimPrefix(p, "-"), k) {
					continue
				}
				if del {
					delete(m, k)
				} else {
					m[k] = v
				}
			}
		}
	}
	return m
}

func (s *settings) addFlag(c byte) {
	switch c {
	case 'A':
		s.add("forwardagent", "yes")
	case 'a':
		s.add("forwardagent", "no")
	case '4':
		s.add("addressfamily", "inet")
	case '6':
		s.add("addressfamily", "inet6")
	}
}

func (s *settings) addOption(c byte, val string) error {
	switch c {
	case 'o':
		k, v, ok := strings.Cut(val, "=")
		if !ok {
			k, v, _ = strings.Cut(strings.TrimSpace(val), " ")
		}
		k = strings.TrimSpace(k)
		if !knownOptions()[strings.ToLower(k)] {
			return fmt.Errorf("command-line: line 0: Bad configuration option: %s", strings.ToLower(k))
		}
		s.add(k, unquote(strings.TrimSpace(v)))
	case 'J':
		s.add("proxyjump", val)
	case 'F':
		s.configFile = val
	case 'i':
		s.add("identityfile", val)
	case 'p':
		s.add("port", val)
	case 'l':
		s.add("user", val)
	case 'b':
		s.add("bindaddress", val)
	case 'c':
		s.add("ciphers", val)
	case 'm':
		s.add("macs", val)
	}
	return nil
}

func unquote(v string) string {
	if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
		return v[1 : len(v)-1]
	}
	return v
}
