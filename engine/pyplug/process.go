package pyplug

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/value"
)

// helper is the program that runs plugins, and the part of Ansible they import.
//
//go:embed all:helper
var helper embed.FS

// most is how many processes serve calls at once; calls that plugins cause while
// they run have others.
const most = 4

// pool keeps idle processes.
type pool struct {
	owner *Plugins

	mu     sync.Mutex
	closed bool
	idle   []*process
	slots  chan struct{}
	dir    string // the helper's files
	err    error
}

// process is one Python with the helper.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	log *tail
	gen int
}

// tail keeps the end of what is written to it, for messages; it shows all of it.
type tail struct {
	mu   sync.Mutex
	last []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, b...)
	if n := len(t.last) - 4096; n > 0 {
		t.last = t.last[n:]
	}
	return os.Stderr.Write(b)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.last))
}

func (p *pool) take(nested bool) (*process, error) {
	p.mu.Lock()
	if p.slots == nil {
		p.slots = make(chan struct{}, most)
	}
	p.mu.Unlock()
	if !nested {
		p.slots <- struct{}{}
	}
	c, err := p.ready()
	if err != nil && !nested {
		<-p.slots
	}
	return c, err
}

// ready returns a process that knows the folders of now.
func (p *pool) ready() (*process, error) {
	p.mu.Lock()
	var c *process
	if n := len(p.idle); n > 0 {
		c, p.idle = p.idle[n-1], p.idle[:n-1]
	}
	p.mu.Unlock()
	if c == nil {
		var err error
		if c, err = p.start(); err != nil {
			return nil, err
		}
	}
	o := p.owner
	o.mu.Lock()
	gen := o.gen
	dirs := value.DictOf("op", "dirs", "filter", value.From(o.opts.Filter), "test", value.From(o.opts.Test), "lookup", value.From(o.opts.Lookup), "roots", value.From(o.opts.Collections))
	o.mu.Unlock()
	if c.gen == gen {
		return c, nil
	}
	c.gen = gen
	if err := c.send(dirs); err != nil {
		return nil, err
	}
	_, err := c.receive()
	return c, err
}

func (p *pool) give(c *process, broken, nested bool) {
	p.mu.Lock()
	if broken || p.closed {
		c.end()
	} else {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	if !nested {
		<-p.slots
	}
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, c := range p.idle {
		c.end()
	}
	p.idle = nil
	if p.dir != "" {
		_ = os.RemoveAll(p.dir)
		p.dir = ""
	}
}

// unpack writes the helper to a private folder, once.
func (p *pool) unpack() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return "", errors.New("the run has ended")
	}
	if p.dir != "" || p.err != nil {
		return p.dir, p.err
	}
	dir, err := os.MkdirTemp("", "goplay-plugins-")
	if err == nil {
		err = copyFS(helper, "helper", dir)
	}
	if err == nil && p.owner.opts.Utils != nil {
		err = copyFS(p.owner.opts.Utils, ".", filepath.Join(dir, "compat", "ansible", "module_utils"))
	}
	p.dir, p.err = dir, err
	return dir, err
}

// copyFS writes files to a folder; those that are there stay.
func copyFS(from fs.FS, root, to string) error {
	return fs.WalkDir(from, root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		dest := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(dest, 0o700)
		}
		if _, err := os.Stat(dest); err == nil {
			return nil
		}
		data, err := fs.ReadFile(from, p)
		if err != nil {
			return err
		}
		return os.WriteFile(dest, data, 0o600)
	})
}

func (p *pool) start() (*process, error) {
	python := p.owner.opts.Python
	if python == "" {
		for _, n := range []string{"/usr/bin/python3", "python3", "python"} {
			if path, err := exec.LookPath(n); err == nil {
				python = path
				break
			}
		}
	}
	if python == "" {
		return nil, errors.New("plugins written in Python need a python3 on this machine, and none was found: install python3")
	}
	dir, err := p.unpack()
	if err != nil {
		return nil, err
	}
	base := p.owner.opts.Ansible
	if base == "" {
		base = filepath.Join(dir, "compat", "ansible")
	}
	c := &process{cmd: exec.Command(python, filepath.Join(dir, "main.py")), log: &tail{}, gen: -1}
	c.cmd.Env = append(os.Environ(), "PYTHONPATH="+strings.Trim(filepath.Join(dir, "shim")+string(os.PathListSeparator)+os.Getenv("PYTHONPATH"), string(os.PathListSeparator)),
		"GOPLAY_ANSIBLE_PATH="+base, "GOPLAY_ANSIBLE_VERSION="+p.owner.opts.Version, "GOPLAY_VERBOSITY="+strconv.Itoa(p.owner.opts.Verbosity),
		"PYTHONDONTWRITEBYTECODE=1", "PYTHONUTF8=1")
	c.cmd.Stderr = c.log
	apart(c.cmd)
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReaderSize(out, 64<<10)
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s, which is to run plugins, cannot be started: %w", python, err)
	}
	return c, nil
}

func (c *process) send(d *value.Dict) error {
	text, err := value.DumpJSON(pack(d), value.JSONOptions{EscapeASCII: true})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(c.in, text+"\n"); err != nil {
		return c.gone()
	}
	return nil
}

func (c *process) receive() (*value.Dict, error) {
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return nil, c.gone()
	}
	v, err := value.ParseJSON(line)
	d, ok := v.(*value.Dict)
	if err != nil || !ok {
		return nil, fmt.Errorf("the process that runs Python plugins gave an answer that cannot be read: %.200q", line)
	}
	return unpack(d).(*value.Dict), nil
}

// gone says how the process ended.
func (c *process) gone() error {
	return fmt.Errorf("the Python process that runs plugins has ended: %s", c.log)
}

func (c *process) end() {
	_ = c.in.Close()
	go func() { _ = c.cmd.Wait() }()
}
