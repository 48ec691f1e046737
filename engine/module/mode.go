package module

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

const permBits = 0o7777

// resolve gives the permission bits m asks for on a file that has the mode now
// (type bits aside), is a folder or not, under umask.
func (m Mode) resolve(now uint32, isDir bool, umask uint32) (uint32, error) {
	var n int64
	switch x := m.Raw.(type) {
	case int64:
		n = x
	case bool:
		if x {
			n = 1
		}
	case *big.Int:
		return 0, modeError("Invalid mode supplied, only permission info is allowed", x.String())
	case string:
		o, err := strconv.ParseInt(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(x)), "0o"), 8, 64)
		if err != nil {
			p, err := symbolicMode(x, now&permBits, isDir, umask)
			if err != nil {
				return 0, modeError("mode must be in octal or symbolic form", err.Error())
			}
			return p, nil
		}
		n = o
	default:
		return 0, modeError("mode must be in octal or symbolic form",
			fmt.Sprintf("'%s' object has no attribute 'split'", value.TypeName(m.Raw)))
	}
	if n < 0 || n > permBits {
		return 0, modeError("Invalid mode supplied, only permission info is allowed", fmt.Sprint(n))
	}
	return uint32(n), nil
}

func modeError(msg, details string) error { return Errorf(msg, "details", details) }

// symbolicMode applies text such as u=rwX,g-w,o= to the mode now. X and the
// copies (g=u) look at the mode as the expression has left it so far; a clause
// without an operator, the empty text among them, changes nothing.
func symbolicMode(text string, now uint32, isDir bool, umask uint32) (uint32, error) {
	mode := now
	for _, clause := range strings.Split(text, ",") {
		i := strings.IndexAny(clause, "+-=")
		if i < 0 {
			i = len(clause)
		}
		if clause[:i] != "a" && strings.Trim(clause[:i], "ugo") != "" {
			return 0, fmt.Errorf("bad symbolic permission for mode: %s", text)
		}
		who, useUmask := clause[:i], false
		if who == "" {
			who, useUmask = "a", true
		}
		for rest := clause[i:]; rest != ""; {
			op := rest[0]
			j := strings.IndexAny(rest[1:], "+-=")
			perms := rest[1:]
			if j >= 0 {
				perms, rest = rest[1:j+1], rest[j+1:]
			} else {
				rest = ""
			}
			if strings.Trim(perms, "rwxXst") != "" && (len(perms) != 1 || !strings.Contains("ugo", perms)) {
				return 0, fmt.Errorf("bad symbolic permission for mode: %s", text)
			}
			users := who
			if strings.Contains(who, "a") {
				users = "ugo"
			}
			for _, u := range users {
				bits, mask := permsFor(u, perms, mode, isDir)
				if useUmask {
					bits &^= umask
				}
				switch op {
				case '+':
					mode |= bits
				case '-':
					mode &^= bits
				case '=':
					mode = mode&^mask | bits
				}
			}
		}
	}
	return mode, nil
}

// permsFor gives the bits perms stands for with user u, and all bits of u.
func permsFor(u rune, perms string, now uint32, isDir bool) (bits, mask uint32) {
	shift, special := uint(6), uint32(0o4000)
	switch u {
	case 'g':
		shift, special = 3, 0o2000
	case 'o':
		shift, special = 0, 0o1000
	}
	mask = 7<<shift | special
	for _, p := range perms {
		switch p {
		case 'r':
			bits |= 4 << shift
		case 'w':
			bits |= 2 << shift
		case 'x':
			bits |= 1 << shift
		case 'X':
			if isDir || now&0o111 != 0 {
				bits |= 1 << shift
			}
		case 's':
			if u != 'o' {
				bits |= special
			}
		case 't':
			if u == 'o' {
				bits |= special
			}
		case 'u':
			bits |= now >> 6 & 7 << shift
		case 'g':
			bits |= now >> 3 & 7 << shift
		case 'o':
			bits |= now & 7 << shift
		}
	}
	return bits, mask
}
