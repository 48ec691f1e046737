package module

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

type gitArgs struct {
	Dest            *Path    `arg:"dest" doc:"Where to check the repository out."`
	Repo            string   `arg:"repo,alias=name,required" doc:"Address of the repository."`
	Version         string   `arg:"version,default=HEAD" doc:"Branch, tag or commit."`
	Remote          string   `arg:"remote,default=origin" doc:"Name of the remote."`
	Refspec         *string  `arg:"refspec" doc:"Further refs to fetch."`
	Reference       *string  `arg:"reference" doc:"Reference repository."`
	Force           bool     `arg:"force,alias=_f,default=false" doc:"Throw local changes away."`
	Depth           *int     `arg:"depth" doc:"Length of the history to fetch."`
	Clone           bool     `arg:"clone,default=true" doc:"Clone where there is nothing yet."`
	Update          bool     `arg:"update,default=true" doc:"Fetch new revisions."`
	VerifyCommit    bool     `arg:"verify_commit,default=false" doc:"Check the signature of the commit."`
	GPGAllow        []string `arg:"gpg_allowlist,alias=gpg_whitelist" default:"" doc:"Keys that may have signed it."`
	AcceptHostkey   bool     `arg:"accept_hostkey,default=false" doc:"Do not check ssh host keys."`
	AcceptNew       bool     `arg:"accept_newhostkey,default=false" doc:"Accept ssh host keys not yet known."`
	KeyFile         *Path    `arg:"key_file" doc:"ssh key to use."`
	SSHOpts         *string  `arg:"ssh_opts" doc:"Options for ssh."`
	Executable      *Path    `arg:"executable" doc:"The git to run."`
	Bare            bool     `arg:"bare,default=false" doc:"Make a bare repository."`
	Recursive       bool     `arg:"recursive,default=true" doc:"Check submodules out too."`
	SingleBranch    bool     `arg:"single_branch,default=false" doc:"Clone only the history of the version."`
	TrackSubmodules bool     `arg:"track_submodules,default=false" doc:"Submodules follow the branch of their remote."`
	Umask           *string  `arg:"umask,type=raw" doc:"Umask for the checkout, octal."`
	Archive         *Path    `arg:"archive" doc:"Archive to write of the version."`
	ArchivePrefix   *string  `arg:"archive_prefix" doc:"Folder in the archive."`
	SeparateGitDir  *Path    `arg:"separate_git_dir" doc:"Where the repository proper goes."`
}

var gitDef = &Def{
	Name:              "ansible.builtin.git",
	Short:             "Deploy software (or files) from git checkouts",
	Args:              func() any { return &gitArgs{} },
	MutuallyExclusive: [][]string{{"separate_git_dir", "bare"}, {"accept_hostkey", "accept_newhostkey"}},
	RequiredBy:        map[string][]string{"archive_prefix": {"archive"}},
	Run: func(c *Context, a any) *Result {
		g := &gitRun{Context: c, gitArgs: a.(*gitArgs), out: OK()}
		r, err := g.run()
		if err != nil {
			r = FailErr(err)
			if b, ok := g.out.Fields.GetStr("before"); ok && !r.Fields.Has("cmd") {
				r.Fields.Set("before", b)
			}
		}
		r.NoPathInfo = true
		return r
	},
}

type gitRun struct {
	*Context
	*gitArgs
	exe, dest string
	opt       progOptions
	out       *Result
}

// git runs git in dir; a non-zero end is an error worded msg.
func (g *gitRun) git(dir, msg string, args ...string) (string, error) {
	o := g.opt
	o.Dir = dir
	argv := append([]string{g.exe}, args...)
	res, err := g.Context.run(argv, &o)
	if err != nil {
		return "", err
	}
	if res.RC != 0 && msg != "" {
		if msg == "-" {
			msg = strings.TrimSpace(res.Stderr)
		}
		return "", Errorf(msg, "stdout", res.Stdout, "stderr", res.Stderr, "rc", res.RC, "cmd", strings.Join(argv, " "))
	}
	if res.RC != 0 {
		return "", nil
	}
	return res.Stdout, nil
}

func (g *gitRun) run() (*Result, error) {
	var err error
	if g.Dest == nil && g.Clone {
		return nil, Errorf("the destination directory must be specified unless clone=no")
	}
	if g.Executable != nil {
		g.exe = string(*g.Executable)
	} else if g.exe, err = g.findProgram("git"); err != nil {
		return nil, err
	}
	if g.Dest != nil {
		if g.dest, err = filepath.Abs(string(*g.Dest)); err != nil {
			return nil, Errorf(err.Error())
		}
	}
	g.opt.Env = append(append([]string(nil), "LANG=C", "LC_ALL=C", "LC_MESSAGES=C", "GIT_TERMINAL_PROMPT=0"), g.sshEnv()...)
	if g.Umask != nil {
		m, err := strconv.ParseInt(*g.Umask, 8, 32)
		if err != nil {
			return nil, Errorf("umask must be an octal integer")
		}
		n := int(m)
		g.opt.Umask = &n
	}
	repo := g.Repo
	if !strings.Contains(repo, "://") && isFolder(ExpandPath(repo, g.Getenv)) || strings.HasPrefix(repo, "/") {
		g.Repo = "file://" + ExpandPath(repo, g.Getenv)
	}
	r := g.out
	r.Set("before", nil)
	conf := filepath.Join(g.dest, ".git", "config")
	if g.Bare {
		conf = filepath.Join(g.dest, "config")
	} else if fi, err := os.Stat(filepath.Join(g.dest, ".git")); err == nil && !fi.IsDir() {
		conf = filepath.Join(g.dest, ".git")
	}
	if _, err := os.Stat(conf); g.Dest == nil || err != nil {
		return g.fresh()
	}
	before, err := g.head()
	if err != nil {
		return nil, err
	}
	r.Set("before", before)
	if !g.Update {
		r.Set("after", before)
		return r, g.archive(r)
	}
	modified := false
	if !g.Bare {
		status, err := g.git(g.dest, "-", "status", "--porcelain")
		if err != nil {
			return nil, err
		}
		for _, l := range strings.Split(status, "\n") {
			modified = modified || l != "" && !strings.HasPrefix(l, "??")
		}
	}
	if modified {
		if !g.Force {
			return nil, Errorf(fmt.Sprintf("Local modifications exist in the destination: %s (force=no).", g.dest))
		}
		r.Msg = fmt.Sprintf("Local modifications exist in the destination: %s", g.dest)
		if !g.Check {
			if _, err := g.git(g.dest, "-", "reset", "--hard", "HEAD"); err != nil {
				return nil, err
			}
		}
	}
	urlChanged, err := g.setURL()
	if err != nil {
		return nil, err
	}
	r.Set("remote_url_changed", urlChanged)
	remote, err := g.remoteHead()
	if err != nil {
		return nil, err
	}
	if g.Check {
		r.Changed = before != remote || urlChanged || modified
		r.Set("after", remote)
		g.showDiff(before, remote)
		return r, nil
	}
	// Where the remote has nothing new, there is nothing to fetch.
	if before != remote || urlChanged || g.Refspec != nil || g.TrackSubmodules || !g.onVersion() {
		if err := g.fetch(); err != nil {
			return nil, err
		}
		if !g.Bare {
			if err := g.checkout(); err != nil {
				return nil, err
			}
		}
	}
	subs, err := g.submodules()
	if err != nil {
		return nil, err
	}
	if err := g.verify(); err != nil {
		return nil, err
	}
	after, err := g.head()
	if err != nil {
		return nil, err
	}
	r.Set("after", after)
	r.Changed = before != after || modified || urlChanged || subs
	if subs {
		r.Set("submodules_changed", true)
	}
	g.showDiff(before, after)
	return r, g.archive(r)
}

// fresh clones, or says what a clone would bring.
func (g *gitRun) fresh() (*Result, error) {
	r := g.out
	r.Changed = true
	if g.Check || !g.Clone {
		h, err := g.remoteHead()
		if err != nil {
			return nil, err
		}
		r.Set("after", h)
		g.showDiff("", h)
		return r, nil
	}
	if err := g.clone(); err != nil {
		return nil, err
	}
	if !g.Bare {
		if err := g.checkout(); err != nil {
			return nil, err
		}
	}
	if _, err := g.submodules(); err != nil {
		return nil, err
	}
	if err := g.verify(); err != nil {
		return nil, err
	}
	h, err := g.head()
	if err != nil {
		return nil, err
	}
	r.Set("after", h)
	g.showDiff("", h)
	return r, g.archive(r)
}

func (g *gitRun) sshEnv() []string {
	cmd := "ssh"
	if g.KeyFile != nil {
		cmd += " -i " + shQuote(string(*g.KeyFile)) + " -o IdentitiesOnly=yes"
	}
	if g.AcceptHostkey {
		cmd += " -o StrictHostKeyChecking=no"
	} else if g.AcceptNew {
		cmd += " -o StrictHostKeyChecking=accept-new"
	}
	if g.SSHOpts != nil {
		cmd += " " + *g.SSHOpts
	}
	if cmd == "ssh" || g.Getenv("GIT_SSH_COMMAND") != "" {
		return nil
	}
	return []string{"GIT_SSH_COMMAND=" + cmd + " -o BatchMode=yes"}
}

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
	out, err := g.git(dir, "-", append([]string{"ls-remote", from}, patterns...)...)
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

func (g *gitRun) clone() error {
	if err := os.MkdirAll(filepath.Dir(g.dest), 0o777); err != nil {
		return Errorf(pathError(err, g.dest))
	}
	args := []string{"clone"}
	if g.Bare {
		args = append(args, "--bare")
	} else {
		args = append(args, "--origin", g.Remote)
	}
	branch, err := g.isBranch()
	if err != nil {
		return err
	}
	tag := false
	if !branch && g.Version != "HEAD" {
		if tag, err = g.isTag(); err != nil {
			return err
		}
	}
	if g.Depth != nil && (g.Version == "HEAD" || g.Refspec != nil || branch || tag) {
		args = append(args, "--depth", strconv.Itoa(*g.Depth))
		if branch || tag {
			args = append(args, "--branch", g.Version)
		}
	} else if branch || tag {
		args = append(args, "--branch", g.Version)
	}
	if g.SingleBranch {
		args = append(args, "--single-branch")
	}
	if g.Reference != nil {
		args = append(args, "--reference", *g.Reference)
	}
	if g.SeparateGitDir != nil {
		args = append(args, "--separate-git-dir="+string(*g.SeparateGitDir))
	}
	args = append(args, g.Repo, g.dest)
	if _, err := g.git(filepath.Dir(g.dest), "-", args...); err != nil {
		return err
	}
	if g.Bare && g.Remote != "origin" {
		if _, err := g.git(g.dest, "-", "remote", "add", g.Remote, g.Repo); err != nil {
			return err
		}
	}
	if g.Refspec != nil {
		args := []string{"fetch"}
		if g.Depth != nil {
			args = append(args, "--depth", strconv.Itoa(*g.Depth))
		}
		if _, err := g.git(g.dest, "-", append(args, g.Remote, *g.Refspec)...); err != nil {
			return err
		}
	}
	return nil
}

func (g *gitRun) setURL() (bool, error) {
	now, _ := g.git(g.dest, "", "config", "--get", "remote."+g.Remote+".url")
	now = strings.TrimSpace(now)
	if now == g.Repo || strings.TrimPrefix(now, "file://") == strings.TrimPrefix(g.Repo, "file://") {
		return false, nil
	}
	if g.Check {
		return now != "", nil
	}
	if now == "" {
		_, err := g.git(g.dest, "-", "remote", "add", g.Remote, g.Repo)
		return false, err
	}
	_, err := g.git(g.dest, "-", "remote", "set-url", g.Remote, g.Repo)
	return true, err
}

func (g *gitRun) fetch() error {
	args := []string{"fetch", "--force", "--tags"}
	if g.Depth != nil {
		args = []string{"fetch", "--force", "--depth", strconv.Itoa(*g.Depth)}
		ref := g.Version
		if b, err := g.isBranch(); err != nil {
			return err
		} else if b {
			ref = fmt.Sprintf("+refs/heads/%s:refs/remotes/%s/%s", g.Version, g.Remote, g.Version)
		} else if t, err := g.isTag(); err != nil {
			return err
		} else if t {
			ref = fmt.Sprintf("+refs/tags/%s:refs/tags/%s", g.Version, g.Version)
		} else if g.Version == "HEAD" {
			ref = fmt.Sprintf("+HEAD:refs/remotes/%s/HEAD", g.Remote)
		}
		if g.Refspec != nil {
			ref = *g.Refspec
		}
		if _, err := g.git(g.dest, "Failed to download remote objects and refs: ", append(args, g.Remote, ref)...); err == nil {
			return nil
		}
		args = []string{"fetch", "--force", "--tags"}
	}
	refs := []string{"+refs/heads/*:refs/remotes/" + g.Remote + "/*"}
	if g.Bare {
		refs = []string{"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"}
	}
	if g.Refspec != nil {
		refs = append(refs, *g.Refspec)
	}
	o := g.opt
	o.Dir = g.dest
	argv := append(append([]string{g.exe}, append(args, g.Remote)...), refs...)
	res, err := g.Context.run(argv, &o)
	if err != nil {
		return err
	}
	if res.RC != 0 {
		return Errorf(fmt.Sprintf("Failed to download remote objects and refs:  %s %s", res.Stdout, res.Stderr))
	}
	return nil
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

func (g *gitRun) checkout() error {
	fail := "Failed to checkout " + g.Version
	if g.Version == "HEAD" {
		branch := g.defaultBranch()
		if branch == "" {
			return nil // an empty repository
		}
		if _, err := g.git(g.dest, "Failed to checkout branch "+branch, "checkout", "--force", branch); err != nil {
			return err
		}
		_, err := g.git(g.dest, fail, "reset", "--hard", g.Remote+"/"+branch, "--")
		return err
	}
	branch, err := g.isBranch()
	if err != nil {
		return err
	}
	if !branch {
		_, err := g.git(g.dest, fail, "checkout", "--force", g.Version)
		return err
	}
	remote := g.Remote + "/" + g.Version
	if s, _ := g.git(g.dest, "", "rev-parse", "--verify", "--quiet", "refs/heads/"+g.Version); s == "" {
		if g.Depth != nil {
			if _, err := g.git(g.dest, "", "remote", "set-branches", "--add", g.Remote, g.Version); err != nil {
				return err
			}
		}
		_, err := g.git(g.dest, fail, "checkout", "--track", "-b", g.Version, remote)
		return err
	}
	if _, err := g.git(g.dest, fail, "checkout", "--force", g.Version); err != nil {
		return err
	}
	_, err = g.git(g.dest, fail, "reset", "--hard", remote)
	return err
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

func (g *gitRun) submodules() (bool, error) {
	if !g.Recursive || g.Bare {
		return false, nil
	}
	if _, err := os.Stat(filepath.Join(g.dest, ".gitmodules")); err != nil {
		return false, nil
	}
	before, _ := g.git(g.dest, "", "submodule", "status", "--recursive")
	if _, err := g.git(g.dest, "Failed to init/update submodules", "submodule", "sync", "--recursive"); err != nil {
		return false, err
	}
	args := []string{"submodule", "update", "--init", "--recursive"}
	if g.TrackSubmodules {
		args = append(args, "--remote")
	}
	if g.Force {
		args = append(args, "--force")
	}
	if _, err := g.git(g.dest, "Failed to init/update submodules: ", args...); err != nil {
		return false, err
	}
	after, _ := g.git(g.dest, "", "submodule", "status", "--recursive")
	return before != after, nil
}

func (g *gitRun) verify() error {
	if !g.VerifyCommit {
		return nil
	}
	o := g.opt
	o.Dir = g.dest
	verb := "verify-commit"
	if t, _ := g.isTag(); t {
		verb = "verify-tag"
	}
	res, err := g.Context.run([]string{g.exe, verb, "--raw", g.Version}, &o)
	if err != nil {
		return err
	}
	if res.RC != 0 {
		return Errorf(fmt.Sprintf("Failed to verify GPG signature of commit/tag \"%s\"", g.Version), "stdout", res.Stdout, "stderr", res.Stderr, "rc", res.RC)
	}
	if len(g.GPGAllow) > 0 {
		for _, k := range g.GPGAllow {
			if strings.Contains(res.Stderr, strings.ReplaceAll(k, " ", "")) {
				return nil
			}
		}
		return Errorf(fmt.Sprintf("The gpg_allowlist does not include the public key of the signature of \"%s\"", g.Version))
	}
	return nil
}

// archive writes the archive asked for, unless it is there with that content.
func (g *gitRun) archive(r *Result) error {
	if g.Archive == nil || g.Check {
		return nil
	}
	dest := string(*g.Archive)
	format := ""
	for _, f := range []string{"zip", "tar.gz", "tgz", "tar"} {
		if strings.HasSuffix(dest, "."+f) {
			format = f
			break
		}
	}
	if format == "" {
		return Errorf("Unable to get file extension from archive file name : " + dest)
	}
	dir, err := os.MkdirTemp(g.tmpdir(), "git-archive-")
	if err != nil {
		return Errorf(err.Error())
	}
	defer os.RemoveAll(dir)
	tmp := filepath.Join(dir, "archive."+format)
	args := []string{"archive", "--format", format, "--output", tmp}
	if g.ArchivePrefix != nil {
		args = append(args, "--prefix", *g.ArchivePrefix)
	}
	if _, err := g.git(g.dest, "Failed to perform archive operation", append(args, g.Version)...); err != nil {
		return err
	}
	a, err := fileChecksum(tmp, "sha1")
	if err != nil {
		return Errorf(pyError(err, tmp))
	}
	if b, err := fileChecksum(dest, "sha1"); err == nil && a == b {
		return nil
	}
	f, err := os.Open(tmp)
	if err != nil {
		return Errorf(pyError(err, tmp))
	}
	defer f.Close()
	n, err := g.create(dest, f, false)
	if err != nil {
		return err
	}
	r.Changed = true
	r.Set("archive", dest)
	return n.Commit(false)
}
