package module

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

type yumRepositoryArgs struct {
	FileArgs
	Async             *bool    `arg:"async" doc:"Download packages in parallel."`
	Bandwidth         *string  `arg:"bandwidth" doc:"Bandwidth to use."`
	BaseURL           []string `arg:"baseurl" doc:"Addresses of the repository."`
	Cost              *string  `arg:"cost" doc:"Cost against other repositories."`
	Countme           *bool    `arg:"countme" doc:"Let the repository count this host."`
	DeltaMeta         *string  `arg:"deltarpm_metadata_percentage" doc:"Limit for delta metadata."`
	DeltaRPM          *string  `arg:"deltarpm_percentage" doc:"Limit for delta packages."`
	Description       *string  `arg:"description" doc:"Name shown to users."`
	Enabled           *bool    `arg:"enabled" doc:"Whether the repository is used."`
	EnableGroups      *bool    `arg:"enablegroups" doc:"Whether its groups are used."`
	Exclude           []string `arg:"exclude,alias=excludepkgs" doc:"Packages to leave out."`
	FailoverMethod    *string  `arg:"failovermethod,choices=roundrobin|priority" doc:"How to choose among addresses."`
	File              *string  `arg:"file" doc:"File name without .repo; the repository's name when not given."`
	GPGCAKey          *string  `arg:"gpgcakey" doc:"CA key."`
	GPGCheck          *bool    `arg:"gpgcheck" doc:"Check signatures of packages."`
	GPGKey            []string `arg:"gpgkey" doc:"Addresses of keys."`
	HTTPCaching       *string  `arg:"http_caching,choices=all|packages|none" doc:"What HTTP caches may keep."`
	Include           *string  `arg:"include" doc:"Further configuration file."`
	IncludePkgs       []string `arg:"includepkgs" doc:"The only packages to take."`
	IPResolve         *string  `arg:"ip_resolve,choices=4|6|IPv4|IPv6|whatever" doc:"IP version to use."`
	Keepalive         *bool    `arg:"keepalive" doc:"Keep connections."`
	Keepcache         *string  `arg:"keepcache,choices=0|1" doc:"Keep downloaded packages."`
	MetadataExpire    *string  `arg:"metadata_expire" doc:"How long metadata is good."`
	MetadataFilter    *string  `arg:"metadata_expire_filter,choices=never|read-only:past|read-only:present|read-only:future" doc:"Filter for that."`
	Metalink          *string  `arg:"metalink" doc:"Address of a metalink."`
	MirrorList        *string  `arg:"mirrorlist" doc:"Address of a list of mirrors."`
	MirrorExpire      *string  `arg:"mirrorlist_expire" doc:"How long that list is good."`
	ModuleHotfixes    *bool    `arg:"module_hotfixes" doc:"Ignore module filtering."`
	Name              string   `arg:"name,required" doc:"Id of the repository."`
	Password          *string  `arg:"password,no_log" doc:"Password for the repository."`
	Priority          *string  `arg:"priority" doc:"Priority of the repository."`
	Protect           *bool    `arg:"protect" doc:"Protect its packages."`
	Proxy             *string  `arg:"proxy" doc:"Proxy to use."`
	ProxyPassword     *string  `arg:"proxy_password,no_log" doc:"Password for the proxy."`
	ProxyUsername     *string  `arg:"proxy_username" doc:"User for the proxy."`
	RepoGPGCheck      *bool    `arg:"repo_gpgcheck" doc:"Check signatures of metadata."`
	ReposDir          Path     `arg:"reposdir,default=/etc/yum.repos.d" doc:"Folder of repository files."`
	Retries           *string  `arg:"retries" doc:"How often to try."`
	S3Enabled         *bool    `arg:"s3_enabled" doc:"Whether it is in S3."`
	SkipIfUnavailable *bool    `arg:"skip_if_unavailable" doc:"Go on without it."`
	SSLCheckPerm      *bool    `arg:"ssl_check_cert_permissions" doc:"Check permissions of certificates."`
	SSLCACert         *string  `arg:"sslcacert,alias=ca_cert" doc:"CA certificate."`
	SSLClientCert     *string  `arg:"sslclientcert,alias=client_cert" doc:"Client certificate."`
	SSLClientKey      *string  `arg:"sslclientkey,alias=client_key" doc:"Client key."`
	SSLVerify         *bool    `arg:"sslverify,alias=validate_certs" doc:"Check the server's certificate."`
	State             string   `arg:"state,default=present,choices=present|absent" doc:"Whether the repository is there."`
	Throttle          *string  `arg:"throttle" doc:"Limit of bandwidth."`
	Timeout           *string  `arg:"timeout" doc:"Seconds to wait for a connection."`
	UIRepoIDVars      *string  `arg:"ui_repoid_vars" doc:"Variables shown in the id."`
	Username          *string  `arg:"username" doc:"User for the repository."`
}

var yumRepositoryDef = &Def{
	Name:       "ansible.builtin.yum_repository",
	Short:      "Add or remove YUM repositories",
	Args:       func() any { return &yumRepositoryArgs{} },
	Run:        runYumRepository,
	FileArgs:   true,
	RequiredIf: []RequiredIf{{Key: "state", Value: "present", Required: []string{"description"}}},
}

// iniSection is a section of a repository file, its options in order.
type iniSection struct {
	name string
	opts [][2]string
}

// parseRepoFile reads a .repo file; continued values keep their line breaks.
func parseRepoFile(text string) []iniSection {
	var out []iniSection
	for _, l := range strings.Split(text, "\n") {
		t := strings.TrimSpace(l)
		switch {
		case t == "" || t[0] == '#' || t[0] == ';':
		case t[0] == '[' && strings.HasSuffix(t, "]"):
			out = append(out, iniSection{name: t[1 : len(t)-1]})
		case len(out) == 0:
		case l[0] == ' ' || l[0] == '\t':
			if s := &out[len(out)-1]; len(s.opts) > 0 {
				s.opts[len(s.opts)-1][1] += "\n" + t
			}
		default:
			if i := strings.IndexAny(t, "=:"); i > 0 {
				s := &out[len(out)-1]
				s.opts = append(s.opts, [2]string{strings.TrimSpace(t[:i]), strings.TrimSpace(t[i+1:])})
			}
		}
	}
	return out
}

func writeRepoFile(sections []iniSection) string {
	var b strings.Builder
	for _, s := range sections {
		b.WriteString("[" + s.name + "]\n")
		for _, o := range s.opts {
			b.WriteString(o[0] + " = " + strings.ReplaceAll(o[1], "\n", "\n\t") + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// repoDiff is a repository file as diffs show it: sections and options sorted.
func repoDiff(sections []iniSection) string {
	sections = slices.Clone(sections)
	slices.SortStableFunc(sections, func(a, b iniSection) int { return strings.Compare(a.name, b.name) })
	for i, s := range sections {
		sections[i].opts = slices.Clone(s.opts)
		slices.SortStableFunc(sections[i].opts, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	}
	return strings.ReplaceAll(writeRepoFile(sections), "\n\t", "\n")
}

func (a *yumRepositoryArgs) options() [][2]string {
	var out [][2]string
	text := func(k string, v *string) {
		if v != nil {
			out = append(out, [2]string{k, *v})
		}
	}
	truth := func(k string, v *bool) {
		if v != nil {
			out = append(out, [2]string{k, map[bool]string{true: "1", false: "0"}[*v]})
		}
	}
	list := func(k string, v []string, sep string) {
		if len(v) > 0 {
			out = append(out, [2]string{k, strings.Join(v, sep)})
		}
	}
	truth("async", a.Async)
	text("bandwidth", a.Bandwidth)
	list("baseurl", a.BaseURL, "\n")
	text("cost", a.Cost)
	truth("countme", a.Countme)
	text("deltarpm_metadata_percentage", a.DeltaMeta)
	text("deltarpm_percentage", a.DeltaRPM)
	truth("enabled", a.Enabled)
	truth("enablegroups", a.EnableGroups)
	list("exclude", a.Exclude, " ")
	text("failovermethod", a.FailoverMethod)
	text("gpgcakey", a.GPGCAKey)
	truth("gpgcheck", a.GPGCheck)
	list("gpgkey", a.GPGKey, "\n")
	text("http_caching", a.HTTPCaching)
	text("include", a.Include)
	list("includepkgs", a.IncludePkgs, " ")
	text("ip_resolve", a.IPResolve)
	truth("keepalive", a.Keepalive)
	text("keepcache", a.Keepcache)
	text("metadata_expire", a.MetadataExpire)
	text("metadata_expire_filter", a.MetadataFilter)
	text("metalink", a.Metalink)
	text("mirrorlist", a.MirrorList)
	text("mirrorlist_expire", a.MirrorExpire)
	truth("module_hotfixes", a.ModuleHotfixes)
	text("name", a.Description)
	text("password", a.Password)
	text("priority", a.Priority)
	truth("protect", a.Protect)
	text("proxy", a.Proxy)
	text("proxy_password", a.ProxyPassword)
	text("proxy_username", a.ProxyUsername)
	truth("repo_gpgcheck", a.RepoGPGCheck)
	text("retries", a.Retries)
	truth("s3_enabled", a.S3Enabled)
	truth("skip_if_unavailable", a.SkipIfUnavailable)
	truth("ssl_check_cert_permissions", a.SSLCheckPerm)
	text("sslcacert", a.SSLCACert)
	text("sslclientcert", a.SSLClientCert)
	text("sslclientkey", a.SSLClientKey)
	truth("sslverify", a.SSLVerify)
	text("throttle", a.Throttle)
	text("timeout", a.Timeout)
	text("ui_repoid_vars", a.UIRepoIDVars)
	text("username", a.Username)
	return out
}

func runYumRepository(c *Context, args any) *Result {
	a := args.(*yumRepositoryArgs)
	present := a.State == "present"
	if present && len(a.BaseURL) == 0 && a.Metalink == nil && a.MirrorList == nil {
		return Fail("Parameter 'baseurl', 'metalink' or 'mirrorlist' is required.")
	}
	dir := string(a.ReposDir)
	if present {
		if st, err := os.Stat(dir); err != nil || !st.IsDir() {
			return Fail("Repo directory '%s' does not exist.", dir).Set("details", err)
		}
	}
	file := a.Name
	if a.File != nil {
		file = *a.File
	}
	dest := filepath.Join(dir, file+".repo")
	data, err := readFile(dest)
	if err != nil && !notExist(err) {
		return Fail("%s", pyError(err, dest))
	}
	sections := parseRepoFile(string(data))
	at := -1
	for i, s := range sections {
		if s.name == a.Name {
			at = i
		}
	}
	changed := false
	shown := repoDiff(sections)
	switch {
	case !present && at >= 0:
		sections = append(append([]iniSection(nil), sections[:at]...), sections[at+1:]...)
		changed = true
	case present:
		// A repository that is there is written anew: what is no longer given goes.
		want := iniSection{a.Name, a.options()}
		if at < 0 {
			sections = append(sections, want)
		} else {
			sections[at] = want
		}
		changed = repoDiff(sections) != shown // the order of options means nothing
	}
	after := writeRepoFile(sections)
	res := Changed(changed).Set("repo", a.Name).Set("state", a.State)
	if c.Diff {
		res.AddDiff(Diff{Before: shown, After: repoDiff(sections), BeforeHeader: dest, AfterHeader: dest})
	}
	if changed && !c.Check {
		if after == "" {
			err = os.Remove(dest)
		} else {
			var n *newFile
			if n, err = c.createBytes(realPath(dest), []byte(after), a.UnsafeWrites); err == nil {
				if n.Created {
					_ = os.Chmod(n.Path, 0o644)
				}
				err = n.Commit(a.UnsafeWrites)
			}
		}
		if err != nil {
			return Fail("Problems handling file %s.", dest).Set("details", err.Error())
		}
	}
	if _, err := os.Stat(dest); err == nil {
		more, err := c.applyAttrs(dest, &a.FileArgs, nil)
		if err != nil {
			return FailErr(err)
		}
		res.Changed = res.Changed || more
	}
	return res
}

type rpmKeyArgs struct {
	Fingerprint   []string `arg:"fingerprint" doc:"Fingerprint the key must have."`
	Key           string   `arg:"key,required" doc:"Key: URL, file or key id."`
	State         string   `arg:"state,default=present,choices=absent|present" doc:"Whether rpm trusts the key."`
	ValidateCerts bool     `arg:"validate_certs,default=true" doc:"Check the server's certificate."`
}

var rpmKeyDef = &Def{
	Name:  "ansible.builtin.rpm_key",
	Short: "Adds or removes a gpg key from the rpm db",
	Args:  func() any { return &rpmKeyArgs{} },
	Run:   runRPMKey,
}

func runRPMKey(c *Context, args any) *Result {
	a := args.(*rpmKeyArgs)
	id := strings.ToUpper(strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(a.Key), "0x"), "0X"))
	file, fingerprint := "", ""
	switch {
	case strings.Contains(a.Key, "://"):
		data, err := c.fetchText(a.Key, "", a.ValidateCerts)
		if err != nil {
			return Fail("failed to fetch key at %s , error was: %s", a.Key, err)
		}
		f, err := os.CreateTemp(c.tmpdir(), "rpmkey*")
		if err != nil {
			return FailErr(err)
		}
		defer os.Remove(f.Name())
		_, err = f.Write(data)
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return FailErr(err)
		}
		file = f.Name()
	case isKeyID(id):
	case exists(a.Key):
		file = a.Key
	default:
		return Fail("Not a valid key %s", a.Key)
	}
	if file != "" {
		keys, err := readPGPKeys(file)
		if err != nil || len(keys) == 0 {
			return Fail("Not a valid key %s: %v", a.Key, err)
		}
		id, fingerprint = keys[0].id, keys[0].fingerprint
	}
	short := strings.ToLower(id[max(0, len(id)-8):])
	p, err := c.rpm("", "-q", "gpg-pubkey", "--qf", "%{VERSION}-%{RELEASE}\n")
	if err != nil {
		return FailErr(err)
	}
	installed := ""
	for _, l := range strings.Split(p.Stdout, "\n") {
		v, _, _ := strings.Cut(l, "-")
		if strings.HasSuffix(v, short) {
			installed = strings.TrimSpace(l)
		}
	}
	res := OK()
	run := func(argv ...string) *Result {
		res.Changed = true
		if c.Check {
			return res
		}
		exe, err := c.findProgram(argv[0])
		if err != nil {
			return FailErr(err)
		}
		p, err := c.run(append([]string{exe}, argv[1:]...), &progOptions{Env: cLocale})
		if err != nil {
			return FailErr(err)
		}
		if p.RC != 0 {
			return failedProgram(or(strings.TrimSpace(p.Stderr), "rpm failed"), p)
		}
		return res
	}
	switch {
	case a.State == "absent" && installed != "":
		return run("rpm", "--erase", "--allmatches", "gpg-pubkey-"+installed)
	case a.State == "present" && installed == "":
		if file == "" {
			return Fail("When importing a key, a valid file must be given")
		}
		if msg := otherFingerprint(a.Fingerprint, fingerprint); msg != "" {
			return Fail("%s", msg)
		}
		return run("rpm", "--import", file)
	}
	return res
}

// otherFingerprint says that a key is none of those wanted, "" where it is.
func otherFingerprint(wanted []string, have string) string {
	for i, f := range wanted {
		wanted[i] = strings.ToUpper(strings.ReplaceAll(f, " ", ""))
	}
	if len(wanted) == 0 || slices.Contains(wanted, have) {
		return ""
	}
	return fmt.Sprintf("The specified fingerprint, '%s', does not match the key fingerprint '%s'", strings.Join(wanted, "', '"), have)
}

func isKeyID(s string) bool {
	if len(s) < 8 {
		return false
	}
	for _, r := range s {
		if !strings.ContainsRune("0123456789ABCDEF", r) {
			return false
		}
	}
	return true
}
