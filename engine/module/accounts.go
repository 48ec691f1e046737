package module

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Account lookups read /etc/passwd and /etc/group first and ask getent for what
// is not there (LDAP, sssd, systemd-homed), since a static program has no NSS.

// passwdEntry is one line of the password database.
type passwdEntry struct {
	Name, Gecos, Home, Shell string
	UID, GID                 int
}

// groupEntry is one line of the group database.
type groupEntry struct {
	Name    string
	GID     int
	Members []string
}

// dbLine finds the line of a database whose field number i is key.
func dbLine(db string, field int, key string) []string {
	if f, err := openFile("/etc/" + db); err == nil {
		defer f.Close()
		sc := bufio.NewScanner(f)
		sc.Buffer(nil, 1<<20)
		for sc.Scan() {
			p := strings.Split(sc.Text(), ":")
			if len(p) > field && p[field] == key {
				return p
			}
		}
	}
	return getentLine(db, key)
}

var (
	getentMu    sync.Mutex
	getentCache = map[string]getentAnswer{}
)

type getentAnswer struct {
	line []string
	at   time.Time
}

// getentLine asks the name service once in a while; a miss is remembered for a
// few seconds, so that a tree of files of unknown owners stays cheap.
func getentLine(db, key string) []string {
	if key == "" || strings.HasPrefix(key, "-") {
		return nil
	}
	getentMu.Lock()
	defer getentMu.Unlock()
	k := db + "\x00" + key
	if a, ok := getentCache[k]; ok && time.Since(a.at) < 5*time.Second {
		return a.line
	}
	var line []string
	if exe, err := exec.LookPath("getent"); err == nil {
		cmd := exec.Command(exe, db, key)
		if out, err := cmd.Output(); err == nil {
			s, _, _ := strings.Cut(string(out), "\n")
			if p := strings.Split(s, ":"); len(p) > 2 {
				line = p
			}
		}
	}
	getentCache[k] = getentAnswer{line, time.Now()}
	return line
}

func passwdOf(p []string) (passwdEntry, bool) {
	if len(p) < 7 {
		return passwdEntry{}, false
	}
	uid, err1 := strconv.Atoi(p[2])
	gid, err2 := strconv.Atoi(p[3])
	return passwdEntry{Name: p[0], UID: uid, GID: gid, Gecos: p[4], Home: p[5], Shell: p[6]}, err1 == nil && err2 == nil
}

// userByName looks a user up by name.
func userByName(name string) (passwdEntry, bool) { return passwdOf(dbLine("passwd", 0, name)) }

// userByID looks a user up by number.
func userByID(uid int) (passwdEntry, bool) { return passwdOf(dbLine("passwd", 2, strconv.Itoa(uid))) }

func groupOf(p []string) (groupEntry, bool) {
	if len(p) < 4 {
		return groupEntry{}, false
	}
	gid, err := strconv.Atoi(p[2])
	g := groupEntry{Name: p[0], GID: gid}
	if p[3] != "" {
		g.Members = strings.Split(p[3], ",")
	}
	return g, err == nil
}

// groupByName looks a group up by name.
func groupByName(name string) (groupEntry, bool) { return groupOf(dbLine("group", 0, name)) }

// groupByID looks a group up by number.
func groupByID(gid int) (groupEntry, bool) { return groupOf(dbLine("group", 2, strconv.Itoa(gid))) }

// userName is the name of uid, or its number where nobody has it.
func userName(uid int) string {
	if u, ok := userByID(uid); ok {
		return u.Name
	}
	return strconv.Itoa(uid)
}

// groupName is the name of gid, or its number where there is none.
func groupName(gid int) string {
	if g, ok := groupByID(gid); ok {
		return g.Name
	}
	return strconv.Itoa(gid)
}

// homeOf is the home folder of a user, "" meaning the process's own.
func homeOf(user string) (string, bool) {
	var u passwdEntry
	var ok bool
	if user == "" {
		u, ok = userByID(os.Getuid())
	} else {
		u, ok = userByName(user)
	}
	return u.Home, ok && u.Home != ""
}
