package module

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

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
	} else {
		if g.Depth != nil {
			g.warn("Ignoring depth argument. Shallow clones are only available for HEAD, branches, tags or in combination with refspec.")
		}
		if branch || tag {
			args = append(args, "--branch", g.Version)
		}
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

// relocate moves the repository proper to where separate_git_dir wants it now.
func (g *gitRun) relocate() error {
	if g.SeparateGitDir == nil || g.Bare {
		return nil
	}
	want, link := string(*g.SeparateGitDir), filepath.Join(g.dest, ".git")
	now := link
	if data, err := os.ReadFile(link); err == nil {
		now = strings.TrimSpace(strings.TrimPrefix(string(data), "gitdir:"))
		if !filepath.IsAbs(now) {
			now = filepath.Join(g.dest, now)
		}
	}
	if realPath(now) == realPath(want) {
		return nil
	}
	if _, err := os.Lstat(want); err == nil {
		return Errorf(fmt.Sprintf("Separate-git-dir path %s already exists.", want))
	}
	g.out.Changed = true
	if g.Check {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(want), 0o777); err != nil {
		return Errorf(pathError(err, want))
	}
	if _, err := g.Context.run([]string{"mv", now, want}, &progOptions{Cancel: cancelFinish}); err != nil {
		return err
	}
	if !isFolder(want) {
		return Errorf("Unable to move git dir " + now + " to " + want)
	}
	if err := os.WriteFile(link, []byte("gitdir: "+want), 0o666); err != nil {
		return Errorf(pyError(err, link))
	}
	g.out.Set("git_dir_before", now).Set("git_dir_now", want)
	return nil
}

// setURL gives the remote the address asked for. A remote that is not there is an error, as in git.
func (g *gitRun) setURL() (bool, error) {
	now, _ := g.git(g.dest, "", "config", "--get", "remote."+g.Remote+".url")
	if now = strings.TrimSpace(now); strings.TrimRight(now, "/") == strings.TrimRight(g.Repo, "/") {
		return false, nil
	}
	if g.Check {
		return true, nil
	}
	o := g.opt
	o.Dir = g.dest
	res, err := g.Context.run([]string{g.exe, "remote", "set-url", g.Remote, g.Repo}, &o)
	if err == nil && res.RC != 0 {
		err = Errorf(fmt.Sprintf("Failed to set a new url %s for %s: %s %s", g.Repo, g.Remote, res.Stdout, res.Stderr))
	}
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

func (g *gitRun) checkout() error {
	fail := "Failed to checkout " + g.Version
	if g.Version == "HEAD" {
		branch := g.defaultBranch()
		if branch == "" { // an empty repository
			s, _ := g.git(g.dest, "", "symbolic-ref", "--short", "-q", "HEAD")
			branch = strings.TrimSpace(s)
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
		return Errorf("Unable to get file extension from archive file name : "+dest,
			"details", "Please specify archive as filename with extension. File extension can be one of ['tar', 'tar.gz', 'zip', 'tgz']")
	}
	broken := func(err error) error {
		if e := FailErr(err); e.Failed {
			return Errorf("Failed to perform archive operation", "details",
				fmt.Sprintf("Git archive command failed to create archive %s using %s directory.Error: %s", dest, g.dest, e.Msg))
		}
		return err
	}
	if !isFolder(filepath.Dir(dest)) {
		return broken(Errorf(fmt.Sprintf("Destination directory %s does not exist", filepath.Dir(dest))))
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
	if _, err := g.git(g.dest, "-", append(args, g.Version)...); err != nil {
		return broken(err)
	}
	a, err := fileChecksum(tmp, "sha1")
	if err != nil {
		return Errorf(pyError(err, tmp))
	}
	if b, err := fileChecksum(dest, "sha1"); err == nil && a == b {
		return nil
	}
	f, err := openFile(tmp)
	if err != nil {
		return Errorf(pyError(err, tmp))
	}
	defer f.Close()
	n, err := g.create(dest, f, false)
	if err != nil {
		return err
	}
	r.Changed = true
	return n.Commit(false)
}
