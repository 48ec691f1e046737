package module

import (
	"strings"
)

// rpmPackage is one installed package.
type rpmPackage struct{ Name, Epoch, Version, Release, Arch string }

// EVR is epoch:version-release, the epoch only where it is not 0.
func (p rpmPackage) EVR() string {
	s := p.Version + "-" + p.Release
	if p.Epoch != "" && p.Epoch != "0" {
		s = p.Epoch + ":" + s
	}
	return s
}

// NEVRA is the name as dnf prints it: nginx-2:1.22.1-1.el9.x86_64.
func (p rpmPackage) NEVRA() string {
	s := p.Name + "-" + p.EVR()
	if p.Arch != "" {
		s += "." + p.Arch
	}
	return s
}

const rpmFormat = `%{NAME}\t%|EPOCH?{%{EPOCH}}:{0}|\t%{VERSION}\t%{RELEASE}\t%{ARCH}\n`

var cLocale = []string{"LANG=C.UTF-8", "LC_ALL=C.UTF-8", "LC_MESSAGES=C.UTF-8"}

// rpm runs a query; root is the installroot.
func (c *Context) rpm(root string, args ...string) (*progResult, error) {
	exe, err := c.findProgram("rpm")
	if err != nil {
		return nil, err
	}
	argv := []string{exe}
	if root != "" && root != "/" {
		argv = append(argv, "--root", root)
	}
	return c.run(append(argv, args...), &progOptions{Env: cLocale})
}

func parseRPMs(out string) []rpmPackage {
	var l []rpmPackage
	for _, line := range strings.Split(out, "\n") {
		f := strings.Split(line, "\t")
		if len(f) != 5 {
			continue
		}
		p := rpmPackage{f[0], f[1], f[2], f[3], f[4]}
		if p.Arch == "(none)" {
			p.Arch = ""
		}
		l = append(l, p)
	}
	return l
}

// rpmInstalled returns the installed packages that a specification names:
// name, name.arch, name-version, a wildcard, a file or a capability.
func (c *Context) rpmInstalled(root, spec string) ([]rpmPackage, error) {
	if strings.ContainsAny(spec, "*?[") && !strings.HasPrefix(spec, "/") {
		p, err := c.rpm(root, "-qa", "--qf", rpmFormat, spec)
		if err != nil {
			return nil, err
		}
		return parseRPMs(p.Stdout), nil
	}
	args := []string{"-q", "--qf", rpmFormat}
	if strings.HasPrefix(spec, "/") {
		args = append(args, "--whatprovides")
	}
	p, err := c.rpm(root, append(args, "--", spec)...)
	if err != nil {
		return nil, err
	}
	if l := parseRPMs(p.Stdout); len(l) > 0 || strings.HasPrefix(spec, "/") {
		return l, nil
	}
	p, err = c.rpm(root, "-q", "--qf", rpmFormat, "--whatprovides", "--", spec)
	if err != nil {
		return nil, err
	}
	return parseRPMs(p.Stdout), nil
}

// rpmMissing tells in one query which of several specifications are not
// installed; the common case, all there, costs one process.
func (c *Context) rpmMissing(root string, specs []string) (missing []string, err error) {
	if len(specs) == 0 {
		return nil, nil
	}
	plain := true
	for _, s := range specs {
		plain = plain && !strings.ContainsAny(s, "*?[/<>= ")
	}
	if plain {
		p, err := c.rpm(root, append([]string{"-q", "--qf", rpmFormat, "--"}, specs...)...)
		if err != nil {
			return nil, err
		}
		if p.RC == 0 {
			return nil, nil
		}
	}
	for _, s := range specs {
		if strings.ContainsAny(s, "<>=") { // a condition on the version: only dnf can tell
			missing = append(missing, s)
			continue
		}
		l, err := c.rpmInstalled(root, s)
		if err != nil {
			return nil, err
		}
		if len(l) == 0 {
			missing = append(missing, s)
		}
	}
	return missing, nil
}

// rpmVerCompare orders versions as rpm does.
func rpmVerCompare(a, b string) int {
	if a == b {
		return 0
	}
	alnum := func(c byte) bool { return isAlpha(c) || c >= '0' && c <= '9' }
	for a != "" || b != "" {
		for a != "" && !alnum(a[0]) && a[0] != '~' && a[0] != '^' {
			a = a[1:]
		}
		for b != "" && !alnum(b[0]) && b[0] != '~' && b[0] != '^' {
			b = b[1:]
		}
		ta, tb := strings.HasPrefix(a, "~"), strings.HasPrefix(b, "~")
		if ta || tb {
			if !ta {
				return 1
			}
			if !tb {
				return -1
			}
			a, b = a[1:], b[1:]
			continue
		}
		ca, cb := strings.HasPrefix(a, "^"), strings.HasPrefix(b, "^")
		if ca || cb {
			switch {
			case a == "":
				return -1
			case b == "":
				return 1
			case !ca:
				return 1
			case !cb:
				return -1
			}
			a, b = a[1:], b[1:]
			continue
		}
		if a == "" || b == "" {
			break
		}
		var sa, sb string
		if a[0] >= '0' && a[0] <= '9' {
			sa, sb = digits(a), digits(b)
			if sb == "" {
				return 1
			}
			a, b = a[len(sa):], b[len(sb):]
			sa, sb = strings.TrimLeft(sa, "0"), strings.TrimLeft(sb, "0")
			if len(sa) != len(sb) {
				return sign(len(sa) - len(sb))
			}
		} else {
			sa, sb = letters(a), letters(b)
			if sb == "" {
				return -1
			}
			a, b = a[len(sa):], b[len(sb):]
		}
		if c := strings.Compare(sa, sb); c != 0 {
			return c
		}
	}
	switch {
	case a == "" && b == "":
		return 0
	case a != "":
		return 1
	}
	return -1
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func letters(s string) string {
	i := 0
	for i < len(s) && isAlpha(s[i]) {
		i++
	}
	return s[:i]
}

// rpmCompareEVR compares epoch, version and, where both have one, release.
func rpmCompareEVR(a, b string) int {
	ea, va, ra := splitEVR(a)
	eb, vb, rb := splitEVR(b)
	if c := rpmVerCompare(ea, eb); c != 0 {
		return c
	}
	if c := rpmVerCompare(va, vb); c != 0 || ra == "" || rb == "" {
		return c
	}
	return rpmVerCompare(ra, rb)
}

func splitEVR(s string) (epoch, version, release string) {
	epoch = "0"
	if e, rest, ok := strings.Cut(s, ":"); ok {
		epoch, s = e, rest
	}
	version, release, _ = strings.Cut(s, "-")
	return epoch, version, release
}
