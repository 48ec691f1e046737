package run

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/connect"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vars"
)

// wiring joins one execution to its host: which connection, as whom, and how
// modules are run over it.
type wiring struct {
	tr       *taskRun
	view     *vars.View
	t        *templar.Templar
	s        settings
	c        *action.Context
	x        *execution
	goal     connect.Target
	asyncDir string
}

// connVars reads connection variables of one host.
type connVars struct {
	t   *templar.Templar
	err error
}

func (v *connVars) text(names ...string) (string, bool) {
	for _, n := range names {
		raw, pos, ok := v.t.Vars().Lookup(n)
		if !ok || raw == nil {
			continue
		}
		r := raw
		if s, isText := raw.(string); !isText || templar.IsTemplate(s) {
			var err error
			if r, err = v.t.Render(raw, pos); err != nil {
				if v.err == nil {
					v.err = err
				}
				continue
			}
		}
		if sec, ok := r.(*value.Secret); ok {
			s, err := sec.Reveal()
			if err != nil && v.err == nil {
				v.err = err
			}
			return s, true
		}
		if r != nil && !isOmit(v.t, r) {
			return value.Str(r), true
		}
	}
	return "", false
}

func (v *connVars) set(to *string, names ...string) {
	if s, ok := v.text(names...); ok {
		*to = s
	}
}

func (v *connVars) boolean(to *bool, names ...string) {
	if s, ok := v.text(names...); ok {
		if b, ok := ToBool(s); ok {
			*to = b
		}
	}
}

// target works out how the host (or the one delegated to) is reached.
func (w *wiring) target() error {
	tr := w.tr
	name := tr.h.name
	t := w.t
	kw := keywords{t: w.t, node: tr.task}
	g := tr.r.o.Connection
	if s, ok := kw.text(playbook.KeyConnection); ok {
		g.Connection = s
	}
	if s, ok := kw.text(playbook.KeyRemoteUser); ok {
		g.User = s
	}
	if n := kw.number(playbook.KeyPort, 0); n > 0 {
		g.Port = int(n)
	}
	become := kw.boolean(playbook.KeyBecome, tr.r.o.Become)
	b := tr.r.o.BecomeDefaults
	if s, ok := kw.text(playbook.KeyBecomeMethod); ok {
		b.Method = s
	}
	if s, ok := kw.text(playbook.KeyBecomeUser); ok {
		b.User = s
	}
	if s, ok := kw.text(playbook.KeyBecomeFlags); ok {
		b.Flags = s
	}
	if s, ok := kw.text(playbook.KeyBecomeExe); ok {
		b.Exe = s
	}
	if kw.err != nil {
		return kw.err
	}
	if w.s.delegate != "" {
		name = w.s.delegate
		t = tr.delegateTemplar(name)
		if isLocalName(name) && !tr.r.o.Inventory.Has(name) {
			g.Connection = "local"
		}
	}
	cv := &connVars{t: t}
	if err := cv.reach(&g, name); err != nil {
		return err
	}
	cv.set(&g.RemoteTmp, "ansible_remote_tmp")
	cv.set(&g.Shell, "ansible_shell_executable")
	if s, ok := cv.text("ansible_ssh_timeout", "ansible_timeout"); ok {
		if n, err := strconv.Atoi(s); err == nil {
			g.Timeout = time.Duration(n) * time.Second
		}
	}
	if s, ok := cv.text("ansible_ssh_retries"); ok {
		if n, err := strconv.Atoi(s); err == nil {
			g.Retries = n
		}
	}
	cv.boolean(&become, "ansible_become")
	cv.set(&b.Method, "ansible_become_method")
	if become {
		if b.Method == "" {
			b.Method = "sudo"
		}
		if err := checkBecome(b.Method); err != nil {
			return err
		}
		b.Method = strings.TrimPrefix(b.Method, "ansible.builtin.")
		cv.set(&b.User, "ansible_become_user", "ansible_"+b.Method+"_user")
		cv.set(&b.Exe, "ansible_become_exe", "ansible_"+b.Method+"_exe")
		cv.set(&b.Flags, "ansible_become_flags", "ansible_"+b.Method+"_flags")
		if s, ok := cv.text("ansible_become_password", "ansible_become_pass", "ansible_"+b.Method+"_pass", "ansible_"+b.Method+"_password"); ok {
			b.Password, b.HasPass = s, true
		}
		if b.User == "" {
			b.User = "root"
		}
		g.Become = b
	}
	w.asyncDir = tr.r.o.AsyncDir
	cv.set(&w.asyncDir, "ansible_async_dir")
	for _, e := range w.s.env {
		if dir, ok := strings.CutPrefix(e, "ANSIBLE_ASYNC_DIR="); ok {
			w.asyncDir = dir
		}
	}
	w.c.AsyncDir = w.asyncDir
	silent := tr.r.o.NoTargetSyslog
	cv.boolean(&silent, "ansible_no_target_syslog")
	w.c.Task.Syslog, w.c.Task.LogInfo = "", tr.r.o.LogInfo
	if !silent {
		w.c.Task.Syslog = tr.r.o.Facility
	}
	cv.set(&w.c.Task.LogInfo, "ansible_target_log_info")
	if cv.err != nil {
		return cv.err
	}
	g.Connection = connectionName(g.Connection)
	switch g.Connection {
	case "local":
		g.Port, g.Password, g.KeyFile, g.CommonArgs, g.ExtraArgs = 0, "", "", "", ""
		var err error
		if g.Dir, err = filepath.Abs(tr.ps.baseDir()); err != nil {
			return err
		}
	case "ssh":
	default:
		return fmt.Errorf("the connection plugin '%s' was not found", g.Connection)
	}
	w.goal = g
	w.c.Host.Address, w.c.Host.Connection, w.c.Host.Local = g.Host, g.Connection, g.Connection == "local"
	w.c.Task.BecomeMethod = g.Become.Method
	w.c.Task.Become, w.c.Task.BecomeUser, w.c.Task.RemoteUser, w.c.Task.RemoteTmp = become, b.User, g.User, g.RemoteTmp
	return nil
}

// reach reads how the host of that name is connected to.
func (v *connVars) reach(g *connect.Target, name string) error {
	g.Name, g.Host = name, name
	v.set(&g.Connection, "ansible_connection")
	v.set(&g.Host, "ansible_host", "ansible_ssh_host")
	if s, ok := v.text("ansible_port", "ansible_ssh_port"); ok {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil {
			return fmt.Errorf("ansible_port of %s is not a number: %q", name, s)
		}
		g.Port = n
	}
	v.set(&g.User, "ansible_user", "ansible_ssh_user")
	v.set(&g.Password, "ansible_password", "ansible_ssh_pass", "ansible_ssh_password")
	v.set(&g.KeyFile, "ansible_private_key_file", "ansible_ssh_private_key_file")
	v.set(&g.KeyPassphrase, "ansible_ssh_private_key_passphrase")
	if s, ok := v.text("ansible_ssh_args"); ok {
		g.CommonArgs = s
	}
	if s, ok := v.text("ansible_ssh_common_args"); ok {
		g.CommonArgs = strings.TrimSpace(g.CommonArgs + " " + s)
	}
	v.set(&g.ExtraArgs, "ansible_ssh_extra_args")
	v.boolean(&g.HostKeyChecking, "ansible_host_key_checking", "ansible_ssh_host_key_checking")
	return nil
}

// origin is how the task's own host is reached, also where the task is delegated.
func (w *wiring) origin() (action.Reach, error) {
	g := w.goal
	if w.s.delegate != "" {
		g = w.tr.r.o.Connection
		if s, ok := (&keywords{t: w.t, node: w.tr.task}).text(playbook.KeyRemoteUser); ok {
			g.User = s
		}
		cv := &connVars{t: w.t}
		if err := cv.reach(&g, w.tr.h.name); err != nil {
			return action.Reach{}, err
		}
		if cv.err != nil {
			return action.Reach{}, cv.err
		}
		g.Connection = connectionName(g.Connection)
	}
	return action.Reach{Connection: g.Connection, Address: g.Host, Port: g.Port, User: g.User, Password: g.Password, KeyFile: g.KeyFile,
		Args: strings.TrimSpace(g.CommonArgs + " " + g.ExtraArgs)}, nil
}

// connectionName folds the names of one kind of connection.
func connectionName(s string) string {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "ansible.builtin."), "ansible.legacy.")
	switch s {
	case "", "smart", "paramiko", "paramiko_ssh":
		return "ssh"
	}
	return s
}

func isLocalName(n string) bool { return n == "localhost" || n == "127.0.0.1" || n == "::1" }

// delegateTemplar renders with the variables of the host delegated to.
func (tr *taskRun) delegateTemplar(name string) *templar.Templar {
	v := tr.r.o.Store.TaskView(name, tr.ps.vars, tr.task, tr.ps.magic(tr.task, nil))
	return tr.r.o.Engine.New(v, templar.Scope{Basedir: tr.ps.baseDir(), Find: tr.ps.finder(tr.task)})
}

// connect fills in what actions use to reach the target.
func (w *wiring) connect() {
	w.c.Session = func() (remote.Session, error) { return w.tr.r.o.Opener.Open(w.c, w.goal) }
	w.c.Raw = func(cmd string, stdin []byte) (*remote.ExecResult, error) {
		return w.tr.r.o.Opener.Raw(w.c, w.goal, cmd, stdin)
	}
	w.c.Origin = w.origin
	w.c.Reset = func() error { return w.tr.r.o.Opener.Reset(w.goal) }
	w.c.ModuleBlob = w.module
	w.c.Module = func(name string, args *value.Dict, blob []byte) (*value.Dict, error) {
		d, _, err := w.module(name, args, blob)
		return d, err
	}
}

// module runs a module on the target.
func (w *wiring) module(name string, args *value.Dict, blob []byte) (*value.Dict, []byte, error) {
	tr := w.tr
	def, native := module.Lookup(name)
	if native && !strings.Contains(name, ".") && tr.r.o.Foreign != nil && tr.r.o.Foreign.Own(name) {
		native = false
	}
	if !native {
		if tr.r.o.Foreign != nil && tr.r.o.Foreign.Has(name, nil) {
			d, err := tr.r.o.Foreign.Run(w.c, w.c, name, args)
			return d, nil, err
		}
		return nil, nil, &action.UnknownModule{Action: w.c.Action}
	}
	s, err := w.c.Session()
	if err != nil {
		return nil, nil, err
	}
	shown := name
	if d, ok := module.Lookup(w.c.Action); ok && d == def && name == w.c.Name {
		shown = w.c.Action // error texts name the module as the task does
	}
	req := &remote.Request{Module: shown, Args: args, Check: w.s.check, Diff: w.s.diff, NoLog: w.x.noLog,
		Verbosity: tr.r.o.Verbosity, Env: w.s.env, Tmpdir: w.goal.RemoteTmp, RemoteUser: w.goal.User, Blob: blob,
		Syslog: w.c.Task.Syslog, LogInfo: w.c.Task.LogInfo}
	if w.s.async > 0 && (name == w.c.Name || name == module.ForeignName) {
		d, err := w.async(s, req)
		return d, nil, err
	}
	tr.emit(event.Message{Level: 3, Host: tr.h.name, Text: "EXEC " + def.Name})
	resp, err := s.Do(w.c, req)
	if err != nil {
		return nil, nil, err
	}
	// What a host says is never rendered again.
	return value.MarkUnsafe(resp.Result).(*value.Dict), resp.Blob, nil
}
