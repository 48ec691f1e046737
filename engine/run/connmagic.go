package run

import (
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// connAliases are the connection variables that tasks may read though nobody
// has set them, with their other names.
var connAliases = map[string]string{
	"ansible_connection": "", "ansible_host": "ansible_ssh_host", "ansible_ssh_host": "ansible_host",
	"ansible_user": "ansible_ssh_user", "ansible_ssh_user": "ansible_user", "ansible_port": "ansible_ssh_port", "ansible_ssh_port": "ansible_port",
	"ansible_password": "ansible_ssh_pass", "ansible_ssh_pass": "ansible_password", "ansible_shell_executable": "",
	"ansible_private_key_file": "ansible_ssh_private_key_file", "ansible_ssh_private_key_file": "ansible_private_key_file",
	"ansible_timeout": "ansible_ssh_timeout", "ansible_ssh_timeout": "ansible_timeout",
	"ansible_pipelining": "ansible_ssh_pipelining", "ansible_ssh_pipelining": "ansible_pipelining", "ansible_module_compression": "",
}

// connMagic answers connection variables that no layer has: from the keywords of
// task and play, the command line, the settings.
func (tr *taskRun) connMagic(name string) (value.Value, bool) {
	alias, known := connAliases[name]
	if !known || tr.inConn {
		return nil, false
	}
	tr.inConn = true // a keyword may be written with the very variable
	defer func() { tr.inConn = false }()
	if alias != "" {
		if v, _, ok := tr.view.Lookup(alias); ok {
			return v, true
		}
	}
	g := &tr.r.o.Connection
	keyword := func(k playbook.Key, def string) (value.Value, bool) {
		if s, ok := (&keywords{t: tr.t, node: tr.task}).text(k); ok {
			def = s
		}
		return def, def != ""
	}
	switch name {
	case "ansible_connection":
		v, _ := keyword(playbook.KeyConnection, g.Connection)
		return connectionName(value.Str(v)), true
	case "ansible_host", "ansible_ssh_host":
		if tr.delegate == "" {
			return tr.h.name, true
		}
		if v, _, ok := tr.r.o.Store.HostView(tr.delegate).Lookup(name); ok {
			return v, true
		}
		return tr.delegate, true
	case "ansible_user", "ansible_ssh_user":
		return keyword(playbook.KeyRemoteUser, g.User)
	case "ansible_port", "ansible_ssh_port":
		n := (&keywords{t: tr.t, node: tr.task}).number(playbook.KeyPort, float64(g.Port))
		return int64(n), n > 0
	case "ansible_password", "ansible_ssh_pass":
		return g.Password, g.Password != ""
	case "ansible_private_key_file", "ansible_ssh_private_key_file":
		return g.KeyFile, g.KeyFile != ""
	case "ansible_timeout", "ansible_ssh_timeout":
		return int64(g.Timeout.Seconds()), true
	case "ansible_shell_executable":
		return g.Shell, g.Shell != ""
	case "ansible_module_compression":
		return "ZIP_DEFLATED", true
	}
	return false, true // pipelining
}
