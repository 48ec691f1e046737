package builtin

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"strconv"
	"strings"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/blake2s"
	"golang.org/x/crypto/ripemd160"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

func log10(x float64) float64 { return py.Log10(x) }
func sqrt(x float64) float64  { return math.Sqrt(x) }

// onlyText is the text a filter works on, an error for anything else: Python
// would not find the method that the filter calls.
func (c *Call) onlyText(method string) (string, error) {
	if t, ok := value.Text(c.in()); ok {
		return t, nil
	}
	if _, secret := c.in().(*value.Secret); secret {
		return c.text()
	}
	if err := Defined(c.in()); err != nil {
		return "", err
	}
	return "", py.Raise("AttributeError", "'%s' object has no attribute '%s'", value.TypeName(c.in()), method)
}

func (a *Args) flags(i, m int) (pyre.Flags, error) {
	var f pyre.Flags
	if err := Defined(a.v[i], a.v[m]); err != nil {
		return 0, err
	}
	if value.Truth(a.v[i]) {
		f |= pyre.IgnoreCase
	}
	if value.Truth(a.v[m]) {
		f |= pyre.Multiline
	}
	return f, nil
}

func (c *Call) regex(pattern string, f pyre.Flags) (*pyre.Regexp, error) {
	re, err := pyre.Compile(pattern, f)
	if err != nil {
		return nil, py.Raise("re.error", "invalid regular expression %s: %s", value.Quote(pattern), err)
	}
	return re, nil
}

func regexReplaceFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "pattern", "replacement", "ignorecase", "multiline", "count", "mandatory_count")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	pattern, err := a.Pattern(0)
	if err != nil {
		return nil, err
	}
	with, err := a.Text(1, "")
	if err != nil {
		return nil, err
	}
	f, err := a.flags(2, 3)
	if err != nil {
		return nil, err
	}
	count, err := a.Int(4, 0)
	if err != nil {
		return nil, err
	}
	must, err := a.Int(5, 0)
	if err != nil {
		return nil, err
	}
	re, err := c.regex(pattern, f)
	if err != nil {
		return nil, err
	}
	out, n, err := re.Sub(with, t, int(count))
	if err != nil {
		return nil, err
	}
	if must != 0 && int64(n) != must {
		return nil, fail("'%s' should match %d times, but matches %d times in '%s'", pattern, must, n, t)
	}
	return c.like(out), nil
}

func regexSearchFilter(c *Call) (Value, error) {
	if len(c.Args) < 2 {
		return nil, py.Raise("TypeError", "regex_search() missing 1 required positional argument: 'regex'")
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	pattern, err := Str(c.Args[1])
	if err != nil {
		return nil, err
	}
	var f pyre.Flags
	for k, v := range c.Kwargs.All() {
		switch value.Str(k) {
		case "ignorecase":
			if value.Truth(v) {
				f |= pyre.IgnoreCase
			}
		case "multiline":
			if value.Truth(v) {
				f |= pyre.Multiline
			}
		}
	}
	re, err := c.regex(pattern, f)
	if err != nil {
		return nil, err
	}
	type ref struct {
		name string
		num  int
	}
	var refs []ref
	for _, v := range c.Args[2:] {
		g, err := Str(v)
		if err != nil {
			return nil, err
		}
		switch {
		case strings.HasPrefix(g, `\g<`) && strings.HasSuffix(g, ">"):
			refs = append(refs, ref{name: g[3 : len(g)-1]})
		case strings.HasPrefix(g, `\`) && len(g) > 1 && strings.Trim(g[1:], "0123456789") == "":
			n, _ := strconv.Atoi(g[1:])
			refs = append(refs, ref{num: n})
		default:
			return nil, fail("Unknown argument")
		}
	}
	m, err := re.Search(t)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, nil
	}
	if len(refs) == 0 {
		return c.part(m.Text()), nil
	}
	l := value.NewList()
	for _, r := range refs {
		n := r.num
		if r.name != "" {
			k, ok := re.GroupIndex(r.name)
			if !ok {
				if k, err = strconv.Atoi(r.name); err != nil {
					return nil, py.Raise("IndexError", "no such group")
				}
			}
			n = k
		}
		if n > re.NumGroups() {
			return nil, py.Raise("IndexError", "no such group")
		}
		if g, ok := m.Group(n); ok {
			l.Append(c.part(g))
		} else {
			l.Append(nil)
		}
	}
	return l, nil
}

func regexFindallFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "regex", "multiline", "ignorecase")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	pattern, err := a.Pattern(0)
	if err != nil {
		return nil, err
	}
	f, err := a.flags(2, 1)
	if err != nil {
		return nil, err
	}
	re, err := c.regex(pattern, f)
	if err != nil {
		return nil, err
	}
	all, err := re.FindAll(t, 0)
	if err != nil {
		return nil, err
	}
	out := make([]Value, 0, len(all))
	for _, m := range all {
		switch n := re.NumGroups(); n {
		case 0:
			out = append(out, c.part(m.Text()))
		case 1:
			g, _ := m.Group(1)
			out = append(out, c.part(g))
		default:
			tup := make(value.Tuple, n)
			for i := range tup {
				g, _ := m.Group(i + 1)
				tup[i] = c.part(g)
			}
			out = append(out, tup)
		}
	}
	return listValue(out), nil
}

func regexEscapeFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "re_type")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	switch kind := value.Str(a.Value(0, "python")); kind {
	case "python":
		return c.like(pyre.Escape(t)), nil
	case "posix_basic":
		var b strings.Builder
		for i := range len(t) {
			if strings.IndexByte(`[].^$*\`, t[i]) >= 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(t[i])
		}
		return c.like(b.String()), nil
	case "posix_extended":
		return nil, fail("Regex type (%s) not yet implemented", kind)
	default:
		return nil, fail("Invalid regex type (%s)", kind)
	}
}

func quoteFilter(c *Call) (Value, error) {
	if c.in() == nil {
		return "''", nil
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	return c.like(ShellQuote(t)), nil
}

// ShellQuote is shlex.quote.
func ShellQuote(t string) string {
	safe := t != ""
	for i := 0; safe && i < len(t); i++ {
		b := t[i]
		safe = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("_@%+=:,./-", b) >= 0
	}
	if safe {
		return t
	}
	return "'" + strings.ReplaceAll(t, "'", `'"'"'`) + "'"
}

func splitFilter(c *Call) (Value, error) {
	switch c.in().(type) {
	case *value.Undefined:
		return nil, Defined(c.in())
	}
	if !isText(c.in()) {
		return nil, py.Raise("TypeError", "descriptor 'split' for 'str' objects doesn't apply to a '%s' object", value.TypeName(c.in()))
	}
	return py.Call(c.in(), "split", c.Args[1:], c.Kwargs)
}

// NewHash returns the hash of that name in Python's hashlib, or nil.
func NewHash(name string) hash.Hash {
	switch strings.ToLower(name) {
	case "md5":
		return md5.New()
	case "sha1":
		return sha1.New()
	case "sha224":
		return sha256.New224()
	case "sha256":
		return sha256.New()
	case "sha384":
		return sha512.New384()
	case "sha512":
		return sha512.New()
	case "sha512_224":
		return sha512.New512_224()
	case "sha512_256":
		return sha512.New512_256()
	case "sha3_224":
		return sha3.New224()
	case "sha3_256":
		return sha3.New256()
	case "sha3_384":
		return sha3.New384()
	case "sha3_512":
		return sha3.New512()
	case "ripemd160":
		return ripemd160.New()
	case "blake2b":
		h, _ := blake2b.New512(nil)
		return h
	case "blake2s":
		h, _ := blake2s.New256(nil)
		return h
	}
	return nil
}

func (c *Call) bytes() ([]byte, error) {
	if b, ok := c.in().(py.Bytes); ok {
		return []byte(b), nil
	}
	t, err := c.text()
	return []byte(t), err
}

func hashFilter(fixed string) Func {
	return func(c *Call) (Value, error) {
		var names []string
		if fixed == "" {
			names = []string{"hashtype"}
		}
		a, err := c.Bind(0, names...)
		if err != nil {
			return nil, err
		}
		name := fixed
		if name == "" {
			if name, err = a.Text(0, "sha1"); err != nil {
				return nil, err
			}
		}
		h := NewHash(name)
		if h == nil {
			return nil, fail("unsupported hash type %s", name)
		}
		b, err := c.bytes()
		if err != nil {
			return nil, err
		}
		h.Write(b)
		return hex.EncodeToString(h.Sum(nil)), nil
	}
}

const ansibleNamespace = "361E6D51-FAEC-444A-9079-341386DA8E2E"

func toUUIDFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "namespace")
	if err != nil {
		return nil, err
	}
	ns, err := a.Text(0, ansibleNamespace)
	if err != nil {
		return nil, err
	}
	plain := strings.NewReplacer("urn:", "", "uuid:", "", "{", "", "}", "", "-", "").Replace(ns)
	space, err := hex.DecodeString(plain)
	if err != nil || len(space) != 16 {
		return nil, fail("Invalid value '%s' for 'namespace': badly formed hexadecimal UUID string", ns)
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	h := sha1.Sum(append(space, t...))
	u := h[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:16]), nil
}

func b64encodeFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "encoding", "urlsafe")
	if err != nil {
		return nil, err
	}
	enc, err := a.Text(0, "utf-8")
	if err != nil {
		return nil, err
	}
	b, ok := c.in().(py.Bytes)
	if !ok {
		t, err := c.text()
		if err != nil {
			return nil, err
		}
		if b, err = py.Encode(t, enc, ""); err != nil {
			return nil, err
		}
	}
	if value.Truth(a.v[1]) {
		return base64.URLEncoding.EncodeToString([]byte(b)), nil
	}
	return base64.StdEncoding.EncodeToString([]byte(b)), nil
}

func b64decodeFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "encoding", "urlsafe")
	if err != nil {
		return nil, err
	}
	enc, err := a.Text(0, "utf-8")
	if err != nil {
		return nil, err
	}
	b, err := c.bytes()
	if err != nil {
		return nil, err
	}
	t := string(b)
	if value.Truth(a.v[1]) {
		t = strings.NewReplacer("-", "+", "_", "/").Replace(t)
	}
	raw, err := DecodeBase64(t)
	if err != nil {
		return nil, err
	}
	if py.Bytes(raw) != "" && (enc == "utf-8" || enc == "") {
		return c.like(string(raw)), nil
	}
	out, err := py.Decode(py.Bytes(raw), enc, "")
	if err != nil {
		return nil, err
	}
	return c.like(out), nil
}

// DecodeBase64 is Python's b64decode: other characters are passed over, but the
// padding must be right.
func DecodeBase64(t string) ([]byte, error) {
	var data []byte
	pad := 0
	for i := 0; i < len(t); i++ {
		b := t[i]
		switch {
		case b == '=':
			if len(data)%4 >= 2 {
				pad++
			}
		case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '+' || b == '/':
			if pad > 0 && len(data)%4+pad >= 4 {
				i = len(t)
				break
			}
			pad = 0
			data = append(data, b)
		}
	}
	switch r := len(data) % 4; {
	case r == 1:
		return nil, py.Raise("binascii.Error", "Invalid base64-encoded string: number of data characters (%d) cannot be 1 more than a multiple of 4", len(data))
	case r > 0 && r+pad < 4:
		return nil, py.Raise("binascii.Error", "Incorrect padding")
	}
	return base64.RawStdEncoding.DecodeString(string(data))
}

var sizes = []struct {
	suffix string
	limit  float64
}{{"Y", 1 << 80}, {"Z", 1 << 70}, {"E", 1 << 60}, {"P", 1 << 50}, {"T", 1 << 40}, {"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"B", 1}}

func humanReadableFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "isbits", "unit")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	if isText(c.in()) || c.in() == nil || isSequence(c.in()) {
		return nil, fail("human_readable() failed on bad input: '>=' not supported between instances of '%s' and 'int'", value.TypeName(c.in()))
	}
	f, err := py.ToFloat(c.in())
	if err != nil {
		return nil, fail("human_readable() failed on bad input: %v", err)
	}
	base := "Bytes"
	if value.Truth(a.v[0]) {
		base = "bits"
	}
	unit := ""
	if a.Has(1) {
		unit = strings.ToUpper(value.Str(a.v[1]))
	}
	suffix, limit := "", 1.0
	for _, r := range sizes {
		suffix, limit = r.suffix, r.limit
		if unit == "" && f >= limit || unit != "" && unit == suffix {
			break
		}
	}
	if limit != 1 {
		suffix += base[:1]
	} else {
		suffix = base
	}
	return fmt.Sprintf("%.2f %s", f/limit, suffix), nil
}

var sizeRE = mustRE(`^\s*(\d*\.?\d*)\s*([A-Za-z]+)?\s*$`)

func humanToBytesFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "default_unit", "isbits")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	n, ok := HumanToBytes(t, value.Str(a.Value(0, "")), value.Truth(a.v[1]))
	if !ok {
		return nil, fail("human_to_bytes() can't interpret following string: %s", t)
	}
	return n, nil
}

// HumanToBytes reads a size such as 10M or 1.5GB.
func HumanToBytes(t, defaultUnit string, bits bool) (int64, bool) {
	m, _ := sizeRE.Match(t)
	if m == nil {
		return 0, false
	}
	num, err := strconv.ParseFloat(groupText(m, 1), 64)
	if err != nil {
		return 0, false
	}
	unit := groupText(m, 2)
	if unit == "" {
		unit = defaultUnit
	}
	if unit == "" || unit == "None" {
		return int64(math.RoundToEven(num)), true
	}
	first := strings.ToUpper(unit[:1])
	limit := 0.0
	for _, r := range sizes {
		if r.suffix == first {
			limit = r.limit
		}
	}
	if limit == 0 {
		return 0, false
	}
	word, letter := "byte", "B"
	if bits {
		word, letter = "bit", "b"
	}
	rest := unit[1:]
	switch {
	case rest == "", rest == letter, strings.Contains(strings.ToLower(unit), word):
	case first == "B" && (strings.EqualFold(unit, "bytes") || strings.EqualFold(unit, "bits")):
	default:
		return 0, false
	}
	return int64(math.RoundToEven(num * limit)), true
}

func groupText(m *pyre.Match, i int) string { t, _ := m.Group(i); return t }

// matchText adapts a function of the match and its first group.
func matchText(f func(m, group string) string) func(*pyre.Match) (string, error) {
	return func(m *pyre.Match) (string, error) { return f(m.Text(), groupText(m, 1)), nil }
}
