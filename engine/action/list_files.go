package action

// fileActions bring files to targets and back.
var fileActions = map[string]*Def{
	"ansible.builtin.copy":     {Run: copyAction},
	"ansible.builtin.template": {Run: templateAction},
}
