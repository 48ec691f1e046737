package yaml

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

const maxJSONDepth = 5000

// jsonReader walks JSON tokens and keeps the place of each.
type jsonReader struct {
	b         *builder
	dec       *json.Decoder
	line, col int // of the byte at offset at
	at        int // how far lines and columns were counted
}

// json builds the tree of a file that is valid JSON: the numbers, null and
// booleans have JSON's meaning, not YAML's.
func (b *builder) json() (*Node, error) {
	r := &jsonReader{b: b, dec: json.NewDecoder(bytes.NewReader(b.src)), line: 1, col: 1}
	r.dec.UseNumber()
	return r.node(0)
}

// mark returns the position of the token that comes next.
func (r *jsonReader) mark() value.Pos {
	off := int(r.dec.InputOffset())
	src := r.b.src
	for off < len(src) && bytes.IndexByte([]byte(" \t\r\n,:"), src[off]) >= 0 {
		off++
	}
	for ; r.at < off; r.at++ {
		if src[r.at] == '\n' {
			r.line++
			r.col = 1
		} else if utf8.RuneStart(src[r.at]) {
			r.col++
		}
	}
	return value.Pos{File: r.b.file, Line: r.line, Col: r.col}
}

func (r *jsonReader) node(depth int) (*Node, error) {
	n := &Node{Pos: r.mark(), isJSON: true}
	if depth > maxJSONDepth {
		return nil, r.b.fail(n.Pos, "nested too deep")
	}
	t, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	switch x := t.(type) {
	case json.Delim:
		n.isJSON = false
		if x == '[' {
			n.Kind = Sequence
			for r.dec.More() {
				c, err := r.node(depth + 1)
				if err != nil {
					return nil, err
				}
				n.Items = append(n.Items, c)
			}
		} else {
			n.Kind = Mapping
			if err := r.pairs(n, depth); err != nil {
				return nil, err
			}
		}
		_, err = r.dec.Token()
		return n, err
	case json.Number:
		n.Text, n.Plain = x.String(), true
		n.val, err = value.ParseNumber(n.Text)
	case string:
		n.Text, n.val = x, x
	default:
		n.Text, n.Plain, n.val = fmt.Sprint(t), true, t
	}
	return n, err
}

// pairs reads an object; Ansible's own wire keys for secrets and unsafe text
// are turned back into what they stand for.
func (r *jsonReader) pairs(n *Node, depth int) error {
	index := map[string]int{}
	for r.dec.More() {
		k, err := r.node(depth + 1)
		if err != nil {
			return err
		}
		v, err := r.node(depth + 1)
		if err != nil {
			return err
		}
		if i, dup := index[k.Text]; dup {
			n.Pairs[i].Value = v
			continue
		}
		index[k.Text] = len(n.Pairs)
		n.Pairs = append(n.Pairs, Pair{k, v})
	}
	if len(n.Pairs) == 1 && n.Pairs[0].Value.Kind == Scalar {
		tag := map[string]string{"__ansible_vault": "!vault", "__ansible_unsafe": "!unsafe"}[n.Pairs[0].Key.Text]
		if tag != "" {
			text := n.Pairs[0].Value.Text
			*n = Node{Kind: Scalar, Tag: tag, Text: text, Pos: n.Pos}
		}
	}
	return nil
}
