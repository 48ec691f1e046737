package module

// attrLetter pairs a letter of lsattr with its flag and the name stat reports.
type attrLetter struct {
	letter byte
	flag   uint32
	name   string
}

// In the order in which lsattr prints them.
var attrLetters = []attrLetter{
	{'s', 0x1, "zero"}, {'u', 0x2, "undelete"}, {'S', 0x8, "synchronous"}, {'D', 0x10000, "dirsync"},
	{'i', 0x10, "immutable"}, {'a', 0x20, "append"}, {'d', 0x40, "nodump"}, {'A', 0x80, "noatime"},
	{'c', 0x4, "compressed"}, {'E', 0x800, "encrypted"}, {'j', 0x4000, "journalled"}, {'I', 0x1000, "indexed"},
	{'t', 0x8000, "notail"}, {'T', 0x20000, "blockroot"}, {'e', 0x80000, "extents"}, {'C', 0x800000, "nocow"},
	{'N', 0x10000000, "inline"}, {'F', 0x40000000, ""}, {'P', 0x20000000, ""}, {'V', 0x100000, ""}, {'x', 0x2000000, ""},
}

// attrText writes flags as letters.
func attrText(flags uint32) string {
	var s []byte
	for _, l := range attrLetters {
		if flags&l.flag != 0 {
			s = append(s, l.letter)
		}
	}
	return string(s)
}

// attrNames lists the names of the letters in s.
func attrNames(s string) []string {
	out := []string{}
	for i := range len(s) {
		for _, l := range attrLetters {
			if l.letter == s[i] && l.name != "" {
				out = append(out, l.name)
			}
		}
	}
	return out
}
