package action

// playActions steer the play itself.
var playActions = map[string]*Def{
	"ansible.builtin.add_host":     {Run: addHost, NoHost: true, Bypass: true},
	"ansible.builtin.assert":       {Run: assert, NoHost: true, RawArgs: true, BareErrors: true},
	"ansible.builtin.async_status": {Run: asyncStatus},
	"ansible.builtin.debug":        {Run: debug, NoHost: true, RawArgs: true},
	"ansible.builtin.fail":         {Run: fail, NoHost: true},
	"ansible.builtin.gather_facts": {Run: gatherFacts},
	"ansible.builtin.group_by":     {Run: groupBy, NoHost: true},
	"ansible.builtin.include_vars": {Run: includeVars, NoHost: true, BareErrors: true},
	"ansible.builtin.pause":        {Run: pause, NoHost: true, Bypass: true},
	"ansible.builtin.set_fact":     {Run: setFact, NoHost: true},
	"ansible.builtin.user":         {Run: userAccount},
	"ansible.builtin.set_stats":    {Run: setStats, NoHost: true},

	"ansible.builtin.validate_argument_spec": {Run: validateArgumentSpec, NoHost: true},
}
