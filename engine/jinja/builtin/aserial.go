package builtin

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// jsonOptions reads json.dumps's keywords.
func (c *Call) jsonOptions(o value.JSONOptions) (value.JSONOptions, error) {
	for k, v := range c.Kwargs.All() {
		if err := Defined(v); err != nil {
			return o, err
		}
		switch name := value.Str(k); name {
		case "indent":
			o.Indent, o.IndentText, o.Lines = 0, "", v != nil
			if t, ok := value.Text(v); ok {
				o.IndentText = t
			} else if v != nil {
				n, err := py.Index(v)
				if err != nil {
					return o, err
				}
				o.Indent = int(max(min(n, 1000), 0))
			}
		case "sort_keys":
			o.SortKeys = value.Truth(v)
		case "ensure_ascii":
			o.EscapeASCII = value.Truth(v)
		case "separators":
			if v == nil {
				continue
			}
			parts, err := c.listOf(v)
			if err != nil {
				return o, err
			}
			if len(parts) != 2 {
				return o, py.Raise("ValueError", "separators must be a pair of an item and a key separator")
			}
			o.ItemSep, o.KeySep = value.Str(parts[0]), value.Str(parts[1])
			o.Separators = true
		case "vault_to_text":
			o.Redact = !value.Truth(v)
		case "skipkeys", "check_circular", "allow_nan", "default", "cls", "preprocess_unsafe":
		default:
			return o, py.Raise("TypeError", "%s() got an unexpected keyword argument '%s'%s", c.Name, name,
				hint(name, []string{"indent", "sort_keys", "ensure_ascii", "separators"}))
		}
	}
	return o, nil
}

func toJSON(base value.JSONOptions) Func {
	return func(c *Call) (Value, error) {
		if len(c.Args) > 1 {
			// to_nice_json(indent) and to_nice_json(indent, sort_keys) by position.
			names := []string{"indent", "sort_keys"}
			if len(c.Args)-1 > len(names) || base.Indent == 0 {
				return nil, py.Raise("TypeError", "%s() takes 1 positional argument but %d were given", c.Name, len(c.Args))
			}
			kw := value.NewDict()
			kw.Update(c.Kwargs)
			for i, v := range c.Args[1:] {
				kw.Set(names[i], v)
			}
			c = &Call{Name: c.Name, Args: c.Args[:1], Kwargs: kw, Env: c.Env}
		}
		o, err := c.jsonOptions(base)
		if err != nil {
			return nil, err
		}
		if err := jsonKind(c.in()); err != nil {
			return nil, err
		}
		t, err := value.DumpJSON(jsonReady(c.in()), o)
		if err != nil {
			return nil, err
		}
		return py.NativeText(t), nil
	}
}

// jsonKind refuses what Python's json does.
func jsonKind(v Value) error {
	switch x := v.(type) {
	case *py.Range, *py.View, py.Bytes:
		return py.Raise("TypeError", "Object of type %s is not JSON serializable", value.TypeName(x))
	}
	return nil
}

func fromJSONFilter(c *Call) (Value, error) {
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	t, ok := textOf(c.in())
	if b, isBytes := c.in().(py.Bytes); isBytes {
		t, ok = string(b), true
	}
	if !ok {
		return nil, py.Raise("TypeError", "the JSON object must be str, bytes or bytearray, not %s", value.TypeName(c.in()))
	}
	v, err := value.ParseJSONText(t)
	if err != nil {
		return nil, err
	}
	return c.trust(v), nil
}

// trust marks what was read from unsafe text unsafe.
func (c *Call) trust(v Value) Value {
	if _, ok := c.in().(value.Unsafe); ok {
		return value.MarkUnsafe(v)
	}
	return v
}

func toYAML(nice bool) Func {
	return func(c *Call) (Value, error) {
		switch x := c.in().(type) {
		case *py.Range, *py.View, py.Markup:
			return nil, fail("%s - ('cannot represent an object', %s)", c.Name, value.Repr(x))
		}
		o := yaml.DumpOptions{SortKeys: true, AllowUnicode: true, FlowLeaves: true}
		names := []string{"default_flow_style"}
		if nice {
			o.Indent, o.FlowLeaves = 4, false
			names = []string{"indent"}
		}
		kw := value.NewDict()
		for i, v := range c.Args[1:] {
			if i >= len(names) {
				return nil, py.Raise("TypeError", "%s() takes at most %d positional arguments (%d given)", c.Name, len(names)+1, len(c.Args))
			}
			kw.Set(names[i], v)
		}
		kw.Update(c.Kwargs)
		for k, v := range kw.All() {
			if err := Defined(v); err != nil {
				return nil, err
			}
			switch name := value.Str(k); name {
			case "indent", "width":
				if v == nil {
					continue
				}
				f, err := py.ToFloat(v)
				if err != nil {
					return nil, err
				}
				n := int(max(min(f, 1<<31-1), -1))
				if name == "indent" {
					o.Indent = n
				} else {
					o.Width = n
					if n == 0 {
						o.Width = 80
					}
				}
			case "sort_keys":
				o.SortKeys = value.Truth(v)
			case "default_flow_style":
				if nice {
					return nil, fail("to_nice_yaml - yaml.dump() got multiple values for keyword argument 'default_flow_style'; use to_yaml")
				}
				o.Flow, o.FlowLeaves = value.Truth(v), v == nil
			case "explicit_start":
				o.ExplicitStart = value.Truth(v)
			case "explicit_end":
				o.ExplicitEnd = value.Truth(v)
			case "default_style":
				if t, ok := value.Text(v); ok && t != "" {
					o.DefaultStyle = t[0]
				}
			case "canonical":
				if value.Truth(v) {
					return nil, fail("%s - the canonical form of YAML cannot be written", c.Name)
				}
			case "encoding", "version", "tags", "line_break":
			case "allow_unicode":
				return nil, fail("%s - yaml.dump() got multiple values for keyword argument 'allow_unicode'", c.Name)
			default:
				return nil, fail("%s - yaml.dump() got an unexpected keyword argument '%s'%s", c.Name, name,
					hint(name, []string{"indent", "width", "sort_keys", "default_flow_style", "explicit_start", "default_style"}))
			}
		}
		t, err := yaml.Dump(yamlReady(c.in()), o)
		if err != nil {
			return nil, err
		}
		return py.NativeText(t), nil
	}
}

func fromYAML(all bool) Func {
	return func(c *Call) (Value, error) {
		if err := Defined(c.in()); err != nil && all {
			return nil, err
		}
		t, ok := textOf(c.in())
		if b, isBytes := c.in().(py.Bytes); isBytes {
			t, ok = string(b), true
		}
		if !ok {
			if all && c.in() == nil {
				return value.NewList(), nil
			}
			return c.in(), nil
		}
		o := yaml.Options{DuplicateKeys: "ignore"}
		if all {
			docs, err := yaml.LoadAll("<unicode string>", []byte(t), o)
			if err != nil {
				return nil, yamlError(err)
			}
			return c.trust(listValue(docs)), nil
		}
		v, err := yaml.Load("<unicode string>", []byte(t), o)
		if err != nil {
			return nil, yamlError(err)
		}
		return c.trust(v), nil
	}
}

func yamlError(err error) error {
	return py.Raise("YAMLError", "%s", strings.TrimSpace(err.Error()))
}
