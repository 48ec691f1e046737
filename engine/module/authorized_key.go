package module

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

type authorizedKeyArgs struct {
	User          string  `arg:"user,required" doc:"Whose file is changed."`
	Key           string  `arg:"key,required" doc:"Public keys, or the address of a file with keys."`
	Path          *Path   `arg:"path" doc:"Another path for the file."`
	ManageDir     bool    `arg:"manage_dir,default=true" doc:"Make the folder, and set its owner and mode."`
	State         string  `arg:"state,default=present,choices=absent|present" doc:"Whether the keys should be there."`
	KeyOptions    *string `arg:"key_options" doc:"Options for the keys."`
	Exclusive     bool    `arg:"exclusive,default=false" doc:"Remove all other keys."`
	ValidateCerts bool    `arg:"validate_certs,default=true" doc:"Check the certificate of an https address."`
	Comment       *string `arg:"comment" doc:"Comment of the key, instead of its own."`
	Follow        bool    `arg:"follow,default=false" doc:"Follow a link at path."`
}

var authorizedKeyDef = &Def{
	Name:  "ansible.posix.authorized_key",
	Short: "Adds or removes an SSH authorized key",
	Args:  func() any { return &authorizedKeyArgs{} },
	Run: func(c *Context, a any) *Result {
		r, err := authorizedKey(c, a.(*authorizedKeyArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

// pubKey is one line of an authorized_keys file. Lines that hold no key keep
// their text only.
type pubKey struct{ options, typ, key, comment, text string }

var keyType = regexp.MustCompile(`^(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com|ssh-(?:ed25519|rsa|dss)-cert-v01@openssh\.com|ecdsa-sha2-nistp(?:256|384|521)-cert-v01@openssh\.com)$`)

// parsePubKey reads a line; ok is false for comments and what is no key.
func parsePubKey(line string) (k pubKey, ok bool) {
	k.text = line
	rest := strings.TrimSpace(line)
	if rest == "" || strings.HasPrefix(rest, "#") {
		return k, false
	}
	first, tail := cutWord(rest)
	if !keyType.MatchString(first) {
		k.options = first
		first, tail = cutWord(tail)
	}
	if !keyType.MatchString(first) {
		return k, false
	}
	k.typ = first
	k.key, k.comment = cutWord(tail)
	k.comment = strings.TrimSpace(k.comment)
	return k, k.key != ""
}

// cutWord cuts the first word; blanks within quotes belong to it.
func cutWord(s string) (word, rest string) {
	s = strings.TrimLeft(s, " \t")
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case !quoted && (s[i] == ' ' || s[i] == '\t'):
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func (k pubKey) line() string {
	if k.key == "" {
		return k.text
	}
	options := k.options
	if options != "" {
		options += " "
	}
	return options + k.typ + " " + k.key + " " + k.comment + "\n" // the reference leaves a blank where there is no comment
}

// sameOptions compares options; their order means nothing.
func sameOptions(a, b string) bool {
	split := func(s string) []string {
		var out []string
		quoted, from := false, 0
		for i := range len(s) {
			switch {
			case s[i] == '"' && (i == 0 || s[i-1] != '\\'):
				quoted = !quoted
			case s[i] == ',' && !quoted:
				out, from = append(out, s[from:i]), i+1
			}
		}
		out = append(out, s[from:])
		slices.Sort(out)
		return out
	}
	return a == b || slices.Equal(split(a), split(b))
}

func authorizedKey(c *Context, p *authorizedKeyArgs) (*Result, error) {
	text := p.Key
	if strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "file://") {
		resp := c.http(&httpRequest{URL: text, ValidateCerts: p.ValidateCerts, UseProxy: true, Netrc: true, Agent: "ansible-httpget"})
		defer resp.Body.Close()
		if resp.Status != 200 {
			return nil, Errorf("Error getting key from: " + text)
		}
		data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		if err != nil {
			return nil, Errorf("Error getting key from: " + text)
		}
		text = string(data)
	}
	user, known := userByName(p.User)
	if !known && !c.Check {
		return nil, Errorf(fmt.Sprintf("Failed to lookup user %s: \"getpwnam(): name not found: '%s'\"", p.User, p.User))
	}
	file := ""
	if p.Path != nil {
		file = string(*p.Path)
	} else {
		if !known {
			return nil, Errorf("Either user must exist or you must provide full path to key file in check mode")
		}
		file = filepath.Join(user.Home, ".ssh", "authorized_keys")
	}
	target := file
	if p.Follow {
		target = realPath(file)
	}
	var wanted []pubKey
	for _, l := range SplitLines(text) {
		if l = strings.TrimSpace(l); l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		k, ok := parsePubKey(l)
		if !ok {
			return nil, Errorf("invalid key specified: " + l)
		}
		if p.KeyOptions != nil {
			k.options = *p.KeyOptions
		}
		if p.Comment != nil {
			k.comment = *p.Comment
		}
		wanted = append(wanted, k)
	}
	defer c.editing(target)()
	data, err := readFile(target)
	if err != nil && !notExist(err) {
		return nil, Errorf(fmt.Sprintf("Failed to read %s: %s", file, pyError(err, file)))
	}
	before := string(data)
	var lines []pubKey
	for _, l := range splitKeepEnds(before) {
		k, _ := parsePubKey(strings.TrimRight(l, "\r\n"))
		k.text = l
		lines = append(lines, k)
	}
	changed := false
	for _, k := range wanted {
		at := slices.IndexFunc(lines, func(o pubKey) bool { return o.key == k.key && o.typ == k.typ })
		switch {
		case p.State == "absent":
			if at >= 0 {
				lines = slices.Delete(lines, at, at+1)
				changed = true
			}
		case at < 0:
			if n := len(lines); n > 0 && !strings.HasSuffix(lines[n-1].text, "\n") {
				lines[n-1].text += "\n"
			}
			lines = append(lines, k)
			changed = true
		case !sameOptions(lines[at].options, k.options) || lines[at].comment != k.comment:
			lines = append(slices.Delete(lines, at, at+1), k)
			changed = true
		}
	}
	if p.Exclusive && p.State == "present" {
		n := len(lines)
		lines = slices.DeleteFunc(lines, func(o pubKey) bool {
			return !slices.ContainsFunc(wanted, func(k pubKey) bool { return k.key == o.key })
		})
		changed = changed || len(lines) != n
	}
	r := Changed(changed)
	for k, v := range c.params.All() {
		r.Fields.Set(k, v)
	}
	r.Set("keyfile", file)
	if !changed {
		return r, nil
	}
	var after strings.Builder
	for _, k := range lines {
		after.WriteString(k.line())
	}
	r.AddDiff(Diff{Before: before, After: after.String(), BeforeHeader: file, AfterHeader: target})
	if c.Check {
		return r, nil
	}
	return r, p.write(c, target, after.String(), user, known)
}

// write replaces the file; a new one, and its folder, belong to the user alone.
func (p *authorizedKeyArgs) write(c *Context, file, text string, user passwdEntry, known bool) error {
	fa := &FileArgs{}
	if known && os.Geteuid() == 0 {
		o, g := fmt.Sprint(user.UID), fmt.Sprint(user.GID)
		fa.Owner, fa.Group = &o, &g
	}
	fa.Mode = Mode{int64(0o600)}
	if p.ManageDir {
		dir := filepath.Dir(file)
		if _, err := os.Stat(dir); notExist(err) {
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return Errorf(fmt.Sprintf("Failed to create directory %s : %s", dir, pathError(err, dir)))
			}
		}
		own := *fa
		own.Mode = Mode{int64(0o700)}
		if _, err := c.applyAttrs(dir, &own, nil); err != nil {
			return err
		}
	} else if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return Errorf(fmt.Sprintf("Failed to write to file %s: %s", file, pathError(err, file)))
	}
	_, err := c.replaceFile(file, []byte(text), fa, nil, nil)
	return err
}
