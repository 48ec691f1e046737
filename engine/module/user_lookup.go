package module

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (u *userRun) lookup() (passwdEntry, bool) {
	if u.a.Local {
		return localPasswd(u.a.Name)
	}
	return userByName(u.a.Name)
}

// localPasswd reads /etc/passwd only.
func localPasswd(name string) (passwdEntry, bool) {
	data, _ := readFile("/etc/passwd")
	for _, l := range strings.Split(string(data), "\n") {
		if p := strings.Split(l, ":"); p[0] == name {
			return passwdOf(p)
		}
	}
	return passwdEntry{}, false
}

// forgetAccounts drops what getent answered before a change.
func forgetAccounts() {
	getentMu.Lock()
	clear(getentCache)
	getentMu.Unlock()
}

func (u *userRun) outputs() {
	if u.out != "" {
		u.res.Set("stdout", u.out)
	}
	if u.err != "" {
		u.res.Set("stderr", u.err)
	}
}

// wantedGroups resolves numbers to names and refuses groups that do not exist.
func (u *userRun) wantedGroups() ([]string, error) {
	if u.a.Groups == nil {
		return nil, nil
	}
	out := []string{}
	for _, g := range *u.a.Groups {
		for _, n := range strings.Split(g, ",") {
			if n = strings.TrimSpace(n); n == "" {
				continue
			}
			if !u.groupExists(n) {
				return nil, Errorf(fmt.Sprintf("Group %s does not exist", n))
			}
			if id, err := strconv.Atoi(n); err == nil {
				if e, ok := groupByID(id); ok {
					n = e.Name
				}
			}
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out, nil
}

func (u *userRun) groupExists(g string) bool {
	if id, err := strconv.Atoi(g); err == nil {
		if _, ok := groupByID(id); ok {
			return true
		}
	}
	_, ok := groupByName(g)
	return ok
}

// expiry is the date that the account tools take.
func (u *userRun) expiry() string {
	if *u.a.Expires < 0 {
		return ""
	}
	return time.Unix(int64(*u.a.Expires), 0).UTC().Format("2006-01-02")
}

// shadowLine returns the fields of the user's line in /etc/shadow.
func shadowLine(name string) []string {
	data, _ := readFile("/etc/shadow")
	for _, l := range strings.Split(string(data), "\n") {
		if p := strings.Split(l, ":"); p[0] == name && len(p) >= 9 {
			return p
		}
	}
	return nil
}

// memberships are the groups that list the user.
func memberships(name string) []string {
	var out []string
	data, _ := readFile("/etc/group")
	for _, l := range strings.Split(string(data), "\n") {
		if p := strings.Split(l, ":"); len(p) >= 4 && slices.Contains(strings.Split(p[3], ","), name) {
			out = append(out, p[0])
		}
	}
	return out
}

// seuserOf asks semanage which SELinux user a login has.
func (u *userRun) seuserOf(name string) string {
	p, err := u.run([]string{"semanage", "login", "-l", "-n"}, &progOptions{Env: cLocale})
	if err != nil {
		return ""
	}
	for _, l := range strings.Split(p.Stdout, "\n") {
		if f := strings.Fields(l); len(f) > 1 && f[0] == name {
			return f[1]
		}
	}
	return ""
}
