package lex

// Kind is the kind of a token.
type Kind uint8

// The kinds of tokens.
const (
	EOF Kind = iota
	Data
	VarBegin
	VarEnd
	BlockBegin
	BlockEnd
	Name
	Int
	Float
	String
	Op
)

// Token is one token. Text holds data, a name, an operator, the decoded string
// or the digits of a number.
type Token struct {
	Text string
	At   int32 // byte offset in the normalised source
	Kind Kind
}

// Off is the byte offset in the normalised source.
func (t Token) Off() int { return int(t.At) }

// Describe names a token as Jinja2's messages do.
func (t Token) Describe() string {
	switch t.Kind {
	case EOF:
		return "end of template"
	case Data:
		return "template data / text"
	case VarBegin:
		return "begin of print statement"
	case VarEnd:
		return "end of print statement"
	case BlockBegin:
		return "begin of statement block"
	case BlockEnd:
		return "end of statement block"
	case Int:
		return "integer"
	case Float:
		return "float"
	case String:
		return "string"
	}
	return t.Text
}

// Is tells whether t is the operator op.
func (t Token) Is(op string) bool { return t.Kind == Op && t.Text == op }

// IsName tells whether t is the word name.
func (t Token) IsName(name string) bool { return t.Kind == Name && t.Text == name }
