package yaml

import "github.com/goplay-engine/goplay/engine/value"

// Kind tells the three shapes of a node apart.
type Kind uint8

// The kinds of nodes.
const (
	Scalar Kind = iota
	Mapping
	Sequence
)

// String names the kind as PyYAML's messages do.
func (k Kind) String() string { return [...]string{"scalar", "mapping", "sequence"}[k] }

// Node is a part of a document as it was written. Nodes reached through an alias
// are the same node as their anchor.
type Node struct {
	Kind  Kind
	Tag   string    // explicit tag as written ("!vault", "!!str"), or ""
	Text  string    // a scalar's text, unquoted and unfolded
	Plain bool      // the scalar has no quotes: yes, 0644 and the like have a meaning
	Items []*Node   // of a sequence
	Pairs []Pair    // of a mapping: merges applied, duplicates resolved
	Pos   value.Pos // where the node begins

	val    value.Value // decoded once, so that aliases share one value
	state  uint8       // 0 not decoded, 1 being decoded, 2 done
	isJSON bool        // val was given by the JSON reader
}

// Pair is one entry of a mapping.
type Pair struct{ Key, Value *Node }

// Get returns the value node of a text key, or nil.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for _, p := range n.Pairs {
		if p.Key.Kind == Scalar && p.Key.Text == key {
			return p.Value
		}
	}
	return nil
}

// IsNull tells whether the node is an empty or null scalar.
func (n *Node) IsNull() bool {
	if n == nil {
		return true
	}
	if n.Kind != Scalar { // decoding it here would bind its secrets to no opener
		return false
	}
	v, err := n.Decode(Options{})
	return err == nil && v == nil
}
