package connect

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/remote/helper"
)

// The start script runs on the target under sh. It starts the helper where a
// cached one is found, and else says so with the folders that can take one:
//
//	GOPLAY-USE path                 about to start it
//	GOPLAY-MISSING system machine   none is there
//	GOPLAY-DIR folder               the first that could hold one
//
// One exec request thus starts a cached helper. In places that others can write
// to, only a file and a folder that belong to us count, and no links: their owner
// could have them lead elsewhere between the look and the start.
type startScript struct {
	builds []*helper.Build
	tmp    string // remote_tmp as the user wrote it
	login  string // user name for folders in shared places
	shared bool   // the helper must be readable by the user to become
	plan   *becomePlan
	// verbose has the script tell what it starts. That costs a packet before
	// the greeting, and with Nagle's algorithm a round trip, so it is done only
	// after a start has failed.
	verbose bool
	skip    []string // folders that proved unusable
}

// cacheName is the content-addressed name of a build.
func cacheName(b *helper.Build) string { return remote.CachePrefix + b.Sum[:24] }

var plainName = regexp.MustCompile(`[^A-Za-z0-9._-]`)

func (s *startScript) sharedDirs() []string {
	name := ".goplay-" + plainName.ReplaceAllString(s.login, "_")
	return []string{"/var/tmp/" + name, "/tmp/" + name, "/dev/shm/" + name}
}

func (s *startScript) privateDirs() []string {
	return append(append([]string{shellPath(s.tmp)}, s.sharedDirs()...), `"$HOME/.cache"`)
}

var (
	tildeUser = regexp.MustCompile(`^~[a-z_][a-z0-9_-]*(/|$)`)
	varPath   = regexp.MustCompile(`^[A-Za-z0-9_./${}~-]+$`)
)

// shellPath writes a path that may begin with ~ or hold variables as a shell word.
func shellPath(p string) string {
	switch {
	case p == "":
		return `"$HOME/.ansible/tmp"`
	case strings.HasPrefix(p, "~/"):
		return `"$HOME"/` + quote(p[2:])
	case tildeUser.MatchString(p):
		i := strings.IndexByte(p+"/", '/')
		return p[:i] + quote(p[i:])
	case strings.Contains(p, "$") && varPath.MatchString(p):
		return `"` + p + `"`
	}
	return quote(p)
}

func (s *startScript) String() string {
	var b strings.Builder
	b.WriteString("m=$(uname -m); case $m in ")
	for _, h := range s.builds {
		m := helper.Machines(h.Arch)
		sort.Strings(m)
		fmt.Fprintf(&b, "%s) n=%s;; ", strings.Join(m, "|"), cacheName(h))
	}
	b.WriteString("*) n=none;; esac;\n")
	say := ""
	if s.verbose {
		say = `echo "GOPLAY-USE $f"; `
	}
	fmt.Fprintf(&b, "run() { %s%s; };\n", say, s.run())
	// No exclamation marks: csh would look into its history for them.
	b.WriteString(`own() { case $d in /var/tmp/.goplay*|/tmp/.goplay*|/dev/shm/.goplay*) if [ -L "$d" ]; then return 1; fi; [ -O "$d" ];; esac; };
use() { if [ -L "$f" ]; then return 1; fi; [ -f "$f" ] && [ -x "$f" ] && [ -O "$f" ] && own; };
`)
	dirs := s.privateDirs()
	if s.shared {
		dirs = s.sharedDirs()
	}
	fmt.Fprintf(&b, "for d in %s; do f=$d/$n; if use; then run; fi; done;\n", strings.Join(dirs, " "))
	// mk makes folder d and tells whether a program in it could run.
	b.WriteString(`mk() { p=700; case $d in /var/tmp/.goplay*|/tmp/.goplay*|/dev/shm/.goplay*) p=755;; esac;
if [ -d "$d" ] || { mkdir -p "$d" && chmod $p "$d"; }; then
own || return 1;
t=$d/.goplay-x$$; (set -C; echo >"$t") && chmod 700 "$t" && [ -x "$t" ]; r=$?; rm -f "$t"; return $r;
fi; return 1; } 2>/dev/null;
`)
	if s.shared {
		// A private copy spares sending it again.
		fmt.Fprintf(&b, `for d in %s; do f=$d/$n; if use; then s=$f; for d in %s; do if mk; then f=$d/$n;
if cp "$s" "$f.new$$" && chmod 755 "$f.new$$" && mv -f "$f.new$$" "$f"; then run; fi; rm -f "$f.new$$"; fi; done; fi; done;
`, strings.Join(s.privateDirs(), " "), strings.Join(s.sharedDirs(), " "))
	}
	b.WriteString("echo \"GOPLAY-MISSING $(uname -s) $m\";\n")
	// Only the first that will do, so that no others are made for nothing.
	skip := ""
	for _, d := range s.skip {
		skip += quote(d) + ") continue;; "
	}
	fmt.Fprintf(&b, "for d in %s; do case $d in %s*) ;; esac; if mk; then echo \"GOPLAY-DIR $d\"; break; fi; done\n", strings.Join(dirs, " "), skip)
	// One line, for csh as login shell does not take several in quotes.
	return strings.ReplaceAll(strings.TrimSpace(b.String()), "\n", " ")
}

// run is the command that becomes the helper in $f.
func (s *startScript) run() string {
	serve := remote.HelperArg + " serve"
	if s.tmp != "" {
		serve += " " + quote(s.tmp)
	}
	if s.plan == nil {
		return `exec "$f" ` + serve
	}
	say := ""
	if s.verbose {
		say = "echo " + becameMark + "; "
	}
	return fmt.Sprintf(`c="%sexec '$f' "%s; exec %s`, say, quote(serve), s.plan.wrap(`"$c"`))
}

// shCommand is a command line for the login shell that runs script under sh.
func shCommand(script string) string { return "/bin/sh -c " + quote(script) }
