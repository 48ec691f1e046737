package foreign

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// kind is how a module takes its arguments.
type kind int

const (
	oldStyle kind = iota // a file of k=v words
	newStyle             // Python on ansible.module_utils
	jsonArgs             // arguments written into the source
	wantJSON             // a file of JSON
	binary               // a program; a file of JSON
)

// payload is a module made ready to be sent.
type payload struct {
	file string
	kind kind
	src  []byte
	zip  string // base64, of new-style modules
	name string // module name inside the archive
}

var newStyleMark = regexp.MustCompile(`(?m)^\s*(?:from\s+(?:ansible\.module_utils|\.+module_utils|ansible_collections\.[\w.]+\.plugins\.module_utils)|import\s+ansible\.module_utils|import\s+ansible_collections\.[\w.]+\.plugins\.module_utils)`)

// pack reads a module and, for a new-style one, what it imports.
func (m *Modules) pack(file string) (*payload, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.packed[file]; p != nil {
		return p, nil
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p := &payload{file: file, src: src, kind: kindOf(src)}
	if p.kind == newStyle {
		if err := m.archive(p); err != nil {
			return nil, err
		}
	}
	if m.packed == nil {
		m.packed = map[string]*payload{}
	}
	m.packed[file] = p
	return p, nil
}

func kindOf(src []byte) kind {
	switch {
	case bytes.IndexByte(src[:min(len(src), 1024)], 0) >= 0:
		return binary
	case bytes.Contains(src, []byte("<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>")):
		return jsonArgs
	case newStyleMark.Match(src), bytes.Contains(src, []byte("#<<INCLUDE_ANSIBLE_MODULE_COMMON>>")):
		return newStyle
	case bytes.Contains(src, []byte("WANT_JSON")):
		return wantJSON
	}
	return oldStyle
}

// archive packs the module with every module_utils it reaches.
func (m *Modules) archive(p *payload) error {
	full := p.fullName()
	p.name = full
	a := &archiver{m: m, full: full, files: map[string][]byte{}}
	src := bytes.ReplaceAll(p.src, []byte("#<<INCLUDE_ANSIBLE_MODULE_COMMON>>"), []byte("from ansible.module_utils.basic import *"))
	a.add(strings.ReplaceAll(full, ".", "/")+".py", src)
	if err := a.imports(full, src, false); err != nil {
		return err
	}
	if err := a.need(false, "ansible.module_utils.basic"); err != nil {
		return err
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, n := range sorted(a.files) {
		w, err := z.Create(n)
		if err != nil {
			return err
		}
		if _, err := w.Write(a.files[n]); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	p.zip = base64.StdEncoding.EncodeToString(buf.Bytes())
	return nil
}

// fullName is what Python calls the module.
func (p *payload) fullName() string {
	if i := strings.Index(p.file, "/ansible_collections/"); i >= 0 {
		return strings.ReplaceAll(strings.TrimSuffix(p.file[i+1:], ".py"), "/", ".")
	}
	return "ansible.modules." + strings.TrimSuffix(filepath.Base(p.file), ".py")
}

// archiver gathers the files of an archive.
type archiver struct {
	m     *Modules
	full  string // the module, for messages
	files map[string][]byte
}

const packageInit = "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"

// add puts a file in, and the packages around it.
func (a *archiver) add(name string, src []byte) {
	a.files[name] = src
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		init := dir + "/__init__.py"
		if _, ok := a.files[init]; !ok {
			text := ""
			if dir == "ansible" || dir == "ansible/module_utils" || dir == "ansible_collections" || strings.Count(dir, "/") == 1 && strings.HasPrefix(dir, "ansible_collections/") {
				text = packageInit
			}
			if dir == "ansible" {
				text += "__version__ = '" + a.m.Version + "'\n__author__ = 'Ansible, Inc.'\n"
			}
			a.files[init] = []byte(text)
		}
	}
}

var importLine = regexp.MustCompile(`(?m)^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#;]+)|import[ \t]+([\w., \t]+))`)

// imports follows the import statements of a source. Those in a `try` may be
// missing on purpose.
func (a *archiver) imports(full string, src []byte, isPackage bool) error {
	text := plainCode(strings.ReplaceAll(string(src), "\\\n", " "))
	for _, at := range importLine.FindAllStringSubmatchIndex(text, -1) {
		g := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return text[at[2*i]:at[2*i+1]]
		}
		optional := inTry(text, at[0])
		if g(3) != "" {
			for _, n := range strings.Split(g(3), ",") {
				n, _, _ = strings.Cut(strings.TrimSpace(n), " ")
				if wanted(n) {
					if err := a.need(optional, n); err != nil {
						return err
					}
				}
			}
			continue
		}
		base := absolute(g(1), full, isPackage)
		if !wanted(base) {
			continue
		}
		for _, n := range strings.Split(strings.Trim(g(2), "()"), ",") {
			n, _, _ = strings.Cut(strings.TrimSpace(stripComments(n)), " ")
			if n == "" {
				continue
			}
			names := []string{base + "." + n, base}
			if n == "*" {
				names = names[1:]
			}
			if err := a.need(optional, names...); err != nil {
				return err
			}
		}
	}
	return nil
}

// inTry tells whether the line at pos stands in a `try` block.
func inTry(text string, pos int) bool {
	depth := func(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }
	start := strings.LastIndexByte(text[:pos], '\n') + 1
	line, _, _ := strings.Cut(text[start:], "\n")
	level := depth(line)
	for level > 0 && start > 0 {
		end := start - 1
		start = strings.LastIndexByte(text[:end], '\n') + 1
		line := text[start:end]
		if strings.TrimSpace(line) == "" || depth(line) >= level {
			continue
		}
		level = depth(line)
		if head := strings.TrimSpace(line); strings.HasPrefix(head, "try:") {
			return true
		} else if strings.HasPrefix(head, "except") {
			return true // what stands in for another import
		}
	}
	return false
}

// tripled are texts over several lines, documentation for the most part.
var tripled = regexp.MustCompile(`(?s)""".*?"""|\'\'\'.*?\'\'\'`)

// plainCode blanks documentation, whose examples import nothing.
func plainCode(src string) string {
	return tripled.ReplaceAllStringFunc(src, func(t string) string { return "''" + strings.Repeat("\n", strings.Count(t, "\n")) })
}

func stripComments(s string) string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		l, _, _ = strings.Cut(l, "#")
		out = append(out, l)
	}
	return strings.TrimSpace(strings.Join(out, " "))
}

func wanted(n string) bool {
	return strings.HasPrefix(n, "ansible.module_utils") || strings.HasPrefix(n, "ansible_collections.") && strings.Contains(n, ".module_utils")
}

// absolute resolves a relative import.
func absolute(name, full string, isPackage bool) string {
	dots := len(name) - len(strings.TrimLeft(name, "."))
	if dots == 0 {
		return name
	}
	parts := strings.Split(full, ".")
	if isPackage {
		dots--
	}
	if dots > len(parts) {
		return name
	}
	parts = parts[:len(parts)-dots]
	if rest := strings.TrimLeft(name, "."); rest != "" {
		parts = append(parts, rest)
	}
	return strings.Join(parts, ".")
}

// source is a module_utils file that was found.
type source struct {
	name      string // inside the archive
	data      []byte
	isPackage bool
}

// locate finds the file of a module_utils name, goplay's own last.
func (a *archiver) locate(full string) *source {
	if s := a.onDisk(full); s != nil {
		return s
	}
	return builtinUtils(full)
}

func (a *archiver) onDisk(full string) *source {
	rel := strings.ReplaceAll(full, ".", "/")
	var dirs []string
	tail := ""
	switch {
	case full == "ansible.module_utils":
		return &source{name: "ansible/module_utils/__init__.py", data: []byte(packageInit), isPackage: true}
	case strings.HasPrefix(full, "ansible.module_utils."):
		tail = strings.TrimPrefix(rel, "ansible/module_utils/")
		dirs = append(dirs, a.m.UtilsPath...)
		if core := coreDir(); core != "" {
			dirs = append(dirs, filepath.Join(core, "module_utils"))
		}
	default:
		tail = rel
		dirs = a.m.roots()
	}
	for _, d := range dirs {
		for _, c := range []struct {
			file string
			pkg  bool
		}{{tail + "/__init__.py", true}, {tail + ".py", false}} { // as Python itself prefers
			if data, err := os.ReadFile(filepath.Join(d, c.file)); err == nil {
				name := rel + ".py"
				if c.pkg {
					name = rel + "/__init__.py"
				}
				return &source{name, data, c.pkg}
			}
		}
		if fi, err := os.Stat(filepath.Join(d, tail)); err == nil && fi.IsDir() && d != "" {
			return &source{name: rel + "/__init__.py", isPackage: true}
		}
	}
	return nil
}

// need puts the first of some module_utils names in that there is, with what it
// imports: the last part of an import may be a module or an attribute.
func (a *archiver) need(optional bool, names ...string) error {
	for _, full := range names {
		if strings.HasPrefix(full, "ansible.module_utils.six.") {
			full = "ansible.module_utils.six" // six.moves is made when it is imported
		}
		if full == "ansible.module_utils" && len(names) > 1 {
			continue
		}
		s := a.onDisk(full)
		if s != nil {
			return a.include(full, s)
		}
		if to := a.m.redirectedUtil(full); to != "" {
			a.add(strings.ReplaceAll(full, ".", "/")+".py", fmt.Appendf(nil, "import sys\nimport %s as mod\nsys.modules[%q] = mod\n", to, full))
			return a.need(optional, to)
		}
		if s = builtinUtils(full); s != nil {
			return a.include(full, s)
		}
	}
	if optional {
		return nil
	}
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "'" + n + "'"
	}
	hint := ""
	if coreDir() == "" && strings.HasPrefix(names[0], "ansible.module_utils.") {
		hint = " goplay's own module_utils do not have it: install ansible-core on this machine, whose module_utils such modules need."
	}
	return fmt.Errorf("Could not find imported module support code for %s.  Looked for ([%s])%s", a.full, strings.Join(quoted, ", "), hint)
}

func (a *archiver) include(full string, s *source) error {
	if _, ok := a.files[s.name]; ok && len(a.files[s.name]) > 0 && s.name != "ansible/module_utils/__init__.py" {
		return nil
	}
	a.add(s.name, s.data)
	for p := full; strings.Count(p, ".") > 2; {
		p = p[:strings.LastIndex(p, ".")]
		if ps := a.locate(p); ps != nil && ps.isPackage && len(a.files[ps.name]) == 0 && len(ps.data) > 0 {
			a.add(ps.name, ps.data)
			if err := a.imports(p, ps.data, true); err != nil {
				return err
			}
		}
	}
	return a.imports(full, s.data, s.isPackage)
}

// script is the program that a target's Python reads from its standard input:
// it unpacks the archive, hands over the arguments and runs the module.
func (p *payload) script(args *value.Dict, openFiles int) ([]byte, error) {
	j, err := value.DumpJSON(value.DictOf("ANSIBLE_MODULE_ARGS", args), value.JSONOptions{EscapeASCII: true})
	if err != nil {
		return nil, err
	}
	limit := ""
	if openFiles > 0 {
		limit = fmt.Sprintf("import resource\nhard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"+
			"resource.setrlimit(resource.RLIMIT_NOFILE, (%d if hard < 0 else min(%[1]d, hard), hard))\n", openFiles)
	}
	return fmt.Appendf(nil, limit+`import base64, json, os, runpy, shutil, sys, tempfile
args = json.loads(base64.b64decode(%q))
mine = args['ANSIBLE_MODULE_ARGS']
base = os.path.expanduser(os.path.expandvars(mine['_ansible_remote_tmp']))
tmp = tempfile.mkdtemp(prefix='goplay-module-', dir=base if os.access(base, os.W_OK | os.X_OK) else None)
mine['_ansible_tmpdir'] = tmp  # else the module makes remote_tmp itself and warns
try:
    lib = os.path.join(tmp, 'payload.zip')
    with open(lib, 'wb') as f:
        f.write(base64.b64decode(%q))
    sys.path.insert(0, lib)
    sys.path[:] = [x for x in sys.path if x not in ('', os.getcwd())]
    from ansible.module_utils import basic
    basic._ANSIBLE_ARGS = json.dumps(args).encode()
    basic._ANSIBLE_PROFILE = 'legacy'
    runpy.run_module(%q, init_globals=dict(_module_fqn=%q, _modlib_path=lib), run_name='__main__', alter_sys=True)
    print('{"msg": "New-style module did not handle its own exit", "failed": true}')
    sys.exit(1)
finally:
    shutil.rmtree(tmp, True)
`, base64.StdEncoding.EncodeToString([]byte(j)), p.zip, p.name, p.name), nil
}
