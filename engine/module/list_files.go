package module

var filesList = []*Def{
	assembleDef,
	blockinfileDef,
	copyDef,
	fileDef,
	findDef,
	getDef,
	iniFileDef,
	knownHostsDef,
	lineinfileDef,
	putDef,
	replaceDef,
	scriptDef,
	slurpDef,
	statDef,
	tempfileDef,
	unarchiveDef,
}
