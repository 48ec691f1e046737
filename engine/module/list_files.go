package module

var filesList = []*Def{
	blockinfileDef,
	copyDef,
	fileDef,
	lineinfileDef,
	replaceDef,
	slurpDef,
	statDef,
}
