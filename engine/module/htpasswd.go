package module

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/goplay-engine/goplay/engine/crypt"
)

type htpasswdArgs struct {
	Path     Path    `arg:"path,alias=dest,alias=destfile,required" doc:"The file with the user names and passwords."`
	Name     string  `arg:"name,alias=username,required" doc:"User name."`
	Password *string `arg:"password,no_log" doc:"Password, in the clear."`
	Scheme   string  `arg:"crypt_scheme,alias=hash_scheme,default=apr_md5_crypt" doc:"Kind of hash: apr_md5_crypt, bcrypt, sha256_crypt, sha512_crypt, md5_crypt, ldap_sha1, plaintext."`
	State    string  `arg:"state,default=present,choices=present|absent" doc:"Whether the user should be there."`
	Create   bool    `arg:"create,default=true" doc:"Create the file if it does not exist."`
	FileArgs
}

var htpasswdDef = &Def{
	Name:     "community.general.htpasswd",
	Short:    "Manage user files for basic authentication",
	Args:     func() any { return &htpasswdArgs{} },
	FileArgs: true,
	Run: func(c *Context, a any) *Result {
		r, err := htpasswd(c, a.(*htpasswdArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

func htpasswd(c *Context, p *htpasswdArgs) (*Result, error) {
	path := string(p.Path)
	defer c.editing(path)()
	data, err := readFile(path)
	exists := err == nil
	if err != nil && !notExist(err) {
		return nil, Errorf(pyError(err, path))
	}
	var out []string
	found, changed := false, false
	msg := ""
	if p.State == "present" {
		if p.Password == nil {
			return nil, Errorf("missing required arguments: password")
		}
		if !exists && !p.Create {
			return nil, Errorf(fmt.Sprintf("Destination %s does not exist", path))
		}
	} else if !exists {
		c.warn(path + " does not exist")
		return OK().WithMsg(p.Name + " not present"), nil
	}
	for _, l := range splitKeepEnds(string(data)) {
		user, hash, ok := strings.Cut(strings.TrimRight(l, "\r\n"), ":")
		if !ok || user != p.Name {
			out = append(out, l)
			continue
		}
		found = true
		switch {
		case p.State == "absent":
			changed, msg = true, "Remove "+p.Name
			continue
		case checkHash(hash, *p.Password):
			msg = p.Name + " already present"
			out = append(out, l)
			continue
		}
		h, err := makeHash(p.Scheme, *p.Password)
		if err != nil {
			return nil, err
		}
		out = append(out, p.Name+":"+h+"\n")
		changed, msg = true, "Add/update "+p.Name
	}
	if !found {
		if p.State == "absent" {
			msg = p.Name + " not present"
		} else {
			h, err := makeHash(p.Scheme, *p.Password)
			if err != nil {
				return nil, err
			}
			if n := len(out); n > 0 && !strings.HasSuffix(out[n-1], "\n") {
				out[n-1] += "\n"
			}
			out = append(out, p.Name+":"+h+"\n")
			changed, msg = true, "Add/update "+p.Name
			if !exists && c.Check {
				msg = "Create " + path
			} else if !exists {
				msg = fmt.Sprintf("Created %s and added %s", path, p.Name)
			}
		}
	}
	r := Changed(changed).WithMsg(msg)
	if changed && c.Check {
		return r, nil
	}
	if changed {
		if !exists {
			if err := makeParents(path); err != nil {
				return nil, err
			}
		}
		_, err := c.writeFile(path, []byte(strings.Join(out, "")), &p.FileArgs, nil, nil)
		return r, err
	}
	if exists {
		ch, err := c.applyAttrs(path, &p.FileArgs, nil)
		if err != nil {
			return nil, err
		}
		if ch {
			if r.Changed {
				r.Msg += " and "
			}
			r.Changed = true
			r.Msg += "ownership, perms or SE linux context changed"
		}
	}
	return r, nil
}

func makeHash(scheme, password string) (string, error) {
	switch scheme {
	case "apr_md5_crypt", "portable", "portable_apache22", "portable_apache24", "host_apache22", "host_apache24":
		return aprMD5(password, crypt.RandomSalt(8)), nil
	case "plaintext":
		return password, nil
	case "ldap_sha1":
		s := sha1.Sum([]byte(password))
		return "{SHA}" + base64.StdEncoding.EncodeToString(s[:]), nil
	case "bcrypt":
		h, err := bcrypt.GenerateFromPassword([]byte(password), 12)
		if err != nil {
			return "", Errorf("the password cannot be hashed: " + err.Error())
		}
		return strings.Replace(string(h), "$2a$", "$2y$", 1), nil
	case "md5_crypt", "sha256_crypt", "sha512_crypt":
		h, err := crypt.Hash(scheme, password, crypt.Options{})
		if err != nil {
			return "", Errorf(err.Error())
		}
		return h, nil
	}
	return "", Errorf(fmt.Sprintf("crypt_scheme %s is not supported; use one of apr_md5_crypt, bcrypt, sha256_crypt, sha512_crypt, md5_crypt, ldap_sha1, plaintext", scheme))
}

// checkHash tells whether a hash is the password's.
func checkHash(hash, password string) bool {
	part := func(i int) string {
		p := strings.Split(hash, "$")
		if i < len(p) {
			return p[i]
		}
		return ""
	}
	switch {
	case strings.HasPrefix(hash, "$apr1$"):
		return aprMD5(password, part(2)) == hash
	case strings.HasPrefix(hash, "$2"):
		return bcrypt.CompareHashAndPassword([]byte(strings.Replace(hash, "$2y$", "$2a$", 1)), []byte(password)) == nil
	case strings.HasPrefix(hash, "{SHA}"):
		s := sha1.Sum([]byte(password))
		return hash == "{SHA}"+base64.StdEncoding.EncodeToString(s[:])
	case strings.HasPrefix(hash, "$1$"), strings.HasPrefix(hash, "$5$"), strings.HasPrefix(hash, "$6$"):
		name := map[byte]string{'1': "md5_crypt", '5': "sha256_crypt", '6': "sha512_crypt"}[hash[1]]
		o := crypt.Options{Salt: part(2)}
		if _, err := fmt.Sscanf(part(2), "rounds=%d", &o.Rounds); err == nil {
			o.Salt = part(3)
		} else if name != "md5_crypt" {
			o.Rounds = 5000
		}
		h, err := crypt.Hash(name, password, o)
		return err == nil && h[strings.LastIndexByte(h, '$'):] == hash[strings.LastIndexByte(hash, '$'):]
	}
	return hash == password
}

// aprMD5 is Apache's variant of the MD5 crypt.
func aprMD5(password, salt string) string {
	pw := []byte(password)
	alt := md5.Sum([]byte(password + salt + password))
	ctx := append([]byte(password+"$apr1$"), salt...)
	for n := len(pw); n > 0; n -= 16 {
		ctx = append(ctx, alt[:min(n, 16)]...)
	}
	for n := len(pw); n > 0; n >>= 1 {
		if n&1 != 0 {
			ctx = append(ctx, 0)
		} else {
			ctx = append(ctx, pw[0])
		}
	}
	sum := md5.Sum(ctx)
	for i := range 1000 {
		var b []byte
		if i&1 != 0 {
			b = append(b, pw...)
		} else {
			b = append(b, sum[:]...)
		}
		if i%3 != 0 {
			b = append(b, salt...)
		}
		if i%7 != 0 {
			b = append(b, pw...)
		}
		if i&1 != 0 {
			b = append(b, sum[:]...)
		} else {
			b = append(b, pw...)
		}
		sum = md5.Sum(b)
	}
	var out []byte
	put := func(v uint32, n int) {
		for range n {
			out = append(out, crypt.Alphabet[v&63])
			v >>= 6
		}
	}
	for _, t := range [][3]int{{0, 6, 12}, {1, 7, 13}, {2, 8, 14}, {3, 9, 15}, {4, 10, 5}} {
		put(uint32(sum[t[0]])<<16|uint32(sum[t[1]])<<8|uint32(sum[t[2]]), 4)
	}
	put(uint32(sum[11]), 2)
	return "$apr1$" + salt + "$" + string(out)
}
