package module

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

type deb822Args struct {
	AllowDowngradeToInsecure *bool    `arg:"allow_downgrade_to_insecure" doc:"Allow the source to lose its signature."`
	AllowInsecure            *bool    `arg:"allow_insecure" doc:"Allow a source without signature."`
	AllowWeak                *bool    `arg:"allow_weak" doc:"Allow weak signatures."`
	Architectures            []string `arg:"architectures" doc:"Architectures to fetch."`
	ByHash                   *bool    `arg:"by_hash" doc:"Fetch index files by their hash."`
	CheckDate                *bool    `arg:"check_date" doc:"Whether to check dates."`
	CheckValidUntil          *bool    `arg:"check_valid_until" doc:"Whether to check expiry."`
	Components               []string `arg:"components" doc:"Components of the suites."`
	DateMaxFuture            *int     `arg:"date_max_future" doc:"Seconds that dates may be in the future."`
	Enabled                  *bool    `arg:"enabled" doc:"Whether apt uses the source."`
	Exclude                  []string `arg:"exclude" doc:"Packages to leave out."`
	Include                  []string `arg:"include" doc:"The only packages to take."`
	InReleasePath            *string  `arg:"inrelease_path" doc:"Path of the InRelease file."`
	InstallPythonDebian      bool     `arg:"install_python_debian,default=false" doc:"Has no effect: no Python library is needed."`
	Languages                []string `arg:"languages" doc:"Languages of descriptions."`
	Mode                     Mode     `arg:"mode,type=raw,default=0644" doc:"Permissions of the file."`
	Name                     string   `arg:"name,required" doc:"Name of the repository and its file."`
	PDiffs                   *bool    `arg:"pdiffs" doc:"Whether to fetch differences."`
	SignedBy                 *string  `arg:"signed_by" doc:"The key: a file, a URL, a fingerprint or the key itself."`
	State                    string   `arg:"state,default=present,choices=absent|present" doc:"Whether the source is there."`
	Suites                   []string `arg:"suites" doc:"Suites of the repository."`
	Targets                  []string `arg:"targets" doc:"Targets to download."`
	Trusted                  *bool    `arg:"trusted" doc:"Whether to trust the source without signature."`
	Types                    []string `arg:"types,default=deb,choices=deb|deb-src" doc:"Kinds of packages."`
	URIs                     []string `arg:"uris" doc:"Addresses of the repository."`
}

var deb822Def = &Def{
	Name:  "ansible.builtin.deb822_repository",
	Short: "Add and remove deb822 formatted repositories",
	Args:  func() any { return &deb822Args{} },
	Run:   runDeb822,
}

func runDeb822(c *Context, args any) *Result {
	a := args.(*deb822Args)
	slug := strings.Trim(reDeb822Name.ReplaceAllString(strings.ToLower(a.Name), "-"), "-")
	dest := filepath.Join(aptListDir, slug+".sources")
	if a.State == "absent" {
		return c.removeDeb822(dest, slug)
	}
	res := OK()
	signed, keyFile := "", ""
	if a.SignedBy != nil {
		var changed bool
		var err error
		if signed, keyFile, changed, err = c.deb822Key(slug, *a.SignedBy); err != nil {
			return FailErr(err)
		}
		res.Changed = changed
	}
	text := deb822Text(a, signed)
	old, err := readFile(dest)
	if err != nil && !notExist(err) {
		return Fail("%s", pyError(err, dest))
	}
	if string(old) != text {
		res.Changed = true
		if c.Diff {
			res.AddDiff(Diff{Before: string(old), After: text, BeforeHeader: dest, AfterHeader: dest})
		}
		if !c.Check {
			if err := c.writeAptFiles([]string{dest}, map[string]string{dest: text}, Mode{}); err != nil {
				return FailErr(err)
			}
		}
	}
	if _, err := os.Stat(dest); err == nil {
		changed, err := c.applyAttrs(dest, &FileArgs{Mode: a.Mode}, nil)
		if err != nil {
			return FailErr(err)
		}
		res.Changed = res.Changed || changed
	}
	res.Set("repo", text).Set("dest", dest).Set("key_filename", orNull(keyFile))
	return res
}

var reDeb822Name = reUnsafeName

func (c *Context) removeDeb822(dest, slug string) *Result {
	res := OK().Set("repo", nil).Set("dest", dest)
	var keys []string
	// Only the two names under which keys are kept for this source.
	for _, ext := range []string{".asc", ".gpg"} {
		if f := "/etc/apt/keyrings/" + slug + ext; exists(f) {
			keys = append(keys, f)
		}
	}
	for _, f := range append([]string{dest}, keys...) {
		if _, err := os.Lstat(f); err != nil {
			continue
		}
		res.Changed = true
		if !c.Check {
			if err := os.Remove(f); err != nil {
				return Fail("%s", pyError(err, f))
			}
		}
	}
	if len(keys) > 0 {
		return res.Set("key_filename", keys[0])
	}
	return res.Set("key_filename", nil)
}

// deb822Key resolves signed_by: a key at a URL is kept in /etc/apt/keyrings.
func (c *Context) deb822Key(slug, by string) (signed, file string, changed bool, err error) {
	switch {
	case strings.Contains(by, "://"):
		key, err := c.fetchText(by, "", true)
		if err != nil {
			return "", "", false, Errorf("Failed to fetch the key " + by + ": " + err.Error())
		}
		ext := "gpg"
		if bytes.Contains(key, []byte("-----BEGIN")) {
			ext = "asc"
		}
		file = "/etc/apt/keyrings/" + slug + "." + ext
		old, _ := readFile(file)
		if bytes.Equal(old, key) {
			return file, file, false, nil
		}
		if !c.Check {
			err = c.writeAptFiles([]string{file}, map[string]string{file: string(key)}, Mode{})
		}
		return file, file, true, err
	case strings.HasPrefix(strings.TrimSpace(by), "-----BEGIN"):
		var b strings.Builder
		for _, l := range strings.Split(strings.TrimSpace(by), "\n") {
			if l = strings.TrimRight(l, " \t\r"); l == "" {
				l = "."
			}
			b.WriteString("\n    " + l)
		}
		return b.String(), "", false, nil
	}
	return by, "", false, nil
}

// deb822Text writes the stanza, its fields in the order of the parameters' names.
func deb822Text(a *deb822Args, signed string) string {
	var b strings.Builder
	text := func(field, v string) {
		if v != "" {
			sep := " "
			if strings.HasPrefix(v, "\n") {
				sep = ""
			}
			fmt.Fprintf(&b, "%s:%s%s\n", field, sep, v)
		}
	}
	truth := func(field string, v *bool) {
		if v != nil {
			text(field, map[bool]string{true: "yes", false: "no"}[*v])
		}
	}
	list := func(field string, v []string) { text(field, strings.Join(v, " ")) }
	truth("Allow-Downgrade-To-Insecure", a.AllowDowngradeToInsecure)
	truth("Allow-Insecure", a.AllowInsecure)
	truth("Allow-Weak", a.AllowWeak)
	list("Architectures", a.Architectures)
	truth("By-Hash", a.ByHash)
	truth("Check-Date", a.CheckDate)
	truth("Check-Valid-Until", a.CheckValidUntil)
	list("Components", a.Components)
	if a.DateMaxFuture != nil {
		text("Date-Max-Future", fmt.Sprint(*a.DateMaxFuture))
	}
	truth("Enabled", a.Enabled)
	list("Exclude", a.Exclude)
	list("Include", a.Include)
	if a.InReleasePath != nil {
		text("InRelease-Path", *a.InReleasePath)
	}
	list("Languages", a.Languages)
	text("X-Repolib-Name", a.Name)
	truth("PDiffs", a.PDiffs)
	text("Signed-By", signed)
	list("Suites", a.Suites)
	list("Targets", a.Targets)
	truth("Trusted", a.Trusted)
	list("Types", a.Types)
	list("URIs", a.URIs)
	return b.String()
}
