package module

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

type aptKeyArgs struct {
	Data          *string `arg:"data" doc:"The key itself, armoured."`
	File          *Path   `arg:"file" doc:"File on the host that holds the key."`
	ID            *string `arg:"id" doc:"Id of the key: 8, 16 or 40 hexadecimal digits, also with 0x."`
	Keyring       *Path   `arg:"keyring" doc:"Keyring in /etc/apt/trusted.gpg.d to work with."`
	Keyserver     *string `arg:"keyserver" doc:"Key server to fetch the key from."`
	State         string  `arg:"state,default=present,choices=absent|present" doc:"Whether apt trusts the key."`
	URL           *string `arg:"url" doc:"Address of the key."`
	ValidateCerts bool    `arg:"validate_certs,default=true" doc:"Check the server's certificate."`
}

var aptKeyDef = &Def{
	Name:              "ansible.builtin.apt_key",
	Short:             "Add or remove an apt key",
	Args:              func() any { return &aptKeyArgs{} },
	Run:               runAptKey,
	MutuallyExclusive: [][]string{{"data", "file", "keyserver", "url"}},
}

func runAptKey(c *Context, args any) *Result {
	a := args.(*aptKeyArgs)
	id := ""
	if a.ID != nil {
		id = strings.ToUpper(strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(*a.ID), "0x"), "0X"))
		if !regexp.MustCompile(`^[0-9A-F]+$`).MatchString(id) {
			return Fail("Invalid key_id").Set("id", *a.ID)
		}
	}
	tool, err := c.findProgram("apt-key")
	if err != nil {
		return Fail("apt-key is not on this host; put the key into /etc/apt/keyrings and name it with signed-by (deb822_repository, get_url): %s", err)
	}
	width := 16 // an id of 8 digits is compared with ids of 8
	if len(id) == 8 {
		width = 8
	}
	base := []string{tool}
	if a.Keyring != nil {
		base = append(base, "--keyring", string(*a.Keyring))
	}
	list := func() (ids []string, err error) {
		if a.Keyring != nil {
			if !access(string(*a.Keyring), 0) {
				return nil, nil // gpg would make it, in check mode, too
			}
		}
		p, err := c.run(append(slices.Clone(base), "adv", "--list-public-keys", "--keyid-format=long", "--with-colons"), &progOptions{Env: cLocale})
		if err != nil {
			return nil, err
		}
		if p.RC != 0 && strings.Contains(p.Stderr, "gnupg") {
			return nil, Errorf("unable to list public keys: "+strings.TrimSpace(p.Stderr), "rc", p.RC)
		}
		for _, l := range strings.Split(p.Stdout, "\n") {
			if f := strings.Split(l, ":"); len(f) > 9 && (f[0] == "pub" || f[0] == "sub") {
				ids = append(ids, f[4][max(0, len(f[4])-width):])
			}
		}
		return ids, nil
	}
	has := func(ids []string) bool { // the ids are of 8 or 16 digits, the one asked for may have 8, 16 or 40
		return slices.ContainsFunc(ids, func(k string) bool { return strings.HasSuffix(k, id) || strings.HasSuffix(id, k) })
	}
	before, err := list()
	if err != nil {
		return FailErr(err)
	}
	res := OK().Set("before", before)
	data, err := c.aptKeyData(a)
	if err != nil {
		return FailErr(err)
	}
	shown := id
	if a.ID != nil {
		shown = *a.ID
	} else if data != nil {
		if id, err = aptKeyID(a, data); err != nil {
			return FailErr(err)
		}
		shown = id
	}
	if id != "" {
		res.Set("id", shown).Set("short_id", id[max(0, len(id)-8):]).Set("fp", id[max(0, len(id)-16):]).Set("key_id", id)
	}
	if a.State == "absent" {
		if id == "" {
			return Fail("key is required")
		}
		if !has(before) {
			return res
		}
		res.Changed = true
		if c.Check {
			return res
		}
		p, err := c.run(append(base, "del", id), &progOptions{Env: cLocale})
		if err != nil {
			return FailErr(err)
		}
		if p.RC != 0 {
			return failedProgram("error removing key_id", p).Set("key_id", id)
		}
		after, err := list()
		if err != nil {
			return FailErr(err)
		}
		return res.Set("after", after)
	}
	switch {
	case data == nil && a.Keyserver == nil:
		return Fail("one of data, file, url or keyserver is needed to add a key")
	case id == "":
		return Fail("Missing key_id, required with keyserver.")
	case has(before):
		return res
	case c.Check:
		res.Changed = true
		return res
	}
	add := append(slices.Clone(base), "add", "-")
	if data == nil {
		add = append(slices.Clone(base), "adv", "--no-tty", "--keyserver", *a.Keyserver, "--recv", id)
	}
	p, err := c.run(add, &progOptions{Stdin: data, Env: cLocale})
	if err != nil {
		return FailErr(err)
	}
	if p.RC != 0 {
		return failedProgram("Unable to add the key: "+strings.TrimSpace(or(p.Stderr, p.Stdout)), p)
	}
	after, err := list()
	if err != nil {
		return FailErr(err)
	}
	res.Changed = !slices.Equal(before, after)
	res.Set("after", after)
	if !has(after) {
		res.Failed, res.Changed = true, true
		return res.WithMsg("apt-key did not return an error, but failed to add the key (check that the id is correct and *not* a subkey)")
	}
	return res
}

// aptKeyData is the key that the task brings, nil where it comes from a key
// server or is to go.
func (c *Context) aptKeyData(a *aptKeyArgs) ([]byte, error) {
	switch {
	case a.State == "absent" && a.ID != nil:
		return nil, nil
	case a.Data != nil:
		return []byte(*a.Data), nil
	case a.File != nil:
		b, err := readFile(string(*a.File))
		if err != nil {
			return nil, Errorf(fmt.Sprintf("Unable to extract key from '%s': %s", *a.File, strerror(err)))
		}
		return b, nil
	case a.URL != nil:
		b, err := c.fetchText(*a.URL, "", a.ValidateCerts)
		if err != nil {
			return nil, Errorf(fmt.Sprintf("Failed to download key at %s: %s", *a.URL, err))
		}
		return b, nil
	}
	return nil, nil
}

// aptKeyID reads the id of the first key in the data, 16 digits.
func aptKeyID(a *aptKeyArgs, data []byte) (string, error) {
	keys, _ := parsePGPKeys(data)
	if len(keys) == 0 {
		from := "inline data"
		if a.File != nil {
			from = string(*a.File)
		} else if a.URL != nil {
			from = *a.URL
		}
		return "", Errorf(fmt.Sprintf("Unable to extract key from '%s'", from))
	}
	return keys[0].id, nil
}
