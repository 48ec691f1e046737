package yaml

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// DumpOptions choose among the layouts of PyYAML's dump with libyaml's emitter.
// The zero value is dump(v, sort_keys=False, default_flow_style=False).
type DumpOptions struct {
	Indent       int  // spaces per level; 0 is 2
	Width        int  // where lines are folded; 0 is 80
	SortKeys     bool // as sort_keys=True
	AllowUnicode bool // as allow_unicode=True
	// FlowLeaves writes lists and mappings of scalars on one line, as
	// default_flow_style=None does; Flow writes everything on one line.
	FlowLeaves, Flow bool
	ExplicitStart    bool // begins with "---"
	ExplicitEnd      bool // ends with "..."
	Literal          bool // text of several lines is written as a literal block
	DefaultStyle     byte // '"', '\'', '|' or '>' for every scalar
	NoAliases        bool // values met twice are written twice
}

// Dump writes v as YAML as PyYAML does. Undefined values are errors.
func Dump(v value.Value, o DumpOptions) (string, error) {
	if o.Indent < 2 || o.Indent > 9 {
		o.Indent = 2
	}
	if o.Width <= o.Indent*2 {
		if o.Width != 0 {
			o.Width = math.MaxInt
		} else {
			o.Width = 80
		}
	}
	e := &emitter{o: o, indent: -1, whitespace: true, indention: true, anchors: map[any]string{}, seen: map[any]bool{}}
	if !o.NoAliases {
		if err := e.count(v, 0); err != nil {
			return "", err
		}
	}
	if o.ExplicitStart {
		e.indicator("---", true, false, false)
	}
	if err := e.node(v, ctxRoot, false); err != nil {
		return "", err
	}
	if o.ExplicitEnd || e.openEnded {
		e.writeIndent()
		e.indicator("...", true, false, false)
	}
	e.writeIndent()
	return e.out.String(), nil
}

type context uint8

const (
	ctxRoot context = iota
	ctxSequence
	ctxMapping
	ctxKey
)

type emitter struct {
	o          DumpOptions
	out        strings.Builder
	column     int
	indent     int
	stack      []int
	flow       int
	whitespace bool // the last character was a blank
	indention  bool // the line holds nothing but indentation so far
	openEnded  bool // a block scalar that keeps its line ends, which "..." has to end

	anchors map[any]string // containers met more than once; "" not yet written
	seen    map[any]bool
	written map[any]bool
	next    int
}

const maxDumpDepth = 1000

// count finds the containers that are met more than once.
func (e *emitter) count(v value.Value, depth int) error {
	if depth > maxDumpDepth {
		return fmt.Errorf("nested too deep for YAML")
	}
	switch x := v.(type) {
	case *value.Dict:
		if e.met(x) {
			return nil
		}
		for _, i := range e.order(x) {
			k, w := x.Entry(i)
			if err := e.count(k, depth+1); err != nil {
				return err
			}
			if err := e.count(w, depth+1); err != nil {
				return err
			}
		}
	case *value.List:
		if e.met(x) {
			return nil
		}
		for _, w := range x.Items {
			if err := e.count(w, depth+1); err != nil {
				return err
			}
		}
	case *value.Secret:
		e.met(x)
	case value.Tuple:
		for _, w := range x {
			if err := e.count(w, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *emitter) met(p any) bool {
	if !e.seen[p] {
		e.seen[p] = true
		return false
	}
	if _, ok := e.anchors[p]; !ok {
		e.next++
		e.anchors[p] = fmt.Sprintf("id%03d", e.next)
	}
	return true
}

func (e *emitter) put(s string) {
	e.out.WriteString(s)
	e.column += utf8.RuneCountInString(s)
}

func (e *emitter) putBreak() {
	e.out.WriteByte('\n')
	e.column = 0
}

func (e *emitter) indicator(s string, needBlank, isBlank, isIndention bool) {
	if needBlank && !e.whitespace {
		e.put(" ")
	}
	e.put(s)
	e.whitespace = isBlank
	e.indention = e.indention && isIndention
	e.openEnded = false
}

func (e *emitter) writeIndent() {
	n := max(e.indent, 0)
	if !e.indention || e.column > n || e.column == n && !e.whitespace {
		e.putBreak()
	}
	if e.column < n {
		e.put(strings.Repeat(" ", n-e.column))
	}
	e.whitespace, e.indention = true, true
}

func (e *emitter) push(flow, indentless bool) {
	e.stack = append(e.stack, e.indent)
	switch {
	case e.indent < 0 && flow:
		e.indent = e.o.Indent
	case e.indent < 0:
		e.indent = 0
	case !indentless:
		e.indent += e.o.Indent
	}
}

func (e *emitter) pop() {
	e.indent = e.stack[len(e.stack)-1]
	e.stack = e.stack[:len(e.stack)-1]
}

func (e *emitter) node(v value.Value, ctx context, simple bool) error {
	if len(e.stack) > maxDumpDepth {
		return fmt.Errorf("nested too deep for YAML")
	}
	switch x := v.(type) {
	case *value.Dict:
		if e.alias(x, ctx) {
			return nil
		}
		return e.mapping(x, simple)
	case *value.List:
		if e.alias(x, ctx) {
			return nil
		}
		return e.sequence(x.Items, ctx)
	case *value.Secret:
		if e.alias(x, ctx) {
			return nil
		}
	case value.Tuple:
		return e.sequence(x, ctx)
	case value.Iterable:
		var items []value.Value
		if err := x.Iterate(func(w value.Value) bool { items = append(items, w); return true }); err != nil {
			return err
		}
		return e.sequence(items, ctx)
	}
	return e.scalar(v, simple)
}

// alias writes *id001 for a container already written, or its &id001.
func (e *emitter) alias(p any, ctx context) bool {
	name, ok := e.anchors[p]
	if !ok {
		return false
	}
	if e.written[p] {
		e.indicator("*"+name, true, false, false)
		if ctx == ctxKey {
			e.put(" ")
		}
		return true
	}
	if e.written == nil {
		e.written = map[any]bool{}
	}
	e.written[p] = true
	e.indicator("&"+name, true, false, false)
	return false
}

// inline tells whether a container goes on one line.
func (e *emitter) inline(n int, leaves func() bool) bool {
	return e.flow > 0 || e.o.Flow || n == 0 || e.o.FlowLeaves && e.o.DefaultStyle == 0 && leaves()
}

func isLeaf(v value.Value) bool {
	switch v.(type) {
	case *value.Dict, *value.List, value.Tuple, *value.Secret, value.Iterable:
		return false
	}
	return true
}

func (e *emitter) sequence(items []value.Value, ctx context) error {
	leaves := func() bool {
		for _, v := range items {
			if !isLeaf(v) {
				return false
			}
		}
		return true
	}
	if !e.inline(len(items), leaves) {
		e.push(false, ctx == ctxMapping && !e.indention)
		defer e.pop()
		for _, v := range items {
			e.writeIndent()
			e.indicator("-", true, false, true)
			if err := e.node(v, ctxSequence, false); err != nil {
				return err
			}
		}
		return nil
	}
	e.indicator("[", true, true, false)
	e.push(true, false)
	e.flow++
	for i, v := range items {
		if i > 0 {
			e.indicator(",", false, false, false)
		}
		if e.column > e.o.Width {
			e.writeIndent()
		}
		if err := e.node(v, ctxSequence, false); err != nil {
			return err
		}
	}
	e.flow--
	e.pop()
	e.indicator("]", false, false, false)
	return nil
}

func (e *emitter) mapping(d *value.Dict, _ bool) error {
	leaves := func() bool {
		for k, v := range d.All() {
			if !isLeaf(k) || !isLeaf(v) {
				return false
			}
		}
		return true
	}
	flow := e.inline(d.Len(), leaves)
	if flow {
		e.indicator("{", true, true, false)
		e.flow++
	}
	e.push(flow, false)
	for n, i := range e.order(d) {
		k, v := d.Entry(i)
		if flow {
			if n > 0 {
				e.indicator(",", false, false, false)
			}
			if e.column > e.o.Width {
				e.writeIndent()
			}
		} else {
			e.writeIndent()
		}
		if e.simpleKey(k) {
			if err := e.node(k, ctxKey, true); err != nil {
				return err
			}
			e.indicator(":", false, false, false)
		} else {
			e.indicator("?", true, false, !flow)
			if err := e.node(k, ctxMapping, false); err != nil {
				return err
			}
			if !flow || e.column > e.o.Width {
				e.writeIndent()
			}
			e.indicator(":", true, false, !flow)
		}
		if err := e.node(v, ctxMapping, false); err != nil {
			return err
		}
	}
	e.pop()
	if flow {
		e.flow--
		e.indicator("}", false, false, false)
	}
	return nil
}

// simpleKey tells whether a key fits before ":" on its line.
func (e *emitter) simpleKey(k value.Value) bool {
	switch x := k.(type) {
	case *value.Dict:
		return x.Len() == 0
	case *value.List:
		return x.Len() == 0
	case value.Tuple:
		return len(x) == 0
	}
	text, _, _, err := represent(k)
	return err == nil && len(text) <= 128 && !analyze(text, e.o.AllowUnicode).multiline
}
