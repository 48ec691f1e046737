package module

var filesList = []*Def{
	blockinfileDef,
	fileDef,
	lineinfileDef,
	replaceDef,
	slurpDef,
	statDef,
}
