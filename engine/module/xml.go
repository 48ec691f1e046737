package module

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/module/xmldoc"
	"github.com/goplay-engine/goplay/engine/module/xpath"
	"github.com/goplay-engine/goplay/engine/value"
)

type xmlArgs struct {
	Path         *Path       `arg:"path,alias=dest,alias=file" doc:"The file; it has to be there."`
	XMLString    *string     `arg:"xmlstring" doc:"The document itself, instead of a file."`
	XPath        *string     `arg:"xpath" doc:"XPath expression that selects what is meant."`
	Namespaces   *value.Dict `arg:"namespaces,default=" doc:"What the prefixes in xpath stand for."`
	State        string      `arg:"state,alias=ensure,default=present,choices=absent|present" doc:"Whether what is selected should be there."`
	Attribute    value.Value `arg:"attribute" doc:"Attribute that value is for, without @."`
	Value        value.Value `arg:"value" doc:"Text of the element, or value of the attribute."`
	AddChildren  *value.List `arg:"add_children,elements=raw" doc:"Elements to add: a name, or a dictionary of a name and its text or attributes and _ for children."`
	SetChildren  *value.List `arg:"set_children,elements=raw" doc:"Elements in place of those that are there, as in add_children."`
	Count        bool        `arg:"count,default=false" doc:"Count what is selected."`
	PrintMatch   bool        `arg:"print_match,default=false" doc:"Return the paths of what is selected."`
	PrettyPrint  bool        `arg:"pretty_print,default=false" doc:"Write each element on a line of its own, indented."`
	Content      *string     `arg:"content,choices=attribute|text" doc:"Return attributes or text of what is selected."`
	InputType    string      `arg:"input_type,default=yaml,choices=xml|yaml" doc:"What add_children and set_children hold."`
	Backup       bool        `arg:"backup,default=false" doc:"Keep a copy of the file as it was."`
	StripCData   bool        `arg:"strip_cdata_tags,default=false" doc:"Make CDATA sections text."`
	InsertBefore bool        `arg:"insertbefore,default=false" doc:"Put add_children before the first selected element."`
	InsertAfter  bool        `arg:"insertafter,default=false" doc:"Put add_children after the last selected element."`
}

var xmlDef = &Def{
	Name:  "community.general.xml",
	Short: "Manage bits and pieces of XML files or strings",
	Args:  func() any { return &xmlArgs{} },
	Run: func(c *Context, a any) *Result {
		r, err := runXML(c, a.(*xmlArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
	RequiredBy: [][]string{{"add_children", "xpath"}, {"attribute", "value"}, {"content", "xpath"}, {"set_children", "xpath"}, {"value", "xpath"}},
	RequiredIf: []RequiredIf{
		{Key: "count", Value: true, Required: []string{"xpath"}},
		{Key: "print_match", Value: true, Required: []string{"xpath"}},
		{Key: "insertbefore", Value: true, Required: []string{"xpath"}},
		{Key: "insertafter", Value: true, Required: []string{"xpath"}},
	},
	RequiredOneOf: [][]string{{"path", "xmlstring"}},
	MutuallyExclusive: [][]string{{"add_children", "content", "count", "print_match", "set_children", "value"}, {"path", "xmlstring"},
		{"insertbefore", "insertafter"}},
}

// xmlEdit is one call: the document as it was read, and as it is being changed.
type xmlEdit struct {
	*Context
	*xmlArgs
	source string // the document's text
	doc    *xmldoc.Doc
	path   string // xpath, without blanks around it
	ns     map[string]string
	res    *Result
}

func runXML(c *Context, a *xmlArgs) (*Result, error) {
	e := &xmlEdit{Context: c, xmlArgs: a, ns: map[string]string{}, res: OK()}
	if a.Path != nil {
		defer c.editing(string(*a.Path))()
	}
	if err := e.read(); err != nil {
		return nil, err
	}
	if a.XPath != nil {
		e.path = strings.TrimSpace(*a.XPath)
		if _, err := xpath.Compile(e.path); err != nil {
			return nil, Errorf(fmt.Sprintf("Syntax error in xpath expression: %s (%s)", *a.XPath, err))
		}
	}
	for _, kv := range dictPairs(a.Namespaces) {
		if kv[0] == "" || kv[1] == "" {
			return nil, Errorf("namespaces: a prefix and its namespace cannot be empty")
		}
		e.ns[kv[0]] = kv[1]
	}
	before := e.doc.Write(true)
	was, err := e.normal()
	if err != nil {
		return nil, err
	}
	change, err := e.operation()
	if err != nil {
		return nil, err
	}
	if a.XPath != nil {
		e.res.Set("actions", value.DictOf("xpath", *a.XPath, "namespaces", a.Namespaces, "state", a.State))
	}
	switch {
	case change == nil: // only looked at
	case a.XPath == nil:
		e.res.Changed = e.doc.Write(true) != e.source
	default:
		if err := change(); err != nil {
			return nil, err
		}
		now, err := e.normal()
		if err != nil {
			return nil, err
		}
		e.res.Changed = was != now
		if e.res.Changed && c.Diff {
			e.res.AddDiff(Diff{Before: before, After: e.doc.Write(true)})
		}
	}
	return e.finish()
}

// read reads the document.
func (e *xmlEdit) read() error {
	where, name := "xml_string", "<string>"
	if e.XMLString != nil {
		e.source = *e.XMLString
	} else {
		where = string(*e.Path)
		name = filepath.Base(where)
		if fi, err := os.Stat(where); err != nil && !notExist(err) {
			return Errorf(fmt.Sprintf("The target XML source '%s' cannot be read: %s", where, strerror(err)))
		} else if err != nil || !fi.Mode().IsRegular() {
			return Errorf(fmt.Sprintf("The target XML source '%s' does not exist.", where))
		}
		data, err := readFile(where)
		if err != nil {
			return Errorf(fmt.Sprintf("The target XML source '%s' cannot be read: %s", where, strerror(err)))
		}
		e.source = string(data)
	}
	var err error
	if e.doc, err = xmldoc.Parse([]byte(e.source), xmldoc.Options{Blanks: e.PrettyPrint, CData: e.StripCData}); err != nil {
		return Errorf(fmt.Sprintf("Error while parsing document: %s (%s)", where, parseError(err, name)))
	}
	return nil
}

// parseError says where in what a document is not well-formed.
func parseError(err error, name string) string {
	var p *xmldoc.Error
	if errors.As(err, &p) {
		return fmt.Sprintf("%s (%s, line %d)", p, name, p.Line)
	}
	return err.Error()
}

// normal is the document in the form in which it is compared: no layout, no CDATA sections, nothing outside the
// outermost element.
func (e *xmlEdit) normal() (string, error) {
	d, err := xmldoc.Parse([]byte("<?xml version='1.0' encoding='UTF-8'?>"+e.doc.Element().Plain()), xmldoc.Options{Blanks: true, CData: true})
	if err != nil {
		return "", Errorf("The document would not be well-formed: " + err.Error())
	}
	return d.Write(false), nil
}

// operation says what the parameters ask for; what only looks is done.
func (e *xmlEdit) operation() (change func() error, err error) {
	switch {
	case e.PrintMatch:
		return nil, e.printMatch()
	case e.Count:
		return nil, e.count()
	case e.Content != nil:
		return nil, e.content(*e.Content)
	case e.State == "absent" && e.XPath == nil:
		return nil, Errorf("state is absent but all of the following are missing: xpath")
	case e.State == "absent":
		return e.remove, nil
	case e.SetChildren != nil:
		return e.setChildren, nil
	case e.AddChildren != nil:
		return e.addChildren, nil
	case e.Value != nil:
		return e.setValue, nil
	case e.XPath != nil:
		return func() error { return e.ensure() }, nil
	case e.PrettyPrint:
		return func() error { return nil }, nil
	}
	return nil, Errorf("Don't know what to do")
}

// finish writes the file and returns the result.
func (e *xmlEdit) finish() (*Result, error) {
	if e.XMLString != nil {
		e.res.Set("xmlstring", e.doc.Write(e.PrettyPrint))
		return e.res, nil
	}
	if !e.res.Changed || e.Check {
		return e.res, nil
	}
	path := string(*e.Path)
	if e.Backup {
		name, err := e.backup(path)
		if err != nil {
			return nil, err
		}
		e.res.Set("backup_file", name)
	}
	_, err := e.writeFile(path, []byte(e.doc.Write(e.PrettyPrint)), &FileArgs{}, nil, nil)
	return e.res, err
}

// eval evaluates an expression at an element.
func (e *xmlEdit) eval(at *xmldoc.Node, expr string) (any, error) {
	x, err := xpath.Compile(expr)
	if err == nil {
		var v any
		if v, err = x.Eval(at, e.ns); err == nil {
			return v, nil
		}
	}
	hint := ""
	if strings.Contains(err.Error(), "namespace prefix") {
		hint = "; namespaces says what prefixes stand for"
	}
	return nil, Errorf(fmt.Sprintf("Xpath %s cannot be evaluated: %s%s", expr, err, hint))
}

// nodes returns what xpath selects, the document itself left out.
func (e *xmlEdit) nodes(at *xmldoc.Node, expr string) ([]*xmldoc.Node, error) {
	v, err := e.eval(at, expr)
	if err != nil {
		return nil, err
	}
	l, ok := v.([]*xmldoc.Node)
	if !ok {
		if _, text := v.(string); text || v == false || v == 0.0 {
			return nil, nil
		}
		return nil, Errorf(fmt.Sprintf("Xpath %s gives a value, %v, and not nodes", expr, v))
	}
	out := l[:0]
	for _, n := range l {
		if n.Kind != xmldoc.Document {
			out = append(out, n)
		}
	}
	return out, nil
}

// isNode tells whether an expression selects a node that lxml has as an element.
func isNode(l []*xmldoc.Node) bool {
	return len(l) > 0 && (l[0].Kind == xmldoc.Element || l[0].Kind == xmldoc.Comment || l[0].Kind == xmldoc.PI)
}

// elements is what xpath selects, which may hold no attributes or texts.
func (e *xmlEdit) elements() ([]*xmldoc.Node, error) {
	l, err := e.nodes(e.doc.Element(), e.path)
	if err != nil || !isNode(l) {
		return nil, err
	}
	for _, n := range l {
		if !isNode([]*xmldoc.Node{n}) {
			return nil, Errorf(fmt.Sprintf("Xpath %s selects attributes or text besides elements", *e.XPath))
		}
	}
	return l, nil
}
