package yaml

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// Decode returns the node's value. A node decodes once; later calls return the
// same value, as aliases share theirs. Only VaultOpen and UnsafeAll of o matter.
func (n *Node) Decode(o Options) (value.Value, error) {
	if n == nil {
		return nil, nil
	}
	if n.state == 2 {
		if o.UnsafeAll {
			return value.MarkUnsafe(n.val), nil
		}
		return n.val, nil
	}
	v, err := n.decode(o)
	if err != nil {
		return nil, err
	}
	// Secrets are bound to an opener, so a node read without one stays open.
	if _, secret := v.(*value.Secret); !secret && !o.UnsafeAll {
		n.val, n.state = v, 2
	}
	return v, nil
}

func (n *Node) decode(o Options) (value.Value, error) {
	switch shortTag(n.Tag) {
	case "!unsafe":
		u := *n
		u.Tag, u.state = "", 0
		v, err := u.decode(o)
		return value.MarkUnsafe(v), err
	case "!vault", "!vault-encrypted":
		if n.Kind != Scalar {
			return nil, n.fail("expected a scalar node, but found " + n.Kind.String())
		}
		return &value.Secret{Cipher: n.Text, Pos: n.Pos, Open: o.VaultOpen}, nil
	}
	switch n.Kind {
	case Mapping:
		return n.decodeMapping(o)
	case Sequence:
		return n.decodeSequence(o)
	}
	v, err := n.decodeScalar()
	if o.UnsafeAll {
		v = value.MarkUnsafe(v)
	}
	return v, err
}

func (n *Node) fail(problem string) *Error { return &Error{Pos: n.Pos, Problem: problem} }

func (n *Node) unknownTag() *Error {
	t := n.Tag
	if rest, ok := strings.CutPrefix(t, "!!"); ok {
		t = "tag:yaml.org,2002:" + rest
	}
	return n.fail(fmt.Sprintf("could not determine a constructor for the tag '%s'", t))
}

func (n *Node) decodeMapping(o Options) (value.Value, error) {
	switch shortTag(n.Tag) {
	case "", "!", "!!map", "!!python/dict":
	case "!!set":
		l := value.NewList()
		for _, p := range n.Pairs {
			k, err := p.Key.Decode(o)
			if err != nil {
				return nil, err
			}
			l.Append(k)
		}
		return l, nil
	case "!!seq", "!!omap", "!!pairs", "!!str", "!!int", "!!float", "!!bool", "!!null":
		return nil, n.fail("expected a different node, but found mapping")
	default:
		return nil, n.unknownTag()
	}
	d := value.NewDictCap(len(n.Pairs))
	for _, p := range n.Pairs {
		k, err := p.Key.Decode(Options{})
		if err != nil {
			return nil, err
		}
		v, err := p.Value.Decode(o)
		if err != nil {
			return nil, err
		}
		if s, ok := value.Text(k); ok {
			d.Set(s, v)
			d.SetPos(s, p.Value.Pos)
			continue
		}
		if s, ok := k.(*value.Secret); ok {
			k = s.Cipher
		}
		d.Set(k, v)
	}
	return d, nil
}

func (n *Node) decodeSequence(o Options) (value.Value, error) {
	tag := shortTag(n.Tag)
	switch tag {
	case "", "!", "!!seq", "!!omap", "!!pairs", "!!python/list", "!!python/tuple":
	case "!!map", "!!set":
		return nil, n.fail("expected a mapping node, but found sequence")
	case "!!str", "!!int", "!!float", "!!bool", "!!null":
		return nil, n.fail("expected a scalar node, but found sequence")
	default:
		return nil, n.unknownTag()
	}
	l := &value.List{Items: make([]value.Value, len(n.Items)), Pos: make([]value.Pos, len(n.Items))}
	for i, c := range n.Items {
		v, err := c.Decode(o)
		if err != nil {
			return nil, err
		}
		if tag == "!!omap" || tag == "!!pairs" {
			d, ok := v.(*value.Dict)
			if !ok || d.Len() != 1 {
				return nil, c.fail("expected a mapping of length 1")
			}
			k, e := d.Entry(0)
			v = value.Tuple{k, e}
		}
		l.Items[i], l.Pos[i] = v, c.Pos
	}
	return l, nil
}

func (n *Node) decodeScalar() (value.Value, error) {
	if n.isJSON {
		return n.val, nil
	}
	s := n.Text
	bad := func(kind string) error { return n.fail(fmt.Sprintf("%q is not a valid %s", s, kind)) }
	switch shortTag(n.Tag) {
	case "":
		if !n.Plain {
			return s, nil
		}
		v, err := ResolveScalar(s)
		if err != nil {
			return nil, n.fail(err.Error())
		}
		return v, nil
	case "!":
		v, err := ResolveScalar(s)
		if err != nil {
			return s, nil
		}
		return v, nil
	case "!!str", "!!python/unicode", "!!python/str":
		return s, nil
	case "!!null":
		return nil, nil
	case "!!bool":
		if v, ok := readBool(strings.ToLower(s)); ok {
			return v, nil
		}
		return nil, bad("boolean")
	case "!!int":
		if v, ok := readInt(s); ok {
			return v, nil
		}
		return nil, bad("integer")
	case "!!float":
		if v, ok := readFloat(s); ok {
			return v, nil
		}
		if v, ok := readInt(s); ok {
			return asFloat(v), nil
		}
		if f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64); err == nil && all(s, digits_+"+-.eE") {
			return f, nil
		}
		return nil, bad("float")
	case "!!binary":
		raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
		if err != nil {
			return nil, n.fail("failed to decode base64 data: " + err.Error())
		}
		return string(raw), nil
	case "!!timestamp":
		if v, ok, err := readTime(s); ok && err == nil {
			return v, nil
		}
		return nil, bad("timestamp")
	case "!!map", "!!seq", "!!set", "!!omap", "!!pairs":
		return nil, n.fail("expected a different node, but found scalar")
	}
	return nil, n.unknownTag()
}
