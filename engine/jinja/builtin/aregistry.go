package builtin

// ansibleFilters are the filters of ansible.builtin.
var ansibleFilters = map[string]Func{}

// ansibleTests are the tests of ansible.builtin.
var ansibleTests = map[string]Func{}
