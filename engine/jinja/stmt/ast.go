// Package stmt reads the statements of Jinja2 templates, works out the scope
// of every name and says what each statement does.
//
// It imports engine/value, engine/jinja/lex and engine/jinja/expr. The nesting
// of a template is held and walked by engine/jinja/pongo, which fills in the
// Body of each block.
package stmt

import (
	"github.com/goplay-engine/goplay/engine/jinja/expr"
)

// Stmt is one statement. Statements are immutable once compiled.
type Stmt interface {
	Exec(o *Out) error
}

// Runner executes the statements of a block in order.
type Runner interface {
	Run(o *Out) error
}

// Body is a block of statements. Run is filled in by engine/jinja/pongo.
type Body struct {
	Stmts []Stmt
	Run   Runner
}

// Exec runs the block.
func (b *Body) Exec(o *Out) error {
	if b.Run != nil {
		return b.Run.Run(o)
	}
	return Seq(b.Stmts).Exec(o)
}

// The statements.
type (
	// Text is template data.
	Text struct{ S string }
	// Output is {{ X }}.
	Output struct{ X expr.Node }
	// If has one test and body per branch; Else may be nil.
	If struct {
		Tests  []expr.Node
		Bodies []*Body
		Else   *Body
	}
	// For is a loop.
	For struct {
		Off       int
		Target    expr.Node
		Iter      expr.Node
		Test      expr.Node
		Recursive bool
		Body      *Body
		Else      *Body

		testTarget                  expr.Node
		scope, testScope, elseScope *scope
		loopSlot                    int
	}
	// Set is {% set a, b = X %}.
	Set struct {
		Off    int
		Target expr.Node
		X      expr.Node
		top    bool
	}
	// SetBlock is {% set a | filter %}...{% endset %}.
	SetBlock struct {
		Off    int
		Target expr.Node
		Filter expr.Node // innermost X is nil; may be nil itself
		Body   *Body
		top    bool
		scope  *scope
	}
	// Macro defines a macro; Call blocks hold one without a name.
	Macro struct {
		Off      int
		Name     string
		Params   []string
		Defaults []expr.Node // of the last parameters
		Body     *Body

		scope                   *scope
		params                  []int
		caller, varargs, kwargs int
		explicitCaller          bool
		target                  *expr.Name
		top                     bool
	}
	// CallBlock is {% call(args) X(...) %}...{% endcall %}.
	CallBlock struct {
		Off    int
		Call   *expr.Call
		Caller *Macro
	}
	// FilterBlock is {% filter F %}...{% endfilter %}.
	FilterBlock struct {
		Off    int
		Filter expr.Node
		Body   *Body
		scope  *scope
	}
	// With is {% with a = 1 %}...{% endwith %}.
	With struct {
		Targets []expr.Node
		Values  []expr.Node
		Body    *Body
		scope   *scope
	}
	// Block is {% block name %}...{% endblock %}.
	Block struct {
		Off              int
		Name             string
		Scoped, Required bool
		Body             *Body

		scope       *scope
		locals      []local
		self, super int
		src         *expr.Source
		tmpl        *Template
	}
	// Extends names the parent.
	Extends struct {
		Off int
		X   expr.Node
	}
	// Include pulls in another template.
	Include struct {
		Off           int
		X             expr.Node
		IgnoreMissing bool
		WithContext   bool
		locals        []local
	}
	// Import is {% import X as Target %}.
	Import struct {
		Off         int
		X           expr.Node
		Target      *expr.Name
		WithContext bool
		top         bool
		locals      []local
	}
	// FromImport is {% from X import a as b %}.
	FromImport struct {
		Off         int
		X           expr.Node
		Names       []string
		Targets     []*expr.Name
		WithContext bool
		top         bool
		locals      []local
	}
	// Do evaluates and prints nothing.
	Do struct{ X expr.Node }
	// Autoescape switches HTML escaping for its body.
	Autoescape struct {
		X     expr.Node
		Body  *Body
		scope *scope
	}
	// Jump is break or continue.
	Jump struct{ Break bool }
	// Seq is a run of statements.
	Seq []Stmt
)

// local is a name that an include or a scoped block sees.
type local struct {
	name       string
	hops, slot int
}

// Template is one compiled template. It is immutable and may run concurrently.
type Template struct {
	Name   string // for messages and relative look-ups
	Src    *expr.Source
	Body   *Body
	Blocks map[string]*Block
	// Sole is the expression where the template is nothing but {{ X }}.
	Sole expr.Node
	// Mutates: methods that change containers are called.
	Mutates bool

	order []string
	scope *scope
	self  int
	err   error // found by the scope analysis
}
