// Package kv is the key-value storage: a JSON file that holds a list of strings for every key. It reads and
// writes the file so that any number of processes may add values at once, and groups what many callers of one
// process add into few writes.
//
// It imports nothing of the engine and knows nothing of HTTP or of command lines.
package kv

import (
	"bufio"
	"bytes"
	"io"
	"slices"
)

// Data is what a storage holds: keys in the order in which they were first added, each with its values in
// the order in which they were added. Values are kept as the JSON text that goes into the file, so that neither
// writing the file nor answering a request encodes them again.
type Data struct {
	keys  []string
	lists []list
	index map[string]int // place of a key in keys and lists
	bytes int64          // size of the file that Write makes
	total int            // values
}

// list is a list of strings as JSON text without its brackets. What lies beyond len(text) in the same array
// belongs to the next value, so a list once handed out stays as it is.
type list struct {
	text []byte
	n    int
}

// Add is one value to be added.
type Add struct{ Key, Value string }

// New returns an empty storage.
func New() *Data { return &Data{index: map[string]int{}, bytes: int64(len("{}\n"))} }

// Len returns how many keys there are.
func (d *Data) Len() int { return len(d.keys) }

// Total returns how many values there are, of all keys.
func (d *Data) Total() int { return d.total }

// Bytes returns the size of the file in bytes, as this package writes it.
func (d *Data) Bytes() int64 { return d.bytes }

// Values returns the values of a key, none for an unknown key.
func (d *Data) Values(key string) []string {
	text, _, _ := d.JSON(key)
	return decodeList(text)
}

// JSON returns the values of a key as a JSON list without its brackets, how many they are and whether the
// key is known. The text must not be changed; it stays valid.
func (d *Data) JSON(key string) (text []byte, n int, ok bool) {
	i, ok := d.index[key]
	if !ok {
		return nil, 0, false
	}
	return d.lists[i].text, d.lists[i].n, true
}

// Key is a key and how many values it has.
type Key struct {
	Name  string
	Count int
}

// Keys returns at most limit keys in the order in which they were first added, from a place counted from 0. It
// reports whether more follow.
func (d *Data) Keys(from, limit int) (keys []Key, more bool) {
	to := min(from+limit, len(d.keys))
	for i := from; i < to; i++ {
		keys = append(keys, Key{d.keys[i], d.lists[i].n})
	}
	return keys, to < len(d.keys)
}

// Place returns the place of a key, counted from 0.
func (d *Data) Place(key string) (place int, ok bool) {
	place, ok = d.index[key]
	return place, ok
}

// staged is what a batch of additions changes: the new lists of the keys it touches. Data stays as it is until apply.
type staged struct {
	lists map[string]list
	fresh []string // keys that are new, in order
	bytes int64    // by which the file grows
	n     int      // values added
}

func newStaged() *staged { return &staged{lists: map[string]list{}} }

// add stages one value and returns how many values its key will have.
func (s *staged) add(d *Data, a Add) int {
	l, ok := s.lists[a.Key]
	if !ok {
		if i, known := d.index[a.Key]; known {
			l = d.lists[i]
		} else {
			s.fresh = append(s.fresh, a.Key)
			s.bytes += d.keyCost(a.Key, len(d.keys)+len(s.fresh) == 1)
		}
	}
	before := len(l.text)
	if l.n > 0 {
		l.text = append(l.text, ", "...)
	}
	l.text = AppendJSON(l.text, a.Value)
	l.n++
	s.bytes += int64(len(l.text) - before)
	s.n++
	s.lists[a.Key] = l
	return l.n
}

// keyCost returns by how many bytes a new key with no values makes the file longer.
func (d *Data) keyCost(key string, first bool) int64 {
	n := int64(len(AppendJSON(nil, key)) + len(": []\n"))
	if first {
		return n + 1 // the line break after {
	}
	return n + 1 // the comma after the key before
}

// apply makes staged changes part of the data.
func (d *Data) apply(s *staged) {
	for _, key := range s.fresh {
		d.index[key] = len(d.keys)
		d.keys = append(d.keys, key)
		d.lists = append(d.lists, list{})
	}
	for key, l := range s.lists {
		d.lists[d.index[key]] = l
	}
	d.bytes += s.bytes
	d.total += s.n
}

// write writes the file's text, with what is staged: one line per key.
func (d *Data) write(w io.Writer, s *staged) error {
	out := bufio.NewWriterSize(w, 256<<10)
	if len(d.keys)+len(s.fresh) == 0 {
		out.WriteString("{}\n")
		return out.Flush()
	}
	sep := "{\n"
	line := func(key string, l list) {
		out.WriteString(sep)
		out.Write(AppendJSON(out.AvailableBuffer(), key))
		out.WriteString(": [")
		out.Write(l.text)
		out.WriteByte(']')
		sep = ",\n"
	}
	for i, key := range d.keys {
		l := d.lists[i]
		if len(s.lists) > 0 {
			if changed, ok := s.lists[key]; ok {
				l = changed
			}
		}
		line(key, l)
	}
	for _, key := range s.fresh {
		line(key, s.lists[key])
	}
	out.WriteString("\n}\n")
	return out.Flush()
}

// extend adds encoded values to a key while a file is read.
func (d *Data) extend(key string, text []byte, n int) {
	i, ok := d.index[key]
	if !ok {
		d.bytes += d.keyCost(key, len(d.keys) == 0)
		i = len(d.keys)
		d.index[key] = i
		d.keys = append(d.keys, key)
		d.lists = append(d.lists, list{})
	}
	l := &d.lists[i]
	if l.n > 0 && n > 0 {
		l.text = append(slices.Clip(l.text), ", "...)
		d.bytes += 2
	}
	l.text = append(l.text, text...)
	l.n += n
	d.bytes += int64(len(text))
	d.total += n
}

// extends reports whether d holds everything that old holds, and adds to the ends of its lists only.
func (d *Data) extends(old *Data) bool {
	for i, key := range old.keys {
		text, n, _ := d.JSON(key)
		have := old.lists[i]
		if n < have.n || !bytes.HasPrefix(text, have.text) {
			return false
		}
	}
	return true
}
