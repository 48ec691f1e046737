package action

// systemActions reach for a host's power and connection.
var systemActions = map[string]*Def{
	"ansible.builtin.reboot":              {Run: reboot},
	"ansible.builtin.wait_for_connection": {Run: waitForConnection},
}
