package xmldoc

import (
	"strings"
	"testing"
)

// The messages are libxml2's, as lxml 4.9.2 gave them.
func TestErrors(t *testing.T) {
	for doc, want := range map[string]string{
		"":                            "Document is empty, line 1, column 1",
		"<a>":                         "Premature end of data in tag a line 1, line 1, column 4",
		"<a></b>":                     "Opening and ending tag mismatch: a line 1 and b, line 1, column 8",
		"x":                           "Start tag expected, '<' not found, line 1, column 1",
		"<a b></a>":                   "Specification mandates value for attribute b, line 1, column 5",
		`<a b="1" b="2"/>`:            "Attribute b redefined, line 1, column 15",
		"<a>\n&x;</a>":                "Entity 'x' not defined, line 2, column 4",
		"<a/><b/>":                    "Extra content at the end of the document, line 1, column 5",
		"<a><p:b/></a>":               "Namespace prefix p on b is not defined, line 1, column 8",
		`  <?xml version="1.0"?><a/>`: "XML declaration allowed only at the start of the document, line 1, column 8",
		"<a>\xe9</a>":                 "Input is not proper UTF-8, indicate encoding !\nBytes: 0xE9 0x3C 0x2F 0x61, line 1, column 4",
		"<a>&</a>":                    "xmlParseEntityRef: no name, line 1, column 5",
		"<a><!-- -- --></a>":          "Double hyphen within comment: <!-- , line 1, column 9",
		`<?xml version="1.0" encoding="foo"?><a/>`: "Unsupported encoding foo, line 1, column 35",
		"<a":                       "Couldn't find end of Start Tag a line 1, line 1, column 3",
		strings.Repeat("<a>", 300): "Excessive depth in document: 256 use XML_PARSE_HUGE option, line 1, column 771",
	} {
		if _, err := Parse([]byte(doc), Options{}); err == nil || err.Error() != want {
			t.Errorf("%.40q:\n got  %v\n want %s", doc, err, want)
		}
	}
}

// Entities that name each other may not take the machine's memory.
func TestEntities(t *testing.T) {
	doc := "<!DOCTYPE a [<!ENTITY e0 \"xxxxxxxxxx\">"
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		before := string(n[0] - 1)
		doc += "<!ENTITY e" + n + ` "` + strings.Repeat("&e"+before+";", 10) + `">`
	}
	for end, want := range map[string]string{"<a>&e9;</a>": "amplification", `<a b="&e9;"/>`: "amplification"} {
		if _, err := Parse([]byte(doc+"]>"+end), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", end, err, want)
		}
	}
	if _, err := Parse([]byte(`<!DOCTYPE a [<!ENTITY e "&f;"><!ENTITY f "&e;">]><a>&e;</a>`), Options{}); err == nil || !strings.Contains(err.Error(), "loop") {
		t.Errorf("got %v, want a loop", err)
	}
}

// What is written is read as the same document again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`<?xml version="1.0" encoding="latin1"?><!DOCTYPE a [<!ENTITY e "<b/>"><!ATTLIST a x (a|b) "b"><!ELEMENT a (b,c)*>]><a x=" 1 ">&e;<![CDATA[]]]]></a>`,
		"<!--c--><?p d?><a xmlns='u' xmlns:p='v' p:x='&#10;'>\n <b/>\n</a><!--d-->", "<a>&lt;&#x41;<b xml:space='preserve'> </b></a>",
		`<!DOCTYPE a PUBLIC "p" "s" [<!NOTATION n SYSTEM "x"><!ENTITY x SYSTEM "f"><!ENTITY % q "<!ENTITY z 'y'>">%q;]><a>&x;&z;</a>`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse([]byte(s), Options{})
		if err != nil {
			return
		}
		_, _ = Parse([]byte(s), Options{Blanks: true, CData: true})
		once := d.Write(false)
		again, err := Parse([]byte(once), Options{})
		if err != nil {
			t.Fatalf("%q was written as %q: %v", s, once, err)
		}
		if twice := again.Write(false); twice != once {
			t.Fatalf("%q\n first  %q\n second %q", s, once, twice)
		}
	})
}
