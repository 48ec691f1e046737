package action

// systemActions reach for a host's power and connection.
var systemActions = map[string]*Def{
	"ansible.builtin.package":             {Run: installPackage, Async: true},
	"ansible.builtin.service":             {Run: manageService, Async: true},
	"ansible.builtin.reboot":              {Run: reboot},
	"ansible.builtin.wait_for_connection": {Run: waitForConnection},
}
