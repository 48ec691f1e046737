package xmldoc

import (
	"regexp"
	"strings"
)

// dtd is a document type declaration with its internal subset.
type dtd struct {
	name, public, system string
	items                []string // declarations, as they are written
	notations            []string
	declares             bool // other than comments and instructions
	entities, parameters map[string]*entity
	attrs                map[string]string // element and attribute to type
	models               map[string]string // element to content model
	before               *Node             // what followed the declaration, nil at first
}

type entity struct {
	value    string
	external bool
	unparsed bool
}

func (d *dtd) entity(name string) *entity {
	if d == nil {
		return nil
	}
	return d.entities[name]
}

func (d *dtd) attrType(elem, attr string) string {
	if d == nil {
		return ""
	}
	return d.attrs[elem+" "+attr]
}

// mixed tells whether text belongs into an element: "yes", "no", or "" where it is not declared.
func (d *dtd) mixed(elem string) string {
	if d == nil {
		return ""
	}
	m, ok := d.models[elem]
	switch {
	case !ok:
		return ""
	case strings.HasPrefix(m, "(") && !strings.Contains(m, "#PCDATA"):
		return "no"
	}
	return "yes"
}

func (p *parser) doctype() {
	p.pos += len("<!DOCTYPE")
	p.blanks()
	d := &dtd{entities: map[string]*entity{}, parameters: map[string]*entity{}, attrs: map[string]string{}, models: map[string]string{}}
	p.doc.dtd = d
	if d.name = p.name(); d.name == "" {
		p.fail("xmlParseDocTypeDecl : no DOCTYPE name !")
	}
	p.blanks()
	d.public, d.system = p.externalID()
	p.blanks()
	if p.skip("[") {
		p.subset(true)
		p.blanks()
	}
	if !p.skip(">") {
		p.fail("DOCTYPE improperly terminated")
	}
	d.before = p.node.Last
}

// externalID reads SYSTEM "x" or PUBLIC "y" "x", if there is one.
func (p *parser) externalID() (public, system string) {
	switch {
	case p.skip("PUBLIC"):
		p.blanks()
		public = p.literal("PUBLIC, no Public Identifier")
		p.blanks()
		if c := p.peek(); c == '"' || c == '\'' {
			system = p.literal("")
		}
	case p.skip("SYSTEM"):
		p.blanks()
		system = p.literal("SYSTEM, no URI")
	}
	return public, system
}

func (p *parser) literal(missing string) string {
	q := p.peek()
	if q != '"' && q != '\'' {
		p.fail("%s", missing)
	}
	i := strings.IndexByte(p.src[p.pos+1:], q)
	if i < 0 {
		p.fail("Unfinished System or Public ID \" or ' expected")
	}
	s := p.src[p.pos+1 : p.pos+1+i]
	p.pos += i + 2
	return s
}

// subset reads declarations up to ], or to the end of a parameter entity.
func (p *parser) subset(bracket bool) {
	d := p.doc.dtd
	for {
		p.blanks()
		switch {
		case p.pos >= len(p.src) && !bracket, bracket && p.skip("]"):
			return
		case p.at("<!--"):
			at := &Node{Kind: Document}
			p.within(at, p.comment)
			d.items = append(d.items, "<!--"+at.First.Data+"-->")
		case p.at("<?"):
			d.items = append(d.items, writeNode(p.readInstruction()))
		case p.at("<!ENTITY"), p.at("<!ELEMENT"), p.at("<!ATTLIST"), p.at("<!NOTATION"):
			p.markup()
		case p.at("%"):
			p.pos++
			name := p.name()
			if name == "" || !p.skip(";") {
				p.fail("PEReference: expecting ';'")
			}
			e := d.parameters[name]
			if e == nil || e.external {
				continue // declared in a file that is not read
			}
			if len(p.open) > 20 {
				p.fail("Detected an entity reference loop")
			}
			p.grow(len(e.value))
			sub := &parser{src: e.value, doc: p.doc, node: p.node, open: append(p.open, "%"+name), grown: p.grown, pending: p.pending}
			sub.subset(false)
		default:
			p.fail("internal error: xmlParseInternalSubset: error detected in Markup declaration")
		}
	}
}

func (p *parser) within(n *Node, f func()) {
	old := p.node
	p.node = n
	f()
	p.node = old
}

// markup reads one declaration. Quoted text may hold >.
func (p *parser) markup() {
	p.pos += len("<!")
	kind := p.name()
	if !p.blanks() {
		p.fail("Space required after '<!%s'", kind)
	}
	d := p.doc.dtd
	from := p.pos
	if kind == "ENTITY" {
		p.entityDecl()
		d.declares = true
		return
	}
	for p.pos < len(p.src) && p.src[p.pos] != '>' {
		if c := p.src[p.pos]; c == '"' || c == '\'' {
			p.literal("")
			continue
		}
		p.pos++
	}
	if p.pos >= len(p.src) {
		p.fail("xmlParse%sDecl: unterminated declaration", kind)
	}
	body := strings.TrimSpace(p.src[from:p.pos])
	p.pos++
	d.declares = true
	name, rest, _ := strings.Cut(strings.Join(strings.Fields(body), " "), " ")
	switch kind {
	case "ELEMENT":
		m := contentModel(rest)
		if _, twice := d.models[name]; !twice {
			d.models[name] = m
		}
		d.items = append(d.items, "<!ELEMENT "+name+" "+m+">\n")
	case "NOTATION":
		d.notations = append(d.notations, "<!NOTATION "+name+" "+rest+" >\n")
	default:
		p.attlist(name, body[len(name):])
	}
}

var modelPart = regexp.MustCompile(`\s*([|,])\s*|\s+`)

// contentModel writes a content model with one blank on each side of | and comma.
func contentModel(s string) string {
	return modelPart.ReplaceAllStringFunc(s, func(m string) string {
		if c := strings.TrimSpace(m); c != "" {
			return " " + c + " "
		}
		return ""
	})
}

var attDef = regexp.MustCompile(`^\s*([^\s(]+)\s+(CDATA|IDREFS|IDREF|ID|ENTITY|ENTITIES|NMTOKENS|NMTOKEN|(?:NOTATION\s*)?\([^)]*\))` +
	`(?:\s+(#REQUIRED|#IMPLIED|#FIXED))?(?:\s*("[^"]*"|'[^']*'))?`)

func (p *parser) attlist(elem, rest string) {
	d := p.doc.dtd
	for strings.TrimSpace(rest) != "" {
		m := attDef.FindStringSubmatch(rest)
		if m == nil {
			p.fail("xmlParseAttributeListDecl: no name for Attribute")
		}
		rest = rest[len(m[0]):]
		typ := m[2]
		if strings.HasSuffix(typ, ")") {
			typ = strings.Replace(contentModel(typ), "NOTATION(", "NOTATION (", 1)
		}
		if _, twice := d.attrs[elem+" "+m[1]]; twice {
			continue
		}
		d.attrs[elem+" "+m[1]] = typ
		s := "<!ATTLIST " + elem + " " + m[1] + " " + typ
		if m[3] != "" {
			s += " " + m[3]
		}
		if m[4] != "" {
			s += " " + quoted(m[4][1:len(m[4])-1])
		}
		d.items = append(d.items, s+">\n")
	}
}

func (p *parser) entityDecl() {
	d := p.doc.dtd
	table, mark := d.entities, ""
	if p.skip("%") {
		p.blanks()
		table, mark = d.parameters, "% "
	}
	name := p.name()
	if name == "" {
		p.fail("xmlParseEntityDecl: no name")
	}
	if !p.blanks() {
		p.fail("Space required after the entity name")
	}
	e := &entity{}
	text := "<!ENTITY " + mark + name + " "
	if c := p.peek(); c == '"' || c == '\'' {
		orig := p.literal("")
		e.value = p.entityValue(orig)
		text += quoted(orig)
	} else {
		public, system := p.externalID()
		if system == "" {
			p.fail("xmlParseEntityDecl: entity %s not terminated", name)
		}
		e.external = true
		if public != "" {
			text += "PUBLIC " + quoted(public) + " "
		} else {
			text += "SYSTEM "
		}
		text += quoted(system)
		if p.blanks() && p.skip("NDATA") {
			p.blanks()
			e.unparsed = true
			text += " NDATA " + p.name()
		}
	}
	p.blanks()
	if !p.skip(">") {
		p.fail("xmlParseEntityDecl: entity %s not terminated", name)
	}
	if table[name] == nil {
		table[name] = e
		d.items = append(d.items, text+">\n")
	}
}

// entityValue resolves the character and parameter references in an entity's value.
func (p *parser) entityValue(s string) string {
	sub := &parser{src: s, doc: p.doc, grown: p.grown, open: p.open}
	var b strings.Builder
	for sub.pos < len(sub.src) {
		switch {
		case sub.at("&#"):
			b.WriteString(sub.charRef())
		case sub.at("%"):
			sub.pos++
			name := sub.name()
			if name == "" || !sub.skip(";") {
				p.fail("EntityValue: '%%' forbidden except for entities references")
			}
			if e := p.doc.dtd.parameters[name]; e != nil {
				p.grow(len(e.value))
				b.WriteString(e.value)
			}
		default:
			sub.char(&b, "invalid character in entity value")
		}
	}
	return b.String()
}
