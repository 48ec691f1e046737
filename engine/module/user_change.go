package module

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

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
