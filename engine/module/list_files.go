package module

var filesList = []*Def{
	archiveDef,
	assembleDef,
	authorizedKeyDef,
	blockinfileDef,
	copyDef,
	fileDef,
	findDef,
	getDef,
	htpasswdDef,
	iniFileDef,
	knownHostsDef,
	lineinfileDef,
	pamLimitsDef,
	putDef,
	replaceDef,
	scriptDef,
	slurpDef,
	statDef,
	tempfileDef,
	unarchiveDef,
}
