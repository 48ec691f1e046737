package module

import (
	"bufio"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// aptSpec is a package as asked for: name, or name with a version.
type aptSpec struct {
	text, name string
	op         string // "", "=" or ">="
	version    string // may hold wildcards
}

func parseAptSpec(s string) aptSpec {
	x := aptSpec{text: s, name: s}
	if i := strings.IndexAny(s, "=<>"); i > 0 {
		x.name = strings.TrimSpace(s[:i])
		rest := s[i:]
		n := 1
		if len(rest) > 1 && rest[1] == '=' {
			n = 2
		}
		x.op, x.version = rest[:n], strings.TrimSpace(rest[n:])
		if x.op == "==" {
			x.op = "="
		}
	}
	return x
}

func (x aptSpec) matches(version string) bool {
	switch x.op {
	case "":
		return true
	case "=":
		return globMatch(x.version, version)
	case ">=":
		return debVersionCompare(version, x.version) >= 0
	}
	return false
}

// aptPolicy is what apt-cache knows of a package.
type aptPolicy struct {
	candidate string
	versions  []string // highest priority first, as listed
}

// policies asks apt for the versions of packages; unknown ones are left out.
func (r *aptRun) policies(names []string) (map[string]aptPolicy, error) {
	cache, err := r.findProgram("apt-cache")
	if err != nil {
		return nil, err
	}
	argv := []string{cache}
	if r.a.DefaultRelease != nil && *r.a.DefaultRelease != "" {
		argv = append(argv, "-o", "APT::Default-Release="+*r.a.DefaultRelease)
	}
	p, err := r.run(append(append(argv, "policy", "--"), names...), &progOptions{Env: aptEnv})
	if err != nil {
		return nil, err
	}
	if p.RC != 0 {
		return nil, Errorf("apt-cache failed: "+strings.TrimSpace(p.Stderr), "rc", p.RC)
	}
	return parsePolicies(p.Stdout), nil
}

func parsePolicies(out string) map[string]aptPolicy {
	m := map[string]aptPolicy{}
	name := ""
	sc := bufio.NewScanner(strings.NewReader(out))
	for sc.Scan() {
		l := sc.Text()
		switch {
		case l != "" && l[0] != ' ' && strings.HasSuffix(l, ":"):
			name = strings.TrimSuffix(l, ":")
			m[name] = aptPolicy{}
		case strings.HasPrefix(l, "  Candidate: "):
			e := m[name]
			if e.candidate = strings.TrimPrefix(l, "  Candidate: "); e.candidate == "(none)" {
				e.candidate = ""
			}
			m[name] = e
		case strings.HasPrefix(l, "     ") && len(l) > 5 && l[5] != ' ', strings.HasPrefix(l, " *** "):
			e := m[name]
			v, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(l, " *** ")), " ")
			e.versions = append(e.versions, v)
			m[name] = e
		}
	}
	return m
}

// policyOf looks a name up, with and without its architecture.
func policyOf(m map[string]aptPolicy, name string) (aptPolicy, bool) {
	p, ok := m[name]
	if !ok {
		short, _, _ := strings.Cut(name, ":")
		p, ok = m[short]
	}
	return p, ok
}

// expand replaces wildcard names by the packages they match.
func (r *aptRun) expand(specs []string) ([]string, error) {
	var out []string
	var all []string
	for _, s := range specs {
		x := parseAptSpec(s)
		if !strings.ContainsAny(x.name, "*?[]!") {
			out = append(out, s)
			continue
		}
		if r.a.State == "absent" {
			n := len(out)
			for _, p := range r.db.order {
				if globMatch(x.name, p.Name) && (p.Installed() || r.a.Purge && p.Status == "config-files") {
					out = append(out, p.Name)
				}
			}
			if len(out) > n {
				continue
			}
		}
		if all == nil {
			cache, err := r.findProgram("apt-cache")
			if err != nil {
				return nil, err
			}
			p, err := r.run([]string{cache, "pkgnames"}, &progOptions{Env: aptEnv})
			if err != nil {
				return nil, err
			}
			all = strings.Fields(p.Stdout)
			sort.Strings(all)
		}
		var hits []string
		for _, n := range all {
			if globMatch(x.name, n) {
				hits = append(hits, n)
			}
		}
		if len(hits) > 0 { // names that only dependencies mention are no packages
			known, err := r.policies(hits)
			if err != nil {
				return nil, err
			}
			hits = slices.DeleteFunc(hits, func(n string) bool { return len(known[n].versions) == 0 })
		}
		if len(hits) == 0 {
			return nil, Errorf(fmt.Sprintf("No package(s) matching '%s' available", x.name))
		}
		if r.a.State == "absent" { // there are such packages, none is installed
			continue
		}
		for _, n := range hits {
			out = append(out, n+x.op+x.version)
		}
	}
	return out, nil
}

func bestVersion(x aptSpec, versions []string) string {
	best := ""
	for _, v := range versions {
		if x.matches(v) && (best == "" || debVersionCompare(v, best) > 0) {
			best = v
		}
	}
	return best
}

// isVirtual tells whether some package in the lists provides name.
func (r *aptRun) isVirtual(name string) bool {
	cache, err := r.findProgram("apt-cache")
	if err != nil {
		return false
	}
	p, err := r.run([]string{cache, "showpkg", "--", name}, &progOptions{Env: aptEnv})
	if err != nil {
		return false
	}
	_, after, ok := strings.Cut(p.Stdout, "Reverse Provides:")
	return ok && strings.TrimSpace(after) != ""
}
