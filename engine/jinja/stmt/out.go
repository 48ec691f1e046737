package stmt

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Loader finds other templates for include, import and extends.
type Loader interface {
	// Template returns a compiled template. A *NotFound error means that there
	// is no such file.
	Template(name, from string) (*Template, error)
}

// NotFound is the error of a template file that does not exist.
type NotFound struct {
	Names []string
	Cause error
}

func (e *NotFound) Error() string {
	if e.Cause != nil {
		return e.Cause.Error()
	}
	if len(e.Names) == 1 {
		return e.Names[0]
	}
	return fmt.Sprintf("none of the templates given were found: %v", e.Names)
}

// Out collects what a rendering prints.
type Out struct {
	St  *expr.State
	Buf []byte
	// Pieces counts what was printed; Native tells that the last was text to
	// be kept as text.
	Pieces int
	Native bool
	Loader Loader

	run *run
}

// run is one running template.
type run struct {
	tmpl   *Template
	parent *Template           // what it extends
	blocks map[string][]*Block // most derived first, shared with its parents
	muted  bool                // outside blocks after extends nothing is printed
}

// Write makes Out an io.Writer.
func (o *Out) Write(p []byte) (int, error) { return o.WriteString(string(p)) }

// WriteString appends text.
func (o *Out) WriteString(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	if len(o.Buf)+len(s) > expr.MaxOutput {
		return 0, errors.New("the result is too large")
	}
	o.Buf = append(o.Buf, s...)
	o.Pieces++
	o.Native = false
	return len(s), nil
}

// capture runs f and returns what it printed.
func (o *Out) capture(f func() error) (string, error) {
	start, pieces, native, muted := len(o.Buf), o.Pieces, o.Native, o.run.muted
	o.run.muted = false
	r := o.run
	err := f()
	r.muted = muted
	o.Pieces, o.Native = pieces, native
	s := string(o.Buf[start:])
	o.Buf = o.Buf[:start]
	return s, err
}

// text is the value of a captured block.
func (o *Out) text(s string) expr.Value {
	if o.St.Escape {
		return py.Markup(s)
	}
	if o.St.Unsafe {
		return value.Unsafe(s)
	}
	return s
}

// in runs f inside a new frame of scope sc.
func (o *Out) in(sc *scope, f func() error) error {
	st := o.St
	old := st.Frame
	st.Frame = sc.frame(old)
	err := f()
	st.Frame = old
	return err
}

func isUnsafe(v expr.Value) bool { _, ok := v.(py.NativeUnsafe); return ok }

func (o *Out) emit(n expr.Node, v expr.Value) error {
	var s string
	switch x := v.(type) {
	case nil:
	case string:
		s = x
	case int64:
		o.Buf = strconv.AppendInt(o.Buf, x, 10)
		o.Pieces++
		o.Native = false
		return nil
	case py.NativeText, py.NativeUnsafe:
		text, _ := value.Text(x)
		if text == "" {
			o.Pieces++
		}
		o.St.Unsafe = o.St.Unsafe || isUnsafe(x)
		_, err := o.WriteString(text)
		o.Native = true
		return err
	default:
		var err error
		if s, err = o.St.Print(v); err != nil {
			return o.St.Fail(n.Off(), err)
		}
	}
	if s == "" {
		o.Pieces++ // printing nothing counts where the rest is text to be kept
		o.Native = false
		return nil
	}
	if _, err := o.WriteString(s); err != nil {
		return o.St.Fail(n.Off(), err)
	}
	return nil
}
