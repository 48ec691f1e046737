package module

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/facts"
)

type mountArgs struct {
	Backup    bool    `arg:"backup,default=false" doc:"Keep a copy of the table before a change."`
	Boot      bool    `arg:"boot,default=true" doc:"Mount at boot; false adds noauto."`
	Dump      string  `arg:"dump,default=0" doc:"Dump field of the table."`
	Fstab     *Path   `arg:"fstab" doc:"The table; /etc/fstab when not given."`
	Fstype    *string `arg:"fstype" doc:"Kind of file system."`
	Opts      *string `arg:"opts" doc:"Mount options."`
	OptsNoLog bool    `arg:"opts_no_log,default=false" doc:"Keep the options out of the output."`
	Passno    string  `arg:"passno,default=0" doc:"Order of checks at boot."`
	Path      Path    `arg:"path,alias=name,required" doc:"Where it is mounted."`
	Src       *Path   `arg:"src" doc:"What is mounted."`
	State     string  `arg:"state,required,choices=absent|absent_from_fstab|mounted|present|unmounted|remounted|ephemeral" doc:"The state wanted."`
}

var mountDef = &Def{
	Name:  "ansible.posix.mount",
	Short: "Control active and configured mount points",
	Args:  func() any { return &mountArgs{} },
	Run:   runMount,
	RequiredIf: []RequiredIf{{Key: "state", Value: "mounted", Required: []string{"src", "fstype"}},
		{Key: "state", Value: "present", Required: []string{"src", "fstype"}}, {Key: "state", Value: "ephemeral", Required: []string{"src", "fstype"}}},
}

// mountRun is one mount point being brought into its state.
type mountRun struct {
	*Context
	a         *mountArgs
	table     string
	path, src string
	fstype    string
	opts      string
	old       string // the table before
	backupTo  string
}

func runMount(c *Context, args any) *Result {
	a := args.(*mountArgs)
	m := &mountRun{Context: c, a: a, table: "/etc/fstab", path: string(a.Path), opts: "defaults"}
	if a.Fstab != nil {
		m.table = string(a.Fstab.clean())
	}
	if m.path != "/" {
		m.path = strings.TrimRight(m.path, "/")
	}
	if a.Src != nil {
		m.src = string(*a.Src)
	}
	if a.Fstype != nil {
		m.fstype = *a.Fstype
	}
	if a.Opts != nil && *a.Opts != "" {
		m.opts = *a.Opts
	}
	if !a.Boot && !mountOption(m.opts, "noauto") && a.State != "ephemeral" {
		if mountOption(m.opts, "defaults") {
			c.warn("Ignore the 'boot' due to 'opts' contains 'defaults'.")
		} else {
			m.opts += ",noauto"
		}
	}
	data, err := readFile(m.table)
	if err != nil && !notExist(err) {
		return Fail("Failed to open %s due to %s", m.table, pyError(err, m.table))
	}
	m.old = string(data)
	changed, err := m.apply()
	if err != nil {
		return FailErr(err)
	}
	res := Changed(changed).Set("name", m.path).Set("opts", m.opts).Set("dump", a.Dump).Set("passno", a.Passno).
		Set("fstab", m.table).Set("boot", map[bool]string{true: "yes", false: "no"}[a.Boot]).Set("backup_file", m.backupTo)
	if a.OptsNoLog {
		res.Set("opts", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")
	}
	if m.src != "" {
		res.Set("src", m.src)
	}
	if m.fstype != "" {
		res.Set("fstype", m.fstype)
	}
	return res
}

func (p Path) clean() string { return filepath.Clean(string(p)) }

func mountOption(opts, name string) bool {
	for _, o := range strings.Split(opts, ",") {
		if o == name {
			return true
		}
	}
	return false
}

func (m *mountRun) apply() (bool, error) {
	switch m.a.State {
	case "absent", "absent_from_fstab":
		text, changed := dropFstab(m.old, m.path, m.fstype == "swap", m.src)
		if !changed || m.Check {
			return changed, nil
		}
		if err := m.write(text); err != nil {
			return false, err
		}
		if m.a.State == "absent_from_fstab" {
			return true, nil
		}
		if m.mounted() {
			if err := m.umount(); err != nil {
				return false, err
			}
		}
		if st, err := os.Lstat(m.path); err == nil && st.IsDir() {
			if err := os.Remove(m.path); err != nil {
				return false, Errorf(fmt.Sprintf("Error rmdir %s: %s", m.path, strerror(err)))
			}
		}
		return true, nil
	case "unmounted":
		if !m.mounted() {
			return false, nil
		}
		if m.Check {
			return true, nil
		}
		return true, m.umount()
	case "remounted":
		if m.Check {
			return true, nil
		}
		return true, m.remount()
	case "ephemeral":
		return m.ephemeral()
	}
	text, changed := editFstab(m.old, m.entry())
	if m.a.State == "present" {
		if changed && !m.Check {
			return true, m.write(text)
		}
		return changed, nil
	}
	return m.mountNow(text, changed)
}

func (m *mountRun) entry() fstabEntry {
	return fstabEntry{src: m.src, path: m.path, fstype: m.fstype, opts: m.opts, dump: m.a.Dump, passno: m.a.Passno}
}

func (m *mountRun) mountNow(text string, changed bool) (bool, error) {
	madeDir := ""
	if _, err := os.Stat(m.path); err != nil {
		changed = true
		if !m.Check {
			if err := os.MkdirAll(m.path, 0o755); err != nil {
				return false, Errorf(fmt.Sprintf("Error making dir %s: %s", m.path, strerror(err)))
			}
			madeDir = m.path
		}
	}
	_, tableChanged := editFstab(m.old, m.entry())
	is := m.mounted()
	if m.Check {
		return changed || !is, nil
	}
	if tableChanged {
		if err := m.write(text); err != nil {
			return false, err
		}
	}
	var err error
	switch {
	case is && tableChanged:
		err = m.remount()
	case !is:
		changed = true
		err = m.mount()
	}
	if err != nil { // a table with an entry that cannot be mounted may stop the next boot
		if tableChanged {
			if rerr := m.restore(); rerr != nil {
				m.warn("could not restore " + m.table + ": " + rerr.Error())
			}
		}
		if madeDir != "" {
			_ = os.Remove(madeDir)
		}
		return false, err
	}
	return changed, nil
}

func (m *mountRun) ephemeral() (bool, error) {
	if cur := m.current(); cur != nil {
		if cur.Device != m.src && cur.FSType != m.fstype {
			return false, Errorf("Ephemeral mount point is already mounted with a different source than the specified one. " +
				"Failing in order to prevent an unwanted unmount or override operation. Try replacing this command with " +
				"a \"state: unmounted\" followed by a \"state: ephemeral\", or use a different destination path.")
		}
		if m.Check {
			return true, nil
		}
		return true, m.remount()
	}
	if m.Check {
		return true, nil
	}
	if err := os.MkdirAll(m.path, 0o755); err != nil {
		return false, Errorf(fmt.Sprintf("Error making dir %s: %s", m.path, strerror(err)))
	}
	return true, m.mount()
}

// current is what is mounted at the path, nil for nothing.
func (m *mountRun) current() *facts.Mount {
	path := m.path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	var found *facts.Mount
	for _, x := range facts.Mounts() {
		if x.Point == path {
			found = &x
		}
	}
	return found
}

func (m *mountRun) mounted() bool {
	if m.fstype == "swap" {
		data, _ := os.ReadFile("/proc/swaps")
		return strings.Contains("\n"+string(data), "\n"+m.src+" ")
	}
	return m.current() != nil
}

func (m *mountRun) tool(what string, argv ...string) error {
	exe, err := m.findProgram(argv[0])
	if err != nil {
		return err
	}
	p, err := m.run(append([]string{exe}, argv[1:]...), &progOptions{Env: cLocale})
	if err != nil {
		return err
	}
	if p.RC != 0 {
		return Errorf(fmt.Sprintf("Error %s %s: %s", what, m.path, p.Stdout+p.Stderr))
	}
	return nil
}

func (m *mountRun) mount() error {
	switch {
	case m.fstype == "swap":
		return m.tool("enabling swap", "swapon", m.src)
	case m.a.State == "ephemeral":
		return m.tool("mounting", "mount", "-t", m.fstype, "-o", m.opts, m.src, m.path)
	case m.table != "/etc/fstab":
		return m.tool("mounting", "mount", "-T", m.table, m.path)
	}
	return m.tool("mounting", "mount", m.path)
}

func (m *mountRun) umount() error { return m.tool("unmounting", "umount", m.path) }

// remount applies options; where the kernel refuses, it mounts anew.
func (m *mountRun) remount() error {
	opts := "remount"
	if m.a.Opts != nil && m.a.State != "mounted" {
		opts += "," + *m.a.Opts
	}
	argv := []string{"mount", "-o", opts, m.path}
	if m.table != "/etc/fstab" {
		argv = []string{"mount", "-T", m.table, "-o", opts, m.path}
	}
	err := m.tool("remounting", argv...)
	if err == nil {
		return nil
	}
	if m.a.Opts != nil && mountOption(*m.a.Opts, "remount") {
		return err
	}
	if err = m.tool("remounting", "umount", m.path); err != nil {
		return err
	}
	return m.mount()
}

func (m *mountRun) write(text string) error {
	if m.a.Backup {
		name, err := m.backup(m.table)
		if err != nil {
			return err
		}
		m.backupTo = name
	}
	return m.replace(text)
}

func (m *mountRun) replace(text string) error {
	table := realPath(m.table)
	if err := os.MkdirAll(filepath.Dir(table), 0o755); err != nil {
		return err
	}
	n, err := m.createBytes(table, []byte(text), false)
	if err == nil {
		err = n.Commit(true)
	}
	return err
}

func (m *mountRun) restore() error { return m.replace(m.old) }

// fstabEntry is a line of the table.
type fstabEntry struct{ src, path, fstype, opts, dump, passno string }

func (e fstabEntry) line() string {
	return strings.Join([]string{escapeFstab(e.src), escapeFstab(e.path), e.fstype, escapeFstab(e.opts), e.dump, e.passno}, " ")
}

var (
	fstabEscaper   = strings.NewReplacer(`\`, `\134`, " ", `\040`, "\t", `\011`, "\n", `\012`, "&", `\046`)
	fstabUnescaper = strings.NewReplacer(`\134`, `\`, `\040`, " ", `\011`, "\t", `\012`, "\n", `\046`, "&")
)

func escapeFstab(s string) string { return fstabEscaper.Replace(s) }

// parseFstab reads a line; ok is false for comments and what is no entry.
func parseFstab(line string) (fstabEntry, bool) {
	t := strings.TrimSpace(line)
	f := strings.Fields(t)
	if t == "" || t[0] == '#' || len(f) < 4 || len(f) > 6 {
		return fstabEntry{}, false
	}
	e := fstabEntry{src: fstabUnescaper.Replace(f[0]), path: fstabUnescaper.Replace(f[1]), fstype: f[2], opts: fstabUnescaper.Replace(f[3])}
	if len(f) > 4 {
		e.dump = f[4]
	}
	if len(f) > 5 {
		e.passno = f[5]
	}
	return e, true
}

func sameFstab(e, want fstabEntry) bool {
	if want.fstype == "swap" {
		return e.fstype == "swap" && e.src == want.src
	}
	if want.path == "none" {
		return e.src == want.src && e.path == "none"
	}
	return e.path == want.path
}

// editFstab puts an entry into the table.
func editFstab(text string, want fstabEntry) (string, bool) {
	lines := strings.SplitAfter(text, "\n")
	found, changed := false, false
	for i, l := range lines {
		e, ok := parseFstab(l)
		if !ok || !sameFstab(e, want) {
			continue
		}
		found = true
		if e != want {
			lines[i] = want.line() + "\n"
			changed = true
		}
	}
	out := strings.Join(lines, "")
	if !found {
		if out != "" && !strings.HasSuffix(out, "\n") {
			out += "\n"
		}
		out += want.line() + "\n"
		changed = true
	}
	return out, changed
}

// dropFstab takes the entry of a path (or of a swap device) out of the table.
func dropFstab(text, path string, swap bool, src string) (string, bool) {
	var out strings.Builder
	changed := false
	for _, l := range strings.SplitAfter(text, "\n") {
		e, ok := parseFstab(l)
		if ok && (swap && e.fstype == "swap" && e.src == src || !swap && e.path == path && (src == "" || e.src == src || path != "none")) {
			changed = true
			continue
		}
		out.WriteString(l)
	}
	return out.String(), changed
}
