package module

var filesList = []*Def{
	assembleDef,
	blockinfileDef,
	copyDef,
	fileDef,
	getDef,
	lineinfileDef,
	putDef,
	replaceDef,
	scriptDef,
	slurpDef,
	statDef,
}
