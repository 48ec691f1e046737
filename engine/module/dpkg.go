package module

import (
	"bufio"
	"bytes"
	"strings"
)

// dpkgPackage is one entry of dpkg's status file.
type dpkgPackage struct {
	Name, Arch, Version, Want, Status string
	Provides                          []string
	Section, Source                   string
}

// Installed tells whether the package is there, unpacked or configured.
func (p *dpkgPackage) Installed() bool {
	switch p.Status {
	case "installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending":
		return true
	}
	return false
}

// Configured tells whether the package is there and its scripts have succeeded.
func (p *dpkgPackage) Configured() bool {
	return p.Status == "installed" || strings.HasPrefix(p.Status, "triggers-")
}

// dpkgDB is dpkg's status, read without starting dpkg.
type dpkgDB struct {
	byName map[string][]*dpkgPackage
	order  []*dpkgPackage
}

const dpkgStatusFile = "/var/lib/dpkg/status"

// readDpkg parses the status file; a missing one is an empty database.
func readDpkg() (*dpkgDB, error) {
	data, err := readFile(dpkgStatusFile)
	if err != nil && !notExist(err) {
		return nil, Errorf("Could not read dpkg's database: " + pyError(err, dpkgStatusFile))
	}
	return parseDpkg(data), nil
}

func parseDpkg(data []byte) *dpkgDB {
	db := &dpkgDB{byName: map[string][]*dpkgPackage{}}
	var cur dpkgPackage
	flush := func() {
		if cur.Name != "" {
			p := cur
			db.byName[p.Name] = append(db.byName[p.Name], &p)
			db.order = append(db.order, &p)
		}
		cur = dpkgPackage{}
	}
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(make([]byte, 64<<10), 4<<20)
	for sc.Scan() {
		l := sc.Bytes()
		if len(l) == 0 {
			flush()
			continue
		}
		if l[0] == ' ' {
			continue
		}
		switch l[0] {
		case 'P', 'S', 'V', 'A':
		default:
			continue
		}
		k, v, ok := bytes.Cut(l, []byte(": "))
		if !ok {
			continue
		}
		switch string(k) {
		case "Package":
			cur.Name = string(v)
		case "Status":
			if f := strings.Fields(string(v)); len(f) == 3 {
				cur.Want, cur.Status = f[0], f[2]
			}
		case "Architecture":
			cur.Arch = string(v)
		case "Version":
			cur.Version = string(v)
		case "Section":
			cur.Section = string(v)
		case "Source":
			cur.Source = string(v)
		case "Provides":
			for _, s := range strings.Split(string(v), ",") {
				name, _, _ := strings.Cut(strings.TrimSpace(s), " ")
				name, _, _ = strings.Cut(name, "(")
				cur.Provides = append(cur.Provides, name)
			}
		}
	}
	flush()
	return db
}

// find returns the entry of name or name:arch that is installed, else any entry.
func (db *dpkgDB) find(name string) *dpkgPackage {
	name, arch, _ := strings.Cut(name, ":")
	var best *dpkgPackage
	for _, p := range db.byName[name] {
		if arch != "" && arch != "any" && arch != "native" && p.Arch != arch && p.Arch != "all" {
			continue
		}
		if best == nil || p.Installed() && !best.Installed() {
			best = p
		}
	}
	return best
}

// providers returns the installed packages that provide a virtual one.
func (db *dpkgDB) providers(name string) (out []*dpkgPackage) {
	for _, p := range db.order {
		if !p.Installed() {
			continue
		}
		for _, v := range p.Provides {
			if v == name {
				out = append(out, p)
			}
		}
	}
	return out
}

// debVersionCompare orders two Debian versions: negative, zero or positive.
func debVersionCompare(a, b string) int {
	ea, ua, ra := splitDebVersion(a)
	eb, ub, rb := splitDebVersion(b)
	if c := compareDebPart(ea, eb); c != 0 {
		return c
	}
	if c := compareDebPart(ua, ub); c != 0 {
		return c
	}
	return compareDebPart(ra, rb)
}

func splitDebVersion(v string) (epoch, upstream, revision string) {
	epoch = "0"
	if i := strings.IndexByte(v, ':'); i >= 0 {
		epoch, v = v[:i], v[i+1:]
	}
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		return epoch, v[:i], v[i+1:]
	}
	return epoch, v, "0"
}

func compareDebPart(a, b string) int {
	weight := func(s string) int { // of the next character that is no digit
		switch {
		case s == "" || s[0] >= '0' && s[0] <= '9':
			return 0
		case s[0] == '~':
			return -1
		case isAlpha(s[0]):
			return int(s[0])
		}
		return int(s[0]) + 256
	}
	for a != "" || b != "" {
		for {
			wa, wb := weight(a), weight(b)
			if wa != wb {
				return wa - wb
			}
			if wa == 0 {
				break
			}
			a, b = a[1:], b[1:]
		}
		na, nb := digits(a), digits(b)
		a, b = a[len(na):], b[len(nb):]
		na, nb = strings.TrimLeft(na, "0"), strings.TrimLeft(nb, "0")
		if len(na) != len(nb) {
			return len(na) - len(nb)
		}
		if c := strings.Compare(na, nb); c != 0 {
			return c
		}
	}
	return 0
}

func isAlpha(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func digits(s string) string {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i]
}
