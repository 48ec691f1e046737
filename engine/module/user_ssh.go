package module

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// sshKey makes the user's SSH key where there is none, and reports it.
func (u *userRun) sshKey(info passwdEntry, home string) error {
	a := u.a
	file := ".ssh/id_" + a.SSHKeyType
	if a.SSHKeyFile != nil {
		file = string(*a.SSHKeyFile)
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(home, file)
	}
	_, err := os.Stat(file)
	switch missing := notExist(err); {
	case missing || a.Force:
		u.res.Changed = true
		if u.Check {
			u.res.Set("ssh_key_file", file)
			return nil
		}
		if err := u.makeSSHKey(info, file, !missing); err != nil {
			return err
		}
	default:
		u.warn(fmt.Sprintf("Found existing ssh key private file \"%s\", no force, so skipping ssh-keygen generation", file))
	}
	keygen, err := u.findProgram("ssh-keygen")
	if err != nil {
		return err
	}
	p, err := u.run([]string{keygen, "-l", "-f", file}, &progOptions{Env: cLocale})
	if err != nil {
		return err
	}
	finger := strings.TrimSpace(p.Stdout)
	if p.RC != 0 {
		finger = strings.TrimSpace(p.Stderr)
	}
	pub, _ := readFile(file + ".pub")
	u.res.Set("ssh_fingerprint", finger).Set("ssh_key_file", file).Set("ssh_public_key", strings.TrimSpace(string(pub)))
	return nil
}

func (u *userRun) makeSSHKey(info passwdEntry, file string, replace bool) error {
	dir := filepath.Dir(file)
	if _, err := os.Stat(dir); notExist(err) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return Errorf(fmt.Sprintf("Failed to create %s: %s", dir, strerror(err)))
		}
		if err := lchown(dir, info.UID, info.GID); err != nil {
			return Errorf(fmt.Sprintf("Failed to chown %s: %s", dir, strerror(err)))
		}
	}
	keygen, err := u.findProgram("ssh-keygen")
	if err != nil {
		return err
	}
	if replace {
		_ = os.Remove(file)
		_ = os.Remove(file + ".pub")
	}
	comment := ""
	if u.a.SSHKeyComment != nil {
		comment = *u.a.SSHKeyComment
	} else {
		host, _ := os.Hostname()
		comment = "ansible-generated on " + host
	}
	argv := []string{keygen, "-t", u.a.SSHKeyType}
	if u.a.SSHKeyBits != nil && *u.a.SSHKeyBits > 0 {
		argv = append(argv, "-b", strconv.Itoa(*u.a.SSHKeyBits))
	}
	argv = append(argv, "-C", comment, "-f", file, "-N", "")
	p, err := u.run(argv, &progOptions{Env: cLocale})
	if err != nil {
		return err
	}
	if p.RC != 0 {
		return Errorf(or(strings.TrimSpace(p.Stderr), strings.TrimSpace(p.Stdout)), "name", u.a.Name, "rc", p.RC)
	}
	if u.a.SSHKeyPass != nil && *u.a.SSHKeyPass != "" {
		// The passphrase goes through a helper program's environment, not the
		// command line, where every user of the host could read it.
		if err := u.setPassphrase(keygen, file); err != nil {
			_ = os.Remove(file)
			return err
		}
	}
	for _, f := range []string{file, file + ".pub"} {
		if err := lchown(f, info.UID, info.GID); err != nil {
			return Errorf(fmt.Sprintf("Failed to chown %s: %s", f, strerror(err)))
		}
	}
	return nil
}

// setPassphrase protects a new key. ssh-keygen asks through SSH_ASKPASS.
func (u *userRun) setPassphrase(keygen, file string) error {
	ask := filepath.Join(u.tmpdir(), "askpass"+randomName(12))
	if err := writeProgram(ask, []byte("#!/bin/sh\nprintf '%s\\n' \"$GOPLAY_KEY_PASSPHRASE\"\n")); err != nil {
		return err
	}
	defer os.Remove(ask)
	p, err := u.run([]string{keygen, "-p", "-P", "", "-f", file}, &progOptions{Stdin: []byte{}, Env: append([]string{
		"SSH_ASKPASS=" + ask, "SSH_ASKPASS_REQUIRE=force", "DISPLAY=:0", "GOPLAY_KEY_PASSPHRASE=" + *u.a.SSHKeyPass}, cLocale...)})
	if err != nil {
		return err
	}
	if p.RC != 0 {
		return Errorf("could not protect the SSH key with its passphrase: "+strings.TrimSpace(p.Stderr), "name", u.a.Name, "rc", p.RC)
	}
	return nil
}
