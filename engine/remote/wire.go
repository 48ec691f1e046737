package remote

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/goplay-engine/goplay/engine/value"
)

// The wire form of values: one tag byte, then the content. It keeps what JSON
// would lose (tuples, integers against floats, stray bytes in text) and costs
// a few microseconds where JSON costs tens.
const (
	tagNil byte = iota
	tagFalse
	tagTrue
	tagInt
	tagBig
	tagFloat
	tagText
	tagDict
	tagList
	tagTuple
)

// maxNesting bounds how deep containers may nest, on both ends.
const maxNesting = 200

var errShort = errors.New("message is truncated")

// enc appends fields to a message.
type enc struct {
	b   []byte
	err error
}

func (e *enc) uint(n uint64)  { e.b = binary.AppendUvarint(e.b, n) }
func (e *enc) int(n int64)    { e.b = binary.AppendVarint(e.b, n) }
func (e *enc) byte(c byte)    { e.b = append(e.b, c) }
func (e *enc) text(s string)  { e.uint(uint64(len(s))); e.b = append(e.b, s...) }
func (e *enc) bytes(p []byte) { e.uint(uint64(len(p))); e.b = append(e.b, p...) }
func (e *enc) texts(l []string) {
	e.uint(uint64(len(l)))
	for _, s := range l {
		e.text(s)
	}
}

func (e *enc) value(v value.Value) { e.nested(v, 0) }

func (e *enc) nested(v value.Value, depth int) {
	if e.err != nil {
		return
	}
	if depth > maxNesting {
		e.err = errors.New("value is nested too deeply")
		return
	}
	switch x := v.(type) {
	case nil:
		e.byte(tagNil)
	case bool:
		if x {
			e.byte(tagTrue)
		} else {
			e.byte(tagFalse)
		}
	case int64:
		e.byte(tagInt)
		e.int(x)
	case int:
		e.byte(tagInt)
		e.int(int64(x))
	case *big.Int:
		e.byte(tagBig)
		e.text(x.String())
	case float64:
		e.byte(tagFloat)
		e.b = binary.BigEndian.AppendUint64(e.b, math.Float64bits(x))
	case string:
		e.byte(tagText)
		e.text(x)
	case value.Unsafe:
		e.byte(tagText)
		e.text(string(x))
	case *value.Secret:
		s, err := x.Reveal()
		if err != nil {
			e.err = err
			return
		}
		e.byte(tagText)
		e.text(s)
	case *value.Dict:
		e.byte(tagDict)
		e.uint(uint64(x.Len()))
		for k, v := range x.All() {
			e.nested(k, depth+1)
			e.nested(v, depth+1)
		}
	case *value.List:
		e.byte(tagList)
		e.items(x.Items, depth)
	case value.Tuple:
		e.byte(tagTuple)
		e.items(x, depth)
	case *value.Undefined:
		e.err = x
	case value.Iterable:
		l := value.NewList()
		if e.err = x.Iterate(func(v value.Value) bool { l.Append(v); return true }); e.err == nil {
			e.byte(tagList)
			e.items(l.Items, depth)
		}
	case value.Object:
		e.byte(tagText)
		e.text(x.Str())
	default:
		e.err = fmt.Errorf("a value of type %T cannot be sent to a host", v)
	}
}

func (e *enc) items(l []value.Value, depth int) {
	e.uint(uint64(len(l)))
	for _, v := range l {
		e.nested(v, depth+1)
	}
}

// dec reads the fields of a message; the first error sticks and later reads
// give zero values.
type dec struct {
	b   []byte
	err error
}

func (d *dec) fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.b = nil
}

func (d *dec) uint() uint64 {
	n, k := binary.Uvarint(d.b)
	if k <= 0 {
		d.fail(errShort)
		return 0
	}
	d.b = d.b[k:]
	return n
}

func (d *dec) int() int64 {
	n, k := binary.Varint(d.b)
	if k <= 0 {
		d.fail(errShort)
		return 0
	}
	d.b = d.b[k:]
	return n
}

func (d *dec) byte() byte {
	if len(d.b) == 0 {
		d.fail(errShort)
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

// bytes returns a part of the message itself, not a copy.
func (d *dec) bytes() []byte {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.fail(errShort)
		return nil
	}
	p := d.b[:n:n]
	d.b = d.b[n:]
	return p
}

func (d *dec) text() string { return string(d.bytes()) }

func (d *dec) texts() []string {
	n := d.count(1)
	if n == 0 {
		return nil
	}
	l := make([]string, 0, n)
	for range n {
		l = append(l, d.text())
	}
	return l
}

// count reads a number of items that take at least size bytes each, so that a
// hostile count cannot make the reader allocate more than was sent.
func (d *dec) count(size int) int {
	n := d.uint()
	if n > uint64(len(d.b)/size) {
		d.fail(errShort)
		return 0
	}
	return int(n)
}

func (d *dec) value() value.Value { return d.nested(0) }

func (d *dec) nested(depth int) value.Value {
	if depth > maxNesting {
		d.fail(errors.New("value is nested too deeply"))
		return nil
	}
	switch t := d.byte(); t {
	case tagNil:
		return nil
	case tagFalse:
		return false
	case tagTrue:
		return true
	case tagInt:
		return d.int()
	case tagBig:
		s := d.text()
		n, ok := new(big.Int).SetString(s, 10)
		if !ok {
			d.fail(fmt.Errorf("%q is not a number", s))
			return nil
		}
		return value.NormInt(n)
	case tagFloat:
		if len(d.b) < 8 {
			d.fail(errShort)
			return nil
		}
		f := math.Float64frombits(binary.BigEndian.Uint64(d.b))
		d.b = d.b[8:]
		return f
	case tagText:
		return d.text()
	case tagDict:
		n := d.count(2)
		m := value.NewDictCap(min(n, 1024))
		for i := 0; i < n && d.err == nil; i++ {
			k := d.nested(depth + 1)
			switch k.(type) {
			case *value.Dict, *value.List:
				d.fail(errors.New("a container cannot be a key"))
				return nil
			}
			m.Set(k, d.nested(depth+1))
		}
		return m
	case tagList:
		return &value.List{Items: d.items(depth)}
	case tagTuple:
		return value.Tuple(d.items(depth))
	default:
		d.fail(fmt.Errorf("unknown value tag %d", t))
		return nil
	}
}

func (d *dec) items(depth int) []value.Value {
	n := d.count(1)
	l := make([]value.Value, 0, min(n, 1024)) // a value takes more room than its byte in the message
	for i := 0; i < n && d.err == nil; i++ {
		l = append(l, d.nested(depth+1))
	}
	return l
}

func (d *dec) dict() *value.Dict {
	switch x := d.value().(type) {
	case *value.Dict:
		return x
	case nil:
		return value.NewDict()
	default:
		d.fail(errors.New("expected a dictionary"))
		return nil
	}
}
