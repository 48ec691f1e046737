package xmldoc

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Options of Parse.
type Options struct {
	Blanks bool // drop blank text between elements
	CData  bool // make CDATA sections text
}

// Error says where a document is not well-formed. Lines and columns count from 1.
type Error struct {
	Msg       string
	Line, Col int
}

func (e *Error) Error() string { return fmt.Sprintf("%s, line %d, column %d", e.Msg, e.Line, e.Col) }

const (
	maxDepth  = 256     // of elements
	maxGrowth = 1 << 22 // bytes that entities may add
)

// parser reads text that is UTF-8 with Unix line ends. Errors are panics of *Error, caught in Parse.
type parser struct {
	Options
	src   string
	pos   int
	doc   *Doc
	node  *Node
	space []int8 // per open element: 0 as given, 1 kept by xml:space, -1 open, -2 blanks were kept once
	lines []int  // where open elements start
	// entities open now, for loops; what they added so far
	open  []string
	grown *int
	// text that was read last and is not in the tree yet
	pending *pendingText
	// line ends seen before counted
	seen, counted int
}

// Parse reads a document. Errors are *Error, with libxml2's words where it is about the document's form.
func Parse(data []byte, o Options) (doc *Doc, err error) {
	text, unknown := decode(data)
	p := &parser{Options: o, src: text, doc: &Doc{Version: "1.0", Root: &Node{Kind: Document}}, grown: new(int), pending: &pendingText{}}
	p.node = p.doc.Root
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			doc, err = nil, e
		}
	}()
	p.document(unknown)
	return p.doc, nil
}

func (p *parser) fail(format string, args ...any) { p.failAt(p.pos, format, args...) }

func (p *parser) failAt(pos int, format string, args ...any) {
	before := p.src[:pos]
	line := 1 + strings.Count(before, "\n")
	col := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	panic(&Error{fmt.Sprintf(format, args...), line, col})
}

// line is the number of the line at pos.
func (p *parser) line() int {
	p.seen += strings.Count(p.src[p.counted:p.pos], "\n")
	p.counted = p.pos
	return 1 + p.seen
}

func (p *parser) rest() string { return p.src[p.pos:] }

func (p *parser) at(s string) bool { return strings.HasPrefix(p.rest(), s) }

func (p *parser) skip(s string) bool {
	if p.at(s) {
		p.pos += len(s)
		return true
	}
	return false
}

func (p *parser) peek() byte {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func allBlank(s string) bool { return strings.Trim(s, " \t\r\n") == "" }

func (p *parser) blanks() bool {
	from := p.pos
	for p.pos < len(p.src) && isBlank(p.src[p.pos]) {
		p.pos++
	}
	return p.pos > from
}

// name reads a name, colons included; empty where there is none.
func (p *parser) name() string {
	from := p.pos
	for p.pos < len(p.src) {
		r, n := utf8.DecodeRuneInString(p.rest())
		if !nameChar(r) || r == utf8.RuneError || p.pos == from && !nameStart(r) {
			break
		}
		p.pos += n
	}
	return p.src[from:p.pos]
}

// qname reads a name and splits it at its colon.
func (p *parser) qname() (prefix, local string) {
	n := p.name()
	if a, b, ok := strings.Cut(n, ":"); ok && IsName(a) && IsName(b) {
		return a, b
	}
	return "", n
}

func (p *parser) document(unknown string) {
	if p.src == "" {
		p.fail("Document is empty")
	}
	if p.at("<?xml") && len(p.src) > 5 && isBlank(p.src[5]) {
		p.declaration(unknown)
	}
	p.misc()
	if p.at("<!DOCTYPE") {
		p.doctype()
		p.misc()
	}
	if p.peek() != '<' {
		p.fail("Start tag expected, '<' not found")
	}
	p.content(true)
	p.misc()
	if p.pos < len(p.src) {
		p.fail("Extra content at the end of the document")
	}
}

// misc reads comments and instructions outside the outermost element.
func (p *parser) misc() {
	for {
		p.blanks()
		switch {
		case p.at("<?"):
			p.instruction()
		case p.at("<!--"):
			p.comment()
		default:
			return
		}
	}
}

func (p *parser) declaration(unknown string) {
	p.pos += len("<?xml")
	p.blanks()
	if !p.skip("version") {
		p.fail("Malformed declaration expecting version")
	}
	p.doc.Version = p.pseudo()
	if v := p.doc.Version; !strings.HasPrefix(v, "1.") || v == "1." || strings.Trim(v[2:], "0123456789") != "" {
		p.fail("Unsupported version '%s'", v)
	}
	sep := p.blanks()
	if p.at("encoding") {
		if !sep {
			p.fail("Blank needed here")
		}
		p.pos += len("encoding")
		p.pseudo()
		if unknown != "" {
			p.fail("Unsupported encoding %s", unknown)
		}
		sep = p.blanks()
	}
	if p.at("standalone") {
		if !sep {
			p.fail("Blank needed here")
		}
		p.pos += len("standalone")
		if s := p.pseudo(); s != "yes" && s != "no" {
			p.fail("standalone accepts only 'yes' or 'no'")
		}
		p.blanks()
	}
	if !p.skip("?>") {
		p.fail("parsing XML declaration: '?>' expected")
	}
}

// pseudo reads ="value".
func (p *parser) pseudo() string {
	p.blanks()
	if !p.skip("=") {
		p.fail("expected '='")
	}
	p.blanks()
	q := p.peek()
	if q != '"' && q != '\'' {
		p.fail("String not started expecting ' or \"")
	}
	p.pos++
	i := strings.IndexByte(p.rest(), q)
	if i < 0 {
		p.fail("String not closed expecting \" or '")
	}
	v := p.src[p.pos : p.pos+i]
	p.pos += i + 1
	return v
}

// chars fails at the first character of s, which starts at pos, that no document may have.
func (p *parser) chars(pos int, s, format string) {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				p.notUTF8(pos + i)
			}
		}
		if !isChar(r) {
			p.failAt(pos+i, format, r)
		}
	}
}

func (p *parser) notUTF8(pos int) {
	var b [4]byte
	copy(b[:], p.src[pos:])
	p.failAt(pos, "Input is not proper UTF-8, indicate encoding !\nBytes: 0x%02X 0x%02X 0x%02X 0x%02X", b[0], b[1], b[2], b[3])
}

func (p *parser) comment() {
	from := p.pos + len("<!--")
	i := strings.Index(p.src[from:], "--")
	if i < 0 {
		p.pos = len(p.src)
		p.fail("Comment not terminated \n<!--%.50s", p.src[from:])
	}
	if !strings.HasPrefix(p.src[from+i:], "-->") {
		p.failAt(from+i, "Double hyphen within comment: <!--%.50s", p.src[from:from+i])
	}
	s := p.src[from : from+i]
	p.chars(from, s, "xmlParseComment: invalid xmlChar value %d")
	p.pos = from + i + len("-->")
	p.add(&Node{Kind: Comment, Data: s})
}

func (p *parser) instruction() {
	p.add(p.readInstruction())
}

func (p *parser) readInstruction() *Node {
	p.pos += len("<?")
	target := p.name()
	switch {
	case target == "":
		p.fail("xmlParsePI : no target name")
	case target == "xml":
		p.fail("XML declaration allowed only at the start of the document")
	}
	if p.skip("?>") {
		return &Node{Kind: PI, Local: target}
	}
	if !p.blanks() {
		p.fail("ParsePI: PI %s space expected", target)
	}
	from := p.pos
	i := strings.Index(p.rest(), "?>")
	if i < 0 {
		p.pos = len(p.src)
		p.fail("ParsePI: PI %s never end ...", target)
	}
	s := p.src[from : from+i]
	p.chars(from, s, "xmlParsePI: invalid xmlChar value %d")
	p.pos = from + i + len("?>")
	return &Node{Kind: PI, Local: target, Data: s}
}
