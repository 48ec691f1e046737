package module

var filesList = []*Def{
	blockinfileDef,
	copyDef,
	fileDef,
	lineinfileDef,
	putDef,
	replaceDef,
	slurpDef,
	statDef,
}
