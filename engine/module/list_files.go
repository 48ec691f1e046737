package module

var filesList = []*Def{
	assembleDef,
	blockinfileDef,
	copyDef,
	fileDef,
	findDef,
	getDef,
	lineinfileDef,
	putDef,
	replaceDef,
	scriptDef,
	slurpDef,
	statDef,
	tempfileDef,
	unarchiveDef,
}
