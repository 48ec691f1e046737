// Package pongo keeps compiled Jinja2 templates in pongo2, which parses the
// nesting of their blocks, holds the tree and walks it at each rendering.
//
// A template is lowered to pongo2 source made of private tags with handles
// ({%j_block 7%} ... {%j_next%} ... {%j_end%}); what a tag does is in engine/jinja/stmt. No
// tag of pongo2's own is ever emitted, so that nothing of Django's dialect can
// leak in. It imports engine/jinja/stmt and pongo2; only engine/jinja/templar
// uses it.
package pongo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/flosch/pongo2/v6"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/lex"
	"github.com/goplay-engine/goplay/engine/jinja/stmt"
)

// Compile reads a template and lowers it.
func Compile(name string, src *expr.Source, cfg *lex.Config, exts map[string]bool) (*stmt.Template, error) {
	t, err := stmt.Parse(name, src, cfg, exts)
	if err != nil {
		return nil, err
	}
	return t, lower(t)
}

// unit is a template on its way through pongo2's parser.
type unit struct {
	src   []byte
	stmts []stmt.Stmt
}

var (
	serial  atomic.Uint64
	pending sync.Map // unit name -> *unit
	once    sync.Once
	set     *pongo2.TemplateSet
)

// loader hands pongo2 the source of the unit with the name asked for.
type loader struct{}

// Abs returns the name unchanged.
func (loader) Abs(_, name string) string { return name }

// Get returns the lowered source.
func (loader) Get(name string) (io.Reader, error) {
	u, ok := pending.Load(name)
	if !ok {
		return nil, errors.New("no such unit")
	}
	return bytes.NewReader(u.(*unit).src), nil
}

func setup() {
	set = pongo2.NewSet("jinja2", loader{})
	set.Options = &pongo2.Options{} // trimming changes tokens at every rendering
	for _, tag := range []string{"j_root", "j_block", "j_leaf"} {
		if err := pongo2.RegisterTag(tag, parseTag); err != nil {
			panic(err) // registered once, under names nobody else uses
		}
	}
}

// lower writes t as pongo2 source and has pongo2 parse it.
func lower(t *stmt.Template) error {
	if stmt.Flat(t.Body.Stmts) {
		return nil // nothing to nest, nothing to walk
	}
	once.Do(setup)
	u := &unit{}
	u.src = append(u.src, "{%j_root 0%}"...)
	u.emit(t.Body)
	u.src = append(u.src, "{%j_end%}"...)
	name := "unit-" + strconv.FormatUint(serial.Add(1), 10)
	pending.Store(name, u)
	defer pending.Delete(name)
	tpl, err := set.FromFile(name)
	if err != nil {
		return fmt.Errorf("the template cannot be lowered: %w", err)
	}
	t.Body.Run = &root{tpl}
	return nil
}

// emit writes the statements of a block: runs of statements without blocks of
// their own as one leaf, the others with j_next between their blocks.
func (u *unit) emit(b *stmt.Body) {
	first := -1
	flush := func(end int) {
		if first >= 0 {
			u.tag("{%j_leaf ", stmt.Seq(b.Stmts[first:end]))
			first = -1
		}
	}
	for i, s := range b.Stmts {
		bodies := stmt.Bodies(s)
		if len(bodies) == 0 {
			if first < 0 {
				first = i
			}
			continue
		}
		flush(i)
		u.tag("{%j_block ", s)
		for j, in := range bodies {
			if j > 0 {
				u.src = append(u.src, "{%j_next%}"...)
			}
			u.emit(in)
		}
		u.src = append(u.src, "{%j_end%}"...)
	}
	flush(len(b.Stmts))
}

func (u *unit) tag(open string, s stmt.Stmt) {
	u.src = append(u.src, open...)
	u.src = strconv.AppendInt(u.src, int64(len(u.stmts)), 10)
	u.src = append(u.src, "%}"...)
	u.stmts = append(u.stmts, s)
}

// parseTag builds the node of one of our tags.
func parseTag(doc *pongo2.Parser, start *pongo2.Token, args *pongo2.Parser) (pongo2.INodeTag, *pongo2.Error) {
	v, _ := pending.Load(start.Filename)
	u, _ := v.(*unit)
	n := -1
	if t := args.MatchType(pongo2.TokenNumber); t != nil {
		n, _ = strconv.Atoi(t.Val)
	}
	if u == nil || n < 0 || n >= len(u.stmts) && start.Val != "j_root" {
		return nil, args.Error("a private tag stands in a foreign template", start)
	}
	switch start.Val {
	case "j_leaf":
		return &node{u.stmts[n]}, nil
	case "j_root":
		w, _, err := doc.WrapUntilTag("j_end")
		if err != nil {
			return nil, err
		}
		return rootNode{w}, nil
	}
	for _, b := range stmt.Bodies(u.stmts[n]) {
		w, _, err := doc.WrapUntilTag("j_next", "j_end")
		if err != nil {
			return nil, err
		}
		b.Run = body{w}
	}
	return &node{u.stmts[n]}, nil
}

// node runs one statement.
type node struct{ s stmt.Stmt }

// Execute runs it.
func (n *node) Execute(_ *pongo2.ExecutionContext, w pongo2.TemplateWriter) *pongo2.Error {
	if err := n.s.Exec(w.(*stmt.Out)); err != nil {
		return &pongo2.Error{Sender: "jinja2", OrigError: err}
	}
	return nil
}

// body runs a block through pongo2's tree.
type body struct{ w *pongo2.NodeWrapper }

// Run walks the block.
func (b body) Run(o *stmt.Out) error {
	if err := b.w.Execute(nil, o); err != nil {
		return err.OrigError
	}
	return nil
}

// key is the one entry of the context: it holds the whole state.
const key = "goplay"

type rootNode struct{ w *pongo2.NodeWrapper }

// Execute takes the output from the context, so that text is not copied twice.
func (n rootNode) Execute(ctx *pongo2.ExecutionContext, _ pongo2.TemplateWriter) *pongo2.Error {
	return n.w.Execute(ctx, ctx.Public[key].(*stmt.Out))
}

// root runs a whole template.
type root struct{ tpl *pongo2.Template }

// Run executes the template.
func (r *root) Run(o *stmt.Out) error {
	err := r.tpl.ExecuteWriterUnbuffered(pongo2.Context{key: o}, io.Discard)
	var e *pongo2.Error
	if errors.As(err, &e) && e != nil {
		return e.OrigError
	}
	return err
}

var _ pongo2.TemplateWriter = (*stmt.Out)(nil)
