package module

import (
	"fmt"
	"os"
	"regexp"
	"strings"

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

// hashLengths are those of the schemes whose hashes have but one length.
var hashLengths = map[string]int{"1": 22, "5": 43, "6": 86}

// looksHashed tells a password's hash from the password itself.
func looksHashed(s string) bool {
	if !plainHash.MatchString(s) {
		return false
	}
	p := strings.Split(s, "$")
	want := 0
	if len(p) > 2 {
		want = hashLengths[p[1]]
	}
	return want == 0 || len(p[len(p)-1]) == want
}

func runUser(c *Context, args any) *Result {
	a := args.(*userArgs)
	u := &userRun{Context: c, a: a, res: OK()}
	if a.Password != nil && *a.Password != "" && !looksHashed(*a.Password) && *a.Password != "*" && *a.Password != "!" && *a.Password != "x" {
		c.warn("The input password appears not to have been hashed. The 'password' argument must be encrypted for this module to work properly.")
	}
	if a.Umask != nil && a.Local {
		return Fail("'umask' can not be used with 'local'")
	}
	if a.Local && (a.UIDMin != nil || a.UIDMax != nil) {
		return Fail("'%s' can not be used with 'local'", map[bool]string{true: "uid_min", false: "uid_max"}[a.UIDMin != nil])
	}
	old, exists := u.lookup()
	if a.Local && !exists {
		c.warn(fmt.Sprintf("'local: true' specified and user '%s' was not found in /etc/passwd. The local user account may already exist if the local account database exists somewhere other than /etc/passwd.", a.Name))
	}
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

// tool runs an account program; a failure is worded as the program words it.
func (u *userRun) tool(name string, args ...string) error {
	exe, err := u.findProgram(name)
	if err != nil {
		return err
	}
	p, err := u.run(append([]string{exe}, args...), &progOptions{Env: []string{"LC_ALL=C.UTF-8"}, Cancel: cancelFinish})
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
	if !exists && u.Check { // its groups may be ones that an earlier task would have made
		u.res = Changed(true)
		return nil
	}
	if a.Group != nil && !u.groupExists(*a.Group) {
		return Errorf(fmt.Sprintf("Group %s does not exist", *a.Group))
	}
	groups, err := u.wantedGroups()
	if err != nil {
		return err
	}
	if !exists {
		u.res.Changed = true
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
