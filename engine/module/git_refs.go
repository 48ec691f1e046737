package module

import (
	"fmt"
	"regexp"
	"strings"
)

func (g *gitRun) showDiff(before, after string) {
	if !g.Context.Diff || before == after {
		return
	}
	if before == "" {
		g.out.AddDiff(Diff{Prepared: ">> Newly checked out " + after})
		return
	}
	if text, _ := g.git(g.dest, "", "diff", before, after); text != "" {
		g.out.AddDiff(Diff{Prepared: text})
		return
	}
	if g.Check && g.Dest != nil {
		if _, err := g.git(g.dest, "-", "fetch", g.Remote, after); err == nil {
			if text, _ := g.git(g.dest, "", "diff", before, after); text != "" {
				g.out.AddDiff(Diff{Prepared: text})
				return
			}
		}
	}
	g.out.AddDiff(Diff{Prepared: fmt.Sprintf(">> No visual differences between %s and %s", before, after)})
}

func (g *gitRun) head() (string, error) {
	s, err := g.git(g.dest, "-", "rev-parse", "HEAD")
	return strings.TrimSpace(s), err
}

var shaForm = regexp.MustCompile(`^[0-9a-f]{7,40}$`)

// refs asks the remote for refs that match.
func (g *gitRun) refs(patterns ...string) (map[string]string, error) {
	from := g.Repo
	dir := ""
	if g.Dest != nil && isFolder(g.dest) {
		dir = g.dest
	}
	args := []string{"ls-remote", from}
	switch {
	case len(patterns) == 1 && strings.HasPrefix(patterns[0], "refs/heads/"):
		args = append(args, "-h")
	case len(patterns) == 1 && strings.HasPrefix(patterns[0], "refs/tags/"):
		args = append(args, "-t")
	}
	out, err := g.git(dir, "-", append(args, patterns...)...)
	if err != nil {
		return nil, err
	}
	m := map[string]string{}
	for _, l := range strings.Split(out, "\n") {
		if f := strings.Fields(l); len(f) == 2 {
			m[f[1]] = f[0]
		}
	}
	return m, nil
}

// remoteHead is the commit the version stands for at the remote.
func (g *gitRun) remoteHead() (string, error) {
	if g.Version == "HEAD" {
		m, err := g.refs("HEAD")
		if err != nil {
			return "", err
		}
		return m["HEAD"], nil
	}
	m, err := g.refs("refs/heads/"+g.Version, "refs/tags/"+g.Version+"*", g.Version)
	if err != nil {
		return "", err
	}
	for _, n := range []string{"refs/heads/" + g.Version, "refs/tags/" + g.Version + "^{}", "refs/tags/" + g.Version, g.Version} {
		if h := m[n]; h != "" {
			return h, nil
		}
	}
	if shaForm.MatchString(g.Version) {
		if s, _ := g.git(g.dest, "", "rev-parse", "--verify", "--quiet", g.Version+"^{commit}"); s != "" && g.Dest != nil {
			return strings.TrimSpace(s), nil
		}
		return g.Version, nil
	}
	return g.Version, nil
}

func (g *gitRun) isBranch() (bool, error) {
	m, err := g.refs("refs/heads/" + g.Version)
	return m["refs/heads/"+g.Version] != "", err
}

func (g *gitRun) isTag() (bool, error) {
	m, err := g.refs("refs/tags/" + g.Version)
	return m["refs/tags/"+g.Version] != "", err
}

// onVersion tells whether the checkout is on the branch asked for, not only on
// the same commit.
func (g *gitRun) onVersion() bool {
	if g.Bare || shaForm.MatchString(g.Version) {
		return true
	}
	cur, _ := g.git(g.dest, "", "symbolic-ref", "--short", "-q", "HEAD")
	cur = strings.TrimSpace(cur)
	if g.Version == "HEAD" {
		return cur != ""
	}
	return cur == g.Version || cur == ""
}

func (g *gitRun) defaultBranch() string {
	s, _ := g.git(g.dest, "", "symbolic-ref", "--short", "-q", "refs/remotes/"+g.Remote+"/HEAD")
	if s = strings.TrimSpace(s); s != "" {
		return strings.TrimPrefix(s, g.Remote+"/")
	}
	out, _ := g.git(g.dest, "", "ls-remote", "--symref", g.Remote, "HEAD")
	for _, l := range strings.Split(out, "\n") {
		if f := strings.Fields(l); len(f) == 3 && f[0] == "ref:" {
			return strings.TrimPrefix(f[1], "refs/heads/")
		}
	}
	return ""
}
