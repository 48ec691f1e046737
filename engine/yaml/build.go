package yaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	y3 "go.yaml.in/yaml/v3"

	"github.com/goplay-engine/goplay/engine/value"
)

// maxNodes bounds what aliases may expand to; a nested-alias bomb passes it at once.
const maxNodes = 20_000_000

type builder struct {
	file  string
	src   []byte
	opts  Options
	nodes map[*y3.Node]*Node // anchors already built
	size  map[*Node]int      // expanded size of anchored nodes
	count int
	busy  map[*y3.Node]bool // anchors being built

	mended []byte      // src with every \/ written as slash.esc, or nil
	slash  slashEscape // what stands for \/ in it
}

func (b *builder) documents(single bool) ([]*Node, error) {
	src := b.src
	if b.mended != nil {
		src = b.mended
	}
	dec := y3.NewDecoder(bytes.NewReader(src))
	var docs []*Node
	for {
		var raw y3.Node
		err := decodeSafely(dec, &raw)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			if strings.Contains(err.Error(), "found unknown escape character") && b.mendSlashes() {
				return b.documents(single)
			}
			return nil, b.syntaxError(dec, err)
		}
		if raw.Kind != y3.DocumentNode || len(raw.Content) == 0 {
			docs = append(docs, nil)
			continue
		}
		if single && len(docs) > 0 {
			return nil, b.errAt(raw.Line, raw.Column, "but found another document")
		}
		b.nodes, b.size, b.busy = map[*y3.Node]*Node{}, map[*Node]int{}, map[*y3.Node]bool{}
		n, err := b.node(raw.Content[0])
		if err != nil {
			return nil, err
		}
		docs = append(docs, n)
	}
}

// decodeSafely turns a panic of the parser, which hostile input may cause, into
// an error.
func decodeSafely(dec *y3.Decoder, n *y3.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: unreadable document: %v", r)
		}
	}()
	return dec.Decode(n)
}

func (b *builder) pos(n *y3.Node) value.Pos {
	return value.Pos{File: b.file, Line: n.Line, Col: n.Column}
}

func (b *builder) node(raw *y3.Node) (*Node, error) {
	if raw.Kind == y3.AliasNode {
		return b.alias(raw)
	}
	b.count++
	n := &Node{Pos: b.pos(raw)}
	if raw.Style&y3.TaggedStyle != 0 {
		n.Tag = raw.Tag
	}
	before := b.count
	if raw.Anchor != "" {
		b.busy[raw] = true
		defer delete(b.busy, raw)
	}
	var err error
	switch raw.Kind {
	case y3.ScalarNode:
		n.Text = b.slashes(raw)
		n.Plain = raw.Style&(y3.DoubleQuotedStyle|y3.SingleQuotedStyle|y3.LiteralStyle|y3.FoldedStyle) == 0
	case y3.SequenceNode:
		n.Kind = Sequence
		n.Items = make([]*Node, len(raw.Content))
		for i, c := range raw.Content {
			if n.Items[i], err = b.node(c); err != nil {
				return nil, err
			}
		}
	case y3.MappingNode:
		n.Kind = Mapping
		if err = b.mapping(n, raw); err != nil {
			return nil, err
		}
	}
	if raw.Anchor != "" {
		b.nodes[raw] = n
		b.size[n] = b.count - before + 1
	}
	return n, nil
}

func (b *builder) alias(raw *y3.Node) (*Node, error) {
	n := b.nodes[raw.Alias]
	if n == nil {
		return nil, b.errAt(raw.Line, raw.Column, fmt.Sprintf("anchor '%s' contains itself", raw.Value))
	}
	if b.count += b.size[n]; b.count > maxNodes {
		return nil, b.errAt(raw.Line, raw.Column, "aliases expand to too many values")
	}
	return n, nil
}

// mapping fills n.Pairs: merged entries first, then the mapping's own, the last
// of equal keys winning in the place of the first.
func (b *builder) mapping(n *Node, raw *y3.Node) error {
	var merged, own []Pair
	for i := 0; i+1 < len(raw.Content); i += 2 {
		k, err := b.node(raw.Content[i])
		if err != nil {
			return err
		}
		v, err := b.node(raw.Content[i+1])
		if err != nil {
			return err
		}
		if isMergeKey(k) {
			if merged, err = b.merge(merged, v); err != nil {
				return err
			}
			continue
		}
		own = append(own, Pair{k, v})
	}
	n.Pairs = append(merged, own...)
	return b.dedupe(n)
}

func isMergeKey(k *Node) bool {
	return k.Kind == Scalar && ((k.Plain && k.Text == "<<" && k.Tag == "") || k.Tag == "!!merge")
}

func (b *builder) merge(merged []Pair, v *Node) ([]Pair, error) {
	switch v.Kind {
	case Mapping:
		return append(merged, v.Pairs...), nil
	case Sequence:
		for i := len(v.Items) - 1; i >= 0; i-- {
			if v.Items[i].Kind != Mapping {
				return nil, b.fail(v.Items[i].Pos, fmt.Sprintf("expected a mapping for merging, but found %s", v.Items[i].Kind))
			}
			merged = append(merged, v.Items[i].Pairs...)
		}
		return merged, nil
	}
	return nil, b.fail(v.Pos, fmt.Sprintf("expected a mapping or list of mappings for merging, but found %s", v.Kind))
}

func (b *builder) dedupe(n *Node) error {
	seen := value.NewDictCap(len(n.Pairs))
	out := n.Pairs[:0:len(n.Pairs)]
	for _, p := range n.Pairs {
		key, err := b.key(p.Key)
		if err != nil {
			return err
		}
		at, dup := seen.Get(key)
		if !dup {
			seen.Set(key, int64(len(out)))
			out = append(out, p)
			continue
		}
		msg := fmt.Sprintf("While constructing a mapping from %s, line %d, column %d, found a duplicate dict key (%s).",
			b.file, n.Pos.Line, n.Pos.Col, value.Str(key))
		switch b.opts.DuplicateKeys {
		case "error":
			return b.fail(p.Key.Pos, msg)
		case "ignore":
		default:
			if b.opts.Warn != nil {
				b.opts.Warn(msg + " Using last defined value only.")
			}
		}
		out[at.(int64)].Value = p.Value
	}
	n.Pairs = out
	return nil
}

// key decodes a mapping's key; only scalars and sequences tagged as tuples can be one.
func (b *builder) key(k *Node) (value.Value, error) {
	switch k.Kind {
	case Mapping:
		return nil, b.fail(k.Pos, "found unacceptable key (unhashable type: 'AnsibleMapping')")
	case Sequence:
		return nil, b.fail(k.Pos, "found unacceptable key (unhashable type: 'AnsibleSequence')")
	}
	v, err := k.Decode(Options{})
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			return nil, b.fail(e.Pos, e.Problem)
		}
		return nil, err
	}
	if s, ok := v.(*value.Secret); ok {
		return s.Cipher, nil
	}
	return v, nil
}

func (b *builder) errAt(line, col int, problem string) *Error {
	return b.fail(value.Pos{File: b.file, Line: line, Col: col}, problem)
}

func (b *builder) fail(p value.Pos, problem string) *Error {
	e := &Error{Pos: p, Problem: problem}
	e.hidden = b.opts.HideContent
	if looksLikeJSON(b.src) {
		if _, err := value.ParseJSON(b.src); err != nil {
			e.json = err.Error()
		}
	}
	if !e.hidden {
		e.excerpt(b.src)
	}
	return e
}

// shortTag folds the long form of YAML's own tags to "!!name".
func shortTag(t string) string {
	if rest, ok := strings.CutPrefix(t, "tag:yaml.org,2002:"); ok {
		return "!!" + rest
	}
	return t
}
