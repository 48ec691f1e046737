package module

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

type userArgs struct {
	Append         bool      `arg:"append,default=false" doc:"Add to the groups rather than set them."`
	Authorization  *string   `arg:"authorization" doc:"Solaris only."`
	Comment        *string   `arg:"comment" doc:"Description (GECOS)."`
	CreateHome     bool      `arg:"create_home,alias=createhome,default=true" doc:"Make the home folder."`
	Expires        *float64  `arg:"expires" doc:"When the account expires, in seconds since 1970; negative removes it."`
	Force          bool      `arg:"force,default=false" doc:"With state absent, remove even if logged in."`
	GenerateSSHKey bool      `arg:"generate_ssh_key,default=false" doc:"Make an SSH key for the user."`
	Group          *string   `arg:"group" doc:"Primary group."`
	Groups         *[]string `arg:"groups" doc:"Further groups; an empty list removes all."`
	Hidden         *bool     `arg:"hidden" doc:"macOS only."`
	Home           *Path     `arg:"home" doc:"Home folder."`
	Local          bool      `arg:"local,default=false" doc:"Look at and change only local accounts."`
	LoginClass     *string   `arg:"login_class" doc:"BSD only."`
	MoveHome       bool      `arg:"move_home,default=false" doc:"Move the old home folder to home."`
	Name           string    `arg:"name,alias=user,required" doc:"Name of the user."`
	NonUnique      bool      `arg:"non_unique,default=false" doc:"Allow a uid that is taken."`
	Password       *string   `arg:"password,no_log" doc:"Hashed password."`
	ExpireDisable  *int      `arg:"password_expire_account_disable" doc:"Days after the password expired until the account is closed."`
	ExpireMax      *int      `arg:"password_expire_max" doc:"Most days between password changes."`
	ExpireMin      *int      `arg:"password_expire_min" doc:"Fewest days between password changes."`
	ExpireWarn     *int      `arg:"password_expire_warn" doc:"Days of warning before the password expires."`
	PasswordLock   *bool     `arg:"password_lock" doc:"Lock or unlock the password."`
	Profile        *string   `arg:"profile" doc:"Solaris only."`
	Remove         bool      `arg:"remove,default=false" doc:"With state absent, remove the home folder too."`
	Role           *string   `arg:"role" doc:"Solaris only."`
	SEUser         *string   `arg:"seuser" doc:"SELinux user."`
	Shell          *Path     `arg:"shell" doc:"Login shell."`
	Skeleton       *string   `arg:"skeleton" doc:"Folder the new home is copied from."`
	SSHKeyBits     *int      `arg:"ssh_key_bits" doc:"Size of the SSH key."`
	SSHKeyComment  *string   `arg:"ssh_key_comment" doc:"Comment of the SSH key."`
	SSHKeyFile     *Path     `arg:"ssh_key_file" doc:"File of the SSH key, relative to the home folder."`
	SSHKeyPass     *string   `arg:"ssh_key_passphrase,no_log" doc:"Passphrase of the SSH key."`
	SSHKeyType     string    `arg:"ssh_key_type,default=rsa" doc:"Type of the SSH key."`
	State          string    `arg:"state,default=present,choices=absent|present" doc:"Whether the account exists."`
	System         bool      `arg:"system,default=false" doc:"Make a system account."`
	UID            *int      `arg:"uid" doc:"Number of the user."`
	UIDMin         *int      `arg:"uid_min" doc:"Lowest number to choose."`
	UIDMax         *int      `arg:"uid_max" doc:"Highest number to choose."`
	Umask          *string   `arg:"umask" doc:"Umask of the new home folder."`
	UpdatePassword string    `arg:"update_password,default=always,choices=always|on_create" doc:"When to set the password."`
}

var userDef = &Def{
	Name:  "ansible.builtin.user",
	Short: "Manage user accounts",
	Args:  func() any { return &userArgs{} },
	Run:   runUser,
}

// userRun is one account being brought into its state.
type userRun struct {
	*Context
	a   *userArgs
	res *Result
	out string // what the programs wrote
	err string
}

var plainHash = regexp.MustCompile(`^[!*]*(\$[A-Za-z0-9]+\$.*|[./0-9A-Za-z]{13}|_[./0-9A-Za-z]{19}|)$`)

func runUser(c *Context, args any) *Result {
	a := args.(*userArgs)
	u := &userRun{Context: c, a: a, res: OK()}
	if a.Password != nil && *a.Password != "" && !plainHash.MatchString(*a.Password) && *a.Password != "*" && *a.Password != "!" && *a.Password != "x" {
		c.warn("The input password appears not to have been hashed. The 'password' argument must be encrypted for this module to work properly.")
	}
	if a.Umask != nil && a.Local {
		return Fail("'umask' can not be used with 'local'")
	}
	if a.Local && (a.UIDMin != nil || a.UIDMax != nil) {
		return Fail("'%s' can not be used with 'local'", map[bool]string{true: "uid_min", false: "uid_max"}[a.UIDMin != nil])
	}
	old, exists := u.lookup()
	u.res.Set("name", a.Name).Set("state", a.State)
	if a.State == "absent" {
		return u.absent(exists)
	}
	if err := u.present(old, exists); err != nil {
		var fields = Errorf(err.Error())
		if e, ok := err.(*Error); ok {
			fields = e
		}
		return FailErr(fields)
	}
	return u.res
}

func (u *userRun) lookup() (passwdEntry, bool) {
	if u.a.Local {
		return localPasswd(u.a.Name)
	}
	return userByName(u.a.Name)
}

// localPasswd reads /etc/passwd only.
func localPasswd(name string) (passwdEntry, bool) {
	data, _ := os.ReadFile("/etc/passwd")
	for _, l := range strings.Split(string(data), "\n") {
		if p := strings.Split(l, ":"); p[0] == name {
			return passwdOf(p)
		}
	}
	return passwdEntry{}, false
}

// tool runs an account program; a failure is worded as the program words it.
func (u *userRun) tool(name string, args ...string) error {
	exe, err := u.findProgram(name)
	if err != nil {
		return err
	}
	p, err := u.run(append([]string{exe}, args...), &progOptions{Env: []string{"LC_ALL=C.UTF-8"}})
	if err != nil {
		return err
	}
	forgetAccounts()
	u.out += p.Stdout
	u.err += p.Stderr
	if p.RC != 0 {
		return Errorf(p.Stderr, "name", u.a.Name, "rc", p.RC)
	}
	return nil
}

// forgetAccounts drops what getent answered before a change.
func forgetAccounts() {
	getentMu.Lock()
	clear(getentCache)
	getentMu.Unlock()
}

func (u *userRun) absent(exists bool) *Result {
	if !exists {
		return u.res
	}
	if u.Check {
		return Changed(true)
	}
	u.res.Changed = true
	var args []string
	if u.a.Force {
		args = append(args, "-f")
	}
	if u.a.Remove {
		args = append(args, "-r")
	}
	u.res.Set("force", u.a.Force).Set("remove", u.a.Remove)
	err := u.tool(u.program("userdel"), append(args, u.a.Name)...)
	if e, ok := err.(*Error); ok && value.Equal(e.Fields.At("rc"), int64(12)) {
		err = nil // the account is gone, its mail spool or home was not there
	}
	if err != nil {
		return FailErr(err)
	}
	u.outputs()
	return u.res
}

func (u *userRun) outputs() {
	if u.out != "" {
		u.res.Set("stdout", u.out)
	}
	if u.err != "" {
		u.res.Set("stderr", u.err)
	}
}

// program picks libuser's tool for local accounts where it is installed;
// shadow's tools only know local files anyway.
func (u *userRun) program(name string) string {
	if u.a.Local {
		if _, err := u.findProgram("l" + name); err == nil && name == "userdel" {
			return "l" + name
		}
	}
	return name
}

func (u *userRun) present(old passwdEntry, exists bool) error {
	a := u.a
	if a.Group != nil && !u.groupExists(*a.Group) {
		return Errorf(fmt.Sprintf("Group %s does not exist", *a.Group))
	}
	groups, err := u.wantedGroups()
	if err != nil {
		return err
	}
	if !exists {
		u.res.Changed = true
		if u.Check {
			u.res = Changed(true)
			return nil
		}
		u.res.Set("system", a.System).Set("create_home", a.CreateHome)
		if err := u.create(groups); err != nil {
			return err
		}
	} else {
		u.res.Set("append", a.Append).Set("move_home", a.MoveHome)
		changed, err := u.modify(old, groups)
		if err != nil {
			return err
		}
		u.res.Changed = changed
	}
	if err := u.passwordAges(); err != nil {
		return err
	}
	info, ok := u.lookup()
	if !ok {
		if u.Check {
			return nil
		}
		return Errorf(fmt.Sprintf("failed to look up user name %s after it was made", a.Name))
	}
	return u.report(info)
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

func (u *userRun) create(groups []string) error {
	a := u.a
	var args []string
	add := func(s ...string) { args = append(args, s...) }
	if a.UID != nil {
		add("-u", strconv.Itoa(*a.UID))
		if a.NonUnique {
			add("-o")
		}
	}
	if a.SEUser != nil {
		add("-Z", *a.SEUser)
	}
	if a.Group != nil {
		add("-g", *a.Group)
	} else if u.groupExists(a.Name) {
		add("-N") // a group of that name is somebody else's
	}
	if len(groups) > 0 {
		add("-G", strings.Join(groups, ","))
	}
	if a.Comment != nil {
		add("-c", *a.Comment)
	}
	if a.Home != nil {
		if a.CreateHome {
			if err := os.MkdirAll(filepath.Dir(string(*a.Home)), 0o755); err != nil {
				return Errorf(pyError(err, filepath.Dir(string(*a.Home))))
			}
		}
		add("-d", string(*a.Home))
	}
	if a.Shell != nil {
		add("-s", string(*a.Shell))
	}
	if a.Expires != nil {
		add("-e", u.expiry())
	}
	if a.ExpireDisable != nil {
		add("-f", strconv.Itoa(*a.ExpireDisable))
	}
	if a.Password != nil {
		p := *a.Password
		if a.PasswordLock != nil && *a.PasswordLock {
			p = "!" + p
		}
		add("-p", p)
	}
	if a.UIDMin != nil {
		add("-K", "UID_MIN="+strconv.Itoa(*a.UIDMin))
	}
	if a.UIDMax != nil {
		add("-K", "UID_MAX="+strconv.Itoa(*a.UIDMax))
	}
	if a.CreateHome {
		add("-m")
		if a.Skeleton != nil {
			add("-k", *a.Skeleton)
		}
		if a.Umask != nil {
			add("-K", "UMASK="+*a.Umask)
		}
	} else {
		add("-M")
	}
	if a.System {
		add("-r")
	}
	return u.tool("useradd", append(args, a.Name)...)
}

// shadowLine returns the fields of the user's line in /etc/shadow.
func shadowLine(name string) []string {
	data, _ := os.ReadFile("/etc/shadow")
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
	data, _ := os.ReadFile("/etc/group")
	for _, l := range strings.Split(string(data), "\n") {
		if p := strings.Split(l, ":"); len(p) >= 4 && slices.Contains(strings.Split(p[3], ","), name) {
			out = append(out, p[0])
		}
	}
	return out
}

func (u *userRun) modify(old passwdEntry, groups []string) (bool, error) {
	a := u.a
	var args []string
	add := func(s ...string) { args = append(args, s...) }
	if a.UID != nil && *a.UID != old.UID {
		add("-u", strconv.Itoa(*a.UID))
		if a.NonUnique {
			add("-o")
		}
	}
	if a.Group != nil {
		gid := -1
		if e, ok := groupByName(*a.Group); ok {
			gid = e.GID
		} else if n, err := strconv.Atoi(*a.Group); err == nil {
			gid = n
		}
		if gid != old.GID {
			add("-g", strconv.Itoa(gid))
		}
	}
	if a.Groups != nil {
		now := memberships(a.Name)
		primary := groupName(old.GID)
		var missing []string
		for _, g := range groups {
			if !slices.Contains(now, g) && g != primary {
				missing = append(missing, g)
			}
		}
		switch {
		case a.Append && len(missing) > 0:
			add("-a", "-G", strings.Join(groups, ","))
		case a.Append:
		default:
			extra := slices.ContainsFunc(now, func(g string) bool { return !slices.Contains(groups, g) && g != primary })
			if len(missing) > 0 || extra {
				add("-G", strings.Join(groups, ","))
			}
		}
	}
	if a.Comment != nil && *a.Comment != old.Gecos {
		add("-c", *a.Comment)
	}
	if a.Home != nil && string(*a.Home) != old.Home {
		add("-d", string(*a.Home))
		if a.MoveHome {
			add("-m")
		}
	}
	if a.Shell != nil && string(*a.Shell) != old.Shell {
		add("-s", string(*a.Shell))
	}
	shadow := shadowLine(a.Name)
	if a.Expires != nil {
		field := ""
		if shadow != nil {
			field = shadow[7]
		}
		days, err := strconv.Atoi(field)
		has := err == nil && days >= 0
		switch {
		case *a.Expires < 0 && has:
			add("-e", "")
		case *a.Expires >= 0 && (!has || days != int(*a.Expires)/86400):
			add("-e", u.expiry())
		}
	}
	if a.ExpireDisable != nil && (shadow == nil || shadow[6] != strconv.Itoa(*a.ExpireDisable)) {
		add("-f", strconv.Itoa(*a.ExpireDisable))
	}
	hash := ""
	if shadow != nil {
		hash = shadow[1]
	}
	if a.PasswordLock != nil {
		locked := strings.HasPrefix(hash, "!")
		if *a.PasswordLock && !locked {
			add("-L")
		} else if !*a.PasswordLock && locked {
			add("-U")
		}
	}
	if a.Password != nil && a.UpdatePassword == "always" && strings.TrimLeft(hash, "!") != strings.TrimLeft(*a.Password, "!") {
		args = slices.DeleteFunc(args, func(s string) bool { return s == "-L" || s == "-U" })
		if a.PasswordLock != nil && *a.PasswordLock {
			add("-p", "!"+*a.Password)
		} else {
			add("-p", *a.Password)
		}
	}
	if a.SEUser != nil {
		if now := u.seuserOf(a.Name); now != *a.SEUser {
			add("-Z", *a.SEUser)
		}
	}
	if len(args) == 0 {
		return false, nil
	}
	if u.Check {
		return true, nil
	}
	return true, u.tool("usermod", append(args, a.Name)...)
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

// passwordAges sets the password_expire_* values by chage.
func (u *userRun) passwordAges() error {
	shadow := shadowLine(u.a.Name)
	for _, x := range []struct {
		want  *int
		field int
		flag  string
	}{{u.a.ExpireMin, 3, "-m"}, {u.a.ExpireMax, 4, "-M"}, {u.a.ExpireWarn, 5, "-W"}} {
		if x.want == nil || shadow != nil && shadow[x.field] == strconv.Itoa(*x.want) {
			continue
		}
		u.res.Changed = true
		if u.Check {
			continue
		}
		if err := u.tool("chage", x.flag, strconv.Itoa(*x.want), u.a.Name); err != nil {
			return err
		}
	}
	return nil
}

// report fills the return values, makes a missing home folder and the SSH key.
func (u *userRun) report(info passwdEntry) error {
	a := u.a
	home := info.Home
	if a.Home != nil {
		home = string(*a.Home)
	}
	if _, err := os.Stat(home); a.CreateHome && notExist(err) {
		if !u.Check {
			if err := u.makeHome(home, info); err != nil {
				return err
			}
		}
		u.res.Changed = true
	}
	u.res.Set("uid", info.UID).Set("group", info.GID).Set("comment", info.Gecos).Set("home", info.Home).Set("shell", info.Shell)
	if a.Groups != nil {
		u.res.Set("groups", strings.Join(*a.Groups, ","))
	}
	if a.Password != nil {
		u.res.Set("password", "NOT_LOGGING_PASSWORD")
	}
	u.outputs()
	if a.GenerateSSHKey {
		return u.sshKey(info, home)
	}
	return nil
}

// makeHome copies the skeleton, as useradd does for new accounts.
func (u *userRun) makeHome(home string, info passwdEntry) error {
	fail := func(err error) error { return Errorf("failed to make the home folder " + home + ": " + strerror(err)) }
	skel := "/etc/skel"
	if u.a.Skeleton != nil {
		skel = *u.a.Skeleton
	}
	if err := os.MkdirAll(filepath.Dir(home), 0o755); err != nil {
		return fail(err)
	}
	perm := fs.FileMode(0o755)
	if u.a.Umask != nil {
		if n, err := strconv.ParseUint(*u.a.Umask, 8, 32); err == nil {
			perm = 0o777 &^ fs.FileMode(n)
		}
	}
	if err := os.Mkdir(home, perm); err != nil {
		return fail(err)
	}
	if _, err := os.Stat(skel); err == nil {
		if err := os.CopyFS(home, os.DirFS(skel)); err != nil {
			return fail(err)
		}
	}
	err := filepath.WalkDir(home, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return lchown(p, info.UID, info.GID)
	})
	if err != nil {
		return fail(err)
	}
	return nil
}
