package xmldoc

import (
	"slices"
	"strconv"
	"strings"
)

var predefined = map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`, "apos": "'"}

// charRef reads &#...; and returns what it stands for.
func (p *parser) charRef() string {
	base, digits := 10, "0123456789"
	if p.skip("&#x") {
		base, digits = 16, "0123456789abcdefABCDEF"
	} else {
		p.pos += len("&#")
	}
	from := p.pos
	for p.pos < len(p.src) && strings.IndexByte(digits, p.src[p.pos]) >= 0 {
		p.pos++
	}
	if p.pos == from || p.peek() != ';' {
		if base == 16 {
			p.fail("xmlParseCharRef: invalid hexadecimal value")
		}
		p.fail("xmlParseCharRef: invalid decimal value")
	}
	n, err := strconv.ParseInt(p.src[from:p.pos], base, 32)
	p.pos++
	if err != nil || !isChar(rune(n)) {
		p.fail("xmlParseCharRef: invalid xmlChar value %d", n)
	}
	return string(rune(n))
}

// entityName reads &name; and returns the name.
func (p *parser) entityName() string {
	p.pos++
	name := p.name()
	if name == "" {
		p.fail("xmlParseEntityRef: no name")
	}
	if !p.skip(";") {
		p.fail("EntityRef: expecting ';'")
	}
	return name
}

// entity finds an entity.
func (p *parser) entity(name string) *entity {
	e := p.doc.dtd.entity(name)
	switch {
	case e == nil:
		p.fail("Entity '%s' not defined", name)
	case slices.Contains(p.open, name):
		p.fail("Detected an entity reference loop")
	case e.unparsed:
		p.fail("Entity reference to unparsed entity %s", name)
	}
	return e
}

func (p *parser) grow(n int) {
	if *p.grown += n; *p.grown > maxGrowth {
		p.fail("Maximum entity amplification factor exceeded")
	}
}

// reference reads a reference in content.
func (p *parser) reference() {
	if p.at("&#") {
		p.addText(p.charRef())
		return
	}
	name := p.entityName()
	if s, ok := predefined[name]; ok {
		p.addText(s)
		return
	}
	e := p.entity(name)
	if e.external { // its file is not read, the reference stays
		p.add(&Node{Kind: EntityRef, Local: name})
		return
	}
	p.grow(len(e.value))
	sub := &parser{Options: p.Options, src: e.value, doc: p.doc, node: p.node, open: append(slices.Clone(p.open), name), grown: p.grown, pending: p.pending,
		space: slices.Clone(p.space), lines: slices.Clone(p.lines)}
	sub.content(false)
	if sub.pos < len(sub.src) {
		p.fail("Entity '%s' failed to parse", name)
	}
}

// attrReference reads a reference in an attribute's value.
func (p *parser) attrReference(b *strings.Builder) {
	if p.at("&#") {
		b.WriteString(p.charRef())
		return
	}
	name := p.entityName()
	if s, ok := predefined[name]; ok {
		b.WriteString(s)
		return
	}
	e := p.entity(name)
	switch {
	case e.external:
		p.fail("Attribute references external entity '%s'", name)
	case strings.Contains(e.value, "<"):
		p.fail("'<' in entity '%s' is not allowed in attributes values", name)
	}
	p.grow(len(e.value))
	sub := &parser{src: e.value, doc: p.doc, open: append(slices.Clone(p.open), name), grown: p.grown}
	for sub.pos < len(sub.src) {
		switch c := sub.src[sub.pos]; {
		case c == '&':
			sub.attrReference(b)
		case isBlank(c):
			b.WriteByte(' ')
			sub.pos++
		default:
			sub.char(b, "invalid character in attribute value")
		}
	}
}
