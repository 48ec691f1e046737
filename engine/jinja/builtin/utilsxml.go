package builtin

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Attributes of an element are entries whose names begin with @, its own text
// is #text, as Python's xmltodict has it.
const (
	xmlAttr = "@"
	xmlText = "#text"
)

// fromXMLFilter is ansible.utils.from_xml.
func fromXMLFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0, "engine"); err != nil {
		return nil, err
	}
	t, err := Str(c.in())
	if err != nil {
		return nil, err
	}
	d := xml.NewDecoder(strings.NewReader(t))
	var root *value.Dict
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fail("Error when using plugin 'from_xml': %s", err)
		}
		if s, ok := tok.(xml.StartElement); ok {
			v, err := xmlElement(d, s, 0)
			if err != nil {
				return nil, fail("Error when using plugin 'from_xml': %s", err)
			}
			root = value.DictOf(xmlName(s.Name), v)
		}
	}
	if root == nil {
		return nil, fail("Error when using plugin 'from_xml': no element found: line 1, column 0")
	}
	return root, nil
}

func xmlName(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

// xmlElement reads up to the end of an element.
func xmlElement(d *xml.Decoder, start xml.StartElement, depth int) (Value, error) {
	if depth > 500 {
		return nil, errors.New("the elements are nested too deeply")
	}
	out := value.NewDict()
	for _, a := range start.Attr {
		out.Set(xmlAttr+xmlName(a.Name), a.Value)
	}
	text := ""
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the element " + xmlName(start.Name) + " has no end")
		}
		if err != nil {
			return nil, err
		}
		switch x := tok.(type) {
		case xml.CharData:
			text += string(x)
		case xml.StartElement:
			v, err := xmlElement(d, x, depth+1)
			if err != nil {
				return nil, err
			}
			name := xmlName(x.Name)
			switch old, ok := out.GetStr(name); {
			case !ok:
				out.Set(name, v)
			default:
				l, many := old.(*value.List)
				if !many {
					l = value.NewList(old)
					out.Set(name, l)
				}
				l.Append(v)
			}
		case xml.EndElement:
			if x.Name != start.Name {
				return nil, errors.New("mismatched tag " + xmlName(x.Name))
			}
			text = strings.TrimSpace(text)
			switch {
			case out.Len() == 0 && text == "":
				return nil, nil
			case out.Len() == 0:
				return text, nil
			case text != "":
				out.Set(xmlText, text)
			}
			return out, nil
		}
	}
}

// toXMLFilter is ansible.utils.to_xml.
func toXMLFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "engine", "indent", "indent_width", "full_document")
	if err != nil {
		return nil, err
	}
	d, ok := asDict(c.in())
	if !ok || d.Len() != 1 {
		return nil, fail("Error when using plugin 'to_xml': Document must have exactly one root.")
	}
	how, err := a.Text(1, "tabs")
	if err != nil {
		return nil, err
	}
	width, err := a.Int(2, 4)
	if err != nil {
		return nil, err
	}
	full, err := a.Bool(3, true)
	if err != nil {
		return nil, err
	}
	w := &xmlWriter{indent: "\t"}
	if how == "spaces" {
		w.indent = strings.Repeat(" ", int(max(min(width, 100), 0)))
	}
	if full {
		w.b.WriteString("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n")
	}
	k, v := d.Entry(0)
	if err := w.element(value.Str(k), v, 0); err != nil {
		return nil, err
	}
	return w.b.String(), nil
}

type xmlWriter struct {
	b      strings.Builder
	indent string
}

var xmlEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (w *xmlWriter) element(name string, v Value, depth int) error {
	if depth > 500 {
		return py.Raise("RecursionError", "maximum recursion depth exceeded")
	}
	switch x := v.(type) {
	case *value.List:
		for _, e := range x.Items {
			if err := w.element(name, e, depth); err != nil {
				return err
			}
		}
		return nil
	case value.Tuple:
		return w.element(name, value.NewList(x...), depth)
	}
	w.b.WriteString(strings.Repeat(w.indent, depth) + "<" + name)
	text := ""
	var inner [][2]Value
	if d, ok := asDict(v); ok {
		for k, e := range d.All() {
			key := value.Str(k)
			switch attr, isAttr := strings.CutPrefix(key, xmlAttr); {
			case isAttr && attr != "":
				t, err := xmlScalar(e)
				if err != nil {
					return err
				}
				w.b.WriteString(" " + attr + `="` + strings.NewReplacer(`"`, "&quot;", "\n", "&#10;", "\t", "&#9;").Replace(xmlEscape.Replace(t)) + `"`)
			case key == xmlText:
				t, err := xmlScalar(e)
				if err != nil {
					return err
				}
				text = t
			default:
				inner = append(inner, [2]Value{key, e})
			}
		}
	} else {
		t, err := xmlScalar(v)
		if err != nil {
			return err
		}
		text = t
	}
	w.b.WriteByte('>')
	if len(inner) > 0 {
		w.b.WriteByte('\n')
	}
	for _, e := range inner {
		if err := w.element(value.Str(e[0]), e[1], depth+1); err != nil {
			return err
		}
	}
	w.b.WriteString(xmlEscape.Replace(text))
	if len(inner) > 0 {
		w.b.WriteString(strings.Repeat(w.indent, depth))
	}
	w.b.WriteString("</" + name + ">")
	if depth > 0 {
		w.b.WriteByte('\n')
	}
	return nil
}

func xmlScalar(v Value) (string, error) {
	switch x := v.(type) {
	case nil:
		return "", nil
	case bool:
		if x {
			return "true", nil
		}
		return "false", nil
	}
	return Str(v)
}
