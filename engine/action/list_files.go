package action

// fileActions bring files and programs to targets, and files back.
var fileActions = map[string]*Def{
	"ansible.builtin.assemble":  {Run: assembleAction},
	"ansible.builtin.copy":      {Run: copyAction},
	"ansible.builtin.fetch":     {Run: fetchAction},
	"ansible.builtin.raw":       {Run: rawAction},
	"ansible.builtin.script":    {Run: scriptAction},
	"ansible.builtin.template":  {Run: templateAction},
	"ansible.builtin.unarchive": {Run: unarchiveAction},
	"ansible.builtin.uri":       {Run: uriAction},
}
