package action

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reserved words cannot be names of variables.
var reserved = map[string]bool{"False": true, "None": true, "True": true, "and": true, "as": true, "assert": true, "async": true,
	"await": true, "break": true, "class": true, "continue": true, "def": true, "del": true, "elif": true, "else": true, "except": true,
	"finally": true, "for": true, "from": true, "global": true, "if": true, "import": true, "in": true, "is": true, "lambda": true,
	"nonlocal": true, "not": true, "or": true, "pass": true, "raise": true, "return": true, "try": true, "while": true, "with": true,
	"yield": true}

// IsIdentifier tells whether s may be the name of a variable.
func IsIdentifier(s string) bool { return identifier.MatchString(s) && !reserved[s] }

func asBool(v value.Value, def bool) bool {
	switch x := v.(type) {
	case nil:
		return def
	case bool:
		return x
	}
	switch strings.ToLower(value.Str(v)) {
	case "yes", "true", "1", "on", "y", "t":
		return true
	}
	return false
}

// setFact sets variables of the host.
func setFact(c *Context) (*value.Dict, error) {
	facts := value.NewDict()
	cacheable := false
	for k, v := range c.Args.All() {
		name, _ := value.Text(k)
		if r, err := c.Templar.Render(k, c.ArgsPos); err == nil {
			name = value.Str(r)
		}
		if name == "cacheable" {
			cacheable = asBool(v, false)
			continue
		}
		if !IsIdentifier(name) {
			return nil, fmt.Errorf("The variable name '%s' is not valid. Variables must start with a letter or underscore character, and contain only letters, numbers and underscores.", name)
		}
		// Text that reads as a boolean is one, unless native types are on.
		if s, ok := v.(string); ok && !c.Native {
			switch strings.ToLower(s) {
			case "true", "false", "yes", "no":
				v = asBool(s, false)
			}
		}
		facts.Set(name, v)
	}
	if facts.Len() == 0 {
		return nil, errors.New("No key/value pairs provided, at least one is required for this action to succeed")
	}
	return value.DictOf("changed", false, "ansible_facts", facts, "_ansible_facts_cacheable", cacheable), nil
}

// addHost describes a host for the inventory; the run adds it.
func addHost(c *Context) (*value.Dict, error) {
	args := c.Args
	if args.Has("_raw_params") {
		if d, ok := args.At("_raw_params").(*value.Dict); ok {
			args = d
		}
	}
	get := func(keys ...string) (value.Value, bool) {
		for _, k := range keys {
			if v, ok := args.GetStr(k); ok {
				return v, true
			}
		}
		return nil, false
	}
	nv, ok := get("name", "hostname", "host")
	if !ok || value.Str(nv) == "" {
		return nil, errors.New("name, host or hostname needs to be provided")
	}
	name := value.Str(nv)
	vars := value.NewDict()
	if host, port, found := splitPort(name); found {
		name = host
		vars.Set("ansible_ssh_port", port)
	}
	groups := value.NewList()
	if g, ok := get("groups", "groupname", "group"); ok && g != nil {
		var list []value.Value
		switch x := g.(type) {
		case *value.List:
			list = x.Items
		case string, value.Unsafe:
			for _, s := range strings.Split(value.Str(x), ",") {
				list = append(list, s)
			}
		default:
			return nil, errors.New("Groups must be specified as a list.")
		}
		for _, e := range list {
			if s := strings.TrimSpace(value.Str(e)); s != "" {
				groups.Append(s)
			}
		}
	}
	for k, v := range args.All() {
		switch n, _ := value.Text(k); n {
		case "name", "hostname", "host", "groups", "groupname", "group", "_raw_params":
		default:
			vars.Set(k, v)
		}
	}
	return value.DictOf("changed", false, "add_host", value.DictOf("host_name", name, "groups", groups, "host_vars", vars)), nil
}

// splitPort takes host:port and [address]:port apart.
func splitPort(s string) (host string, port value.Value, ok bool) {
	i := strings.LastIndex(s, ":")
	if i < 0 || strings.Count(s, ":") > 1 && !strings.HasPrefix(s, "[") {
		return s, nil, false
	}
	n, err := value.ParseNumber(s[i+1:])
	if err != nil {
		return s, nil, false
	}
	return strings.Trim(s[:i], "[]"), n, true
}

// groupBy puts the host into a group made of a key.
func groupBy(c *Context) (*value.Dict, error) {
	if err := unknown(c, "group_by", "key", "parents"); err != nil {
		return Fail(err.Error()), nil
	}
	key, ok := c.Args.GetStr("key")
	if !ok {
		return nil, errors.New("the 'key' param is required when using group_by")
	}
	clean := func(v value.Value) string { return strings.ReplaceAll(value.Str(v), " ", "-") }
	parents := value.NewList()
	switch p := c.Args.At("parents").(type) {
	case nil:
		parents.Append("all")
	case *value.List:
		for _, e := range p.Items {
			parents.Append(clean(e))
		}
	default:
		parents.Append(clean(p))
	}
	return value.DictOf("changed", false, "add_group", clean(key), "parent_groups", parents), nil
}

// setStats adds figures to the end of the run.
func setStats(c *Context) (*value.Dict, error) {
	if err := unknown(c, "set_stats", "aggregate", "data", "per_host"); err != nil {
		return nil, err
	}
	stats := value.DictOf("data", value.NewDict(), "per_host", false, "aggregate", true)
	if v, ok := c.Args.GetStr("data"); ok && value.Truth(v) {
		d, ok := v.(*value.Dict)
		if !ok {
			return Fail("The 'data' option needs to be a dictionary/hash"), nil
		}
		for k := range d.All() {
			if n := value.Str(k); !IsIdentifier(n) {
				return nil, fmt.Errorf("The variable name '%s' is not valid. Variables must start with a letter or underscore character, and contain only letters, numbers and underscores.", n)
			}
		}
		stats.Set("data", d)
	}
	for _, k := range []string{"per_host", "aggregate"} {
		if v, ok := c.Args.GetStr(k); ok {
			stats.Set(k, asBool(v, k == "aggregate"))
		}
	}
	return value.DictOf("changed", false, "ansible_stats", stats), nil
}
