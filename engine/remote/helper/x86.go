package helper

import "encoding/binary"

// FilterX86 rewrites x86 machine code so that it compresses better: the target
// of every call and jump is written as its place in the file, which is the
// same wherever it is called from, instead of as a distance. It works in
// place; what is no code is changed reversibly, too.
func FilterX86(b []byte) { x86(b, true) }

// UnfilterX86 undoes FilterX86.
func UnfilterX86(b []byte) { x86(b, false) }

func x86(b []byte, forward bool) {
	size := int32(len(b))
	for i := 0; i+5 <= len(b); i++ {
		if b[i]&0xfe != 0xe8 { // call and jmp with 32 bits of distance
			continue
		}
		at, p := int32(i), b[i+1:i+5]
		if forward {
			if v := int32(binary.LittleEndian.Uint32(p)); v >= -at && v < size {
				if v < size-at {
					v += at
				} else {
					v -= size // keeps the mapping one to one
				}
				binary.LittleEndian.PutUint32(p, uint32(v))
			}
			swap(p)
		} else {
			swap(p)
			if v := int32(binary.LittleEndian.Uint32(p)); v >= -at && v < size {
				if v >= 0 {
					v -= at
				} else {
					v += size
				}
				binary.LittleEndian.PutUint32(p, uint32(v))
			}
		}
		i += 4
	}
}

// swap puts the byte that changes least first.
func swap(p []byte) { p[0], p[1], p[2], p[3] = p[3], p[2], p[1], p[0] }
