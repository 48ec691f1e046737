package lex

import (
	"strings"
	"sync"

	"golang.org/x/text/unicode/runenames"
)

// controls have no name of their own in Unicode, but aliases.
var controls = map[string]rune{"NULL": 0, "BELL": 0x1f514, "ALERT": 7, "BACKSPACE": 8, "CHARACTER TABULATION": 9, "LINE FEED": 10,
	"NEW LINE": 10, "LINE TABULATION": 11, "FORM FEED": 12, "CARRIAGE RETURN": 13, "ESCAPE": 27, "DELETE": 127, "NEXT LINE": 0x85,
	"BYTE ORDER MARK": 0xfeff, "NBSP": 0xa0, "ZWSP": 0x200b, "ZWJ": 0x200d, "ZWNJ": 0x200c}

// byName has all of Unicode; it is made when a template first names a character.
var byName = sync.OnceValue(func() map[string]rune {
	names := make(map[string]rune, 1<<16)
	for r := rune(0); r <= 0x323af || r >= 0xe0000 && r < 0xe0200; r++ {
		if n := runenames.Name(r); n != "" && n[0] != '<' {
			names[n] = r
		}
		if r == 0x323af {
			r = 0xdffff
		}
	}
	for n, r := range controls {
		names[n] = r
	}
	return names
})

// runeByName returns the character \N{name} stands for.
func runeByName(name string) (rune, bool) {
	name = strings.ToUpper(name)
	if h, ok := strings.CutPrefix(name, "CJK UNIFIED IDEOGRAPH-"); ok && len(h) >= 4 && len(h) <= 5 && hex(h) {
		var r rune
		for _, d := range h {
			r = r<<4 | rune(strings.IndexRune("0123456789ABCDEF", d))
		}
		return r, r >= 0x3400
	}
	r, ok := byName()[name]
	return r, ok
}
