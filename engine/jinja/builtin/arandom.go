package builtin

import (
	crand "crypto/rand"
	"crypto/sha512"
	"math"
	"math/big"
	"math/bits"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// twister is the Mersenne Twister as Python's random.Random uses it, so that
// the same seed gives the same answers.
type twister struct {
	mt  [624]uint32
	idx int
}

func (t *twister) genrand() uint32 {
	const n, m = 624, 397
	if t.idx >= n {
		for k := range n {
			y := t.mt[k]&0x80000000 | t.mt[(k+1)%n]&0x7fffffff
			v := t.mt[(k+m)%n] ^ y>>1
			if y&1 != 0 {
				v ^= 0x9908b0df
			}
			t.mt[k] = v
		}
		t.idx = 0
	}
	y := t.mt[t.idx]
	t.idx++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (t *twister) init(key []uint32) {
	const n = 624
	t.mt[0] = 19650218
	for i := 1; i < n; i++ {
		t.mt[i] = 1812433253*(t.mt[i-1]^t.mt[i-1]>>30) + uint32(i)
	}
	i, j := 1, 0
	for range max(n, len(key)) {
		t.mt[i] = (t.mt[i] ^ (t.mt[i-1]^t.mt[i-1]>>30)*1664525) + key[j] + uint32(j)
		i, j = i+1, j+1
		if i >= n {
			t.mt[0], i = t.mt[n-1], 1
		}
		if j >= len(key) {
			j = 0
		}
	}
	for range n - 1 {
		t.mt[i] = (t.mt[i] ^ (t.mt[i-1]^t.mt[i-1]>>30)*1566083941) - uint32(i)
		if i++; i >= n {
			t.mt[0], i = t.mt[n-1], 1
		}
	}
	t.mt[0] = 0x80000000
	t.idx = n
}

// Random is Python's random.Random, or SystemRandom without a seed.
type Random struct{ t *twister }

// NewRandom returns random.Random(seed); nil is SystemRandom.
func NewRandom(seed Value) (*Random, error) {
	if seed == nil {
		return &Random{}, nil
	}
	n := new(big.Int)
	switch x := seed.(type) {
	case float64:
		n.SetUint64(uint64(hashFloat(x)))
	case bool:
		if x {
			n.SetInt64(1)
		}
	case int64:
		n.Abs(big.NewInt(x))
	case *big.Int:
		n.Abs(x)
	case *value.Undefined:
		return nil, x
	default:
		t, ok := textOf(seed)
		if b, isBytes := seed.(py.Bytes); isBytes {
			t, ok = string(b), true
		}
		if !ok {
			return nil, py.Raise("TypeError", "The only supported seed types are: None,\nint, float, str, bytes, and bytearray.")
		}
		sum := sha512.Sum512([]byte(t))
		n.SetBytes(append([]byte(t), sum[:]...))
	}
	var key []uint32
	mask := big.NewInt(math.MaxUint32)
	for n.Sign() > 0 {
		key = append(key, uint32(new(big.Int).And(n, mask).Uint64()))
		n.Rsh(n, 32)
	}
	if len(key) == 0 {
		key = []uint32{0}
	}
	r := &Random{t: &twister{}}
	r.t.init(key)
	return r, nil
}

// hashFloat is Python's hash of a float.
func hashFloat(f float64) int64 {
	const width, mod = 61, 1<<61 - 1
	switch {
	case math.IsInf(f, 1):
		return 314159
	case math.IsInf(f, -1):
		return -314159
	case math.IsNaN(f):
		return 0
	}
	m, e := math.Frexp(f)
	sign := int64(1)
	if m < 0 {
		sign, m = -1, -m
	}
	x := uint64(0)
	for m != 0 {
		x = x<<28&mod | x>>(width-28)
		m *= 268435456
		e -= 28
		y := uint64(m)
		m -= float64(y)
		if x += y; x >= mod {
			x -= mod
		}
	}
	if e >= 0 {
		e %= width
	} else {
		e = width - 1 - (-1-e)%width
	}
	x = x<<uint(e)&mod | x>>uint(width-e)
	h := int64(x) * sign
	if h == -1 {
		h = -2
	}
	return h
}

// Bits is getrandbits(k).
func (r *Random) Bits(k int) *big.Int {
	if k <= 0 {
		return new(big.Int)
	}
	if r.t == nil {
		n, _ := crand.Int(crand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(k)))
		return n
	}
	out := new(big.Int)
	for shift := uint(0); k > 0; shift += 32 {
		w := r.t.genrand()
		if k < 32 {
			w >>= uint(32 - k)
		}
		out.Or(out, new(big.Int).Lsh(new(big.Int).SetUint64(uint64(w)), shift))
		k -= 32
	}
	return out
}

// Below is a number from 0 up to n-1; n must be above 0.
func (r *Random) Below(n int64) int64 {
	k := bits.Len64(uint64(n))
	for {
		if v := r.Bits(k).Int64(); v < n && v >= 0 {
			return v
		}
	}
}

// Range is randrange(start, stop, step).
func (r *Random) Range(start, stop, step int64) (int64, error) {
	if step == 0 {
		return 0, py.Raise("ValueError", "zero step for randrange()")
	}
	n := (&py.Range{Start: start, Stop: stop, Step: step}).Len()
	if n <= 0 {
		if step == 1 {
			return 0, py.Raise("ValueError", "empty range for randrange() (%d, %d, %d)", start, stop, stop-start)
		}
		return 0, py.Raise("ValueError", "empty range for randrange()")
	}
	return start + step*r.Below(n), nil
}

// Shuffle is random.shuffle.
func (r *Random) Shuffle(items []Value) {
	for i := len(items) - 1; i > 0; i-- {
		j := r.Below(int64(i + 1))
		items[i], items[j] = items[j], items[i]
	}
}

func randomFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "start", "step", "seed")
	if err != nil {
		return nil, err
	}
	r, err := NewRandom(a.v[2])
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	if isInteger(c.in()) {
		stop, err := py.Index(c.in())
		if err != nil {
			return nil, err
		}
		start, step := int64(0), int64(1)
		if a.Has(0) && value.Truth(a.v[0]) {
			if start, err = a.Int(0, 0); err != nil {
				return nil, err
			}
		}
		if a.Has(1) && value.Truth(a.v[1]) {
			if step, err = a.Int(1, 1); err != nil {
				return nil, err
			}
		}
		return r.Range(start, stop, step)
	}
	if a.Has(0) || a.Has(1) {
		return nil, fail("start and step can only be used with integer values")
	}
	switch x := c.in().(type) {
	case bool, float64, nil:
		return nil, fail("random can only be used on sequences and integers")
	case *value.Dict:
		return nil, py.Raise("KeyError", "random works on lists and numbers, not on dictionaries (%d keys); use the list filter before it", x.Len())
	}
	items, err := c.list()
	if err != nil {
		return nil, fail("random can only be used on sequences and integers")
	}
	if len(items) == 0 {
		return nil, py.Raise("IndexError", "Cannot choose from an empty sequence")
	}
	return items[r.Below(int64(len(items)))], nil
}

func shuffleFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "seed")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	items, err := c.list()
	if err != nil {
		return c.in(), nil // what cannot be shuffled is passed on
	}
	r, err := NewRandom(a.v[0])
	if err != nil {
		return nil, err
	}
	r.Shuffle(items)
	return listValue(items), nil
}
