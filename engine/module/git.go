package module

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
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
	Umask           any      `arg:"umask,type=raw" doc:"Umask for the checkout, octal."`
	Archive         *Path    `arg:"archive" doc:"Archive to write of the version."`
	ArchivePrefix   *string  `arg:"archive_prefix" doc:"Folder in the archive."`
	SeparateGitDir  *Path    `arg:"separate_git_dir" doc:"Where the repository proper goes."`
}

var gitDef = &Def{
	Name:              "ansible.builtin.git",
	Short:             "Deploy software (or files) from git checkouts",
	Args:              func() any { return &gitArgs{} },
	MutuallyExclusive: [][]string{{"separate_git_dir", "bare"}, {"accept_hostkey", "accept_newhostkey"}},
	RequiredBy:        [][]string{{"archive_prefix", "archive"}},
	Run: func(c *Context, a any) *Result {
		g := &gitRun{Context: c, gitArgs: a.(*gitArgs), out: OK()}
		r, err := g.run()
		if err != nil {
			r = FailErr(err)
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
		if strings.HasPrefix(msg, "Failed to checkout branch") { // of the remote's default branch the reference says less
			return "", Errorf(msg, "stdout", res.Stdout, "stderr", res.Stderr, "rc", res.RC)
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
		if text, _ := g.Umask.(string); text == "" {
			return nil, Errorf("umask must be defined as a quoted octal integer")
		}
		m, err := strconv.ParseInt(g.Umask.(string), 8, 32)
		if err != nil {
			return nil, Errorf("umask must be an octal integer", "details", fmt.Sprintf("invalid literal for int() with base 8: %s", value.Quote(g.Umask.(string))))
		}
		n := int(m)
		g.opt.Umask = &n
	}
	repo := g.Repo
	if !strings.Contains(repo, "://") && isFolder(ExpandPath(repo, g.Getenv)) || strings.HasPrefix(repo, "/") || strings.HasPrefix(repo, "~") {
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
	if err := g.relocate(); err != nil {
		return nil, err
	}
	before, err := g.head()
	if err != nil {
		before = "HEAD" // no commit yet
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
			return nil, Errorf(fmt.Sprintf("Local modifications exist in the destination: %s (force=no).", g.dest), "before", before)
		}
		if !g.Check {
			r.Msg = fmt.Sprintf("Local modifications exist in the destination: %s", g.dest)
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
		r.Changed = r.Changed || before != remote || urlChanged || modified
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
	r.Changed = r.Changed || before != after || modified || urlChanged || subs
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
	if subs, err := g.submodules(); err != nil {
		return nil, err
	} else if subs {
		r.Set("submodules_changed", true)
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
