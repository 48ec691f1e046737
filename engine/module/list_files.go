package module

var filesList = []*Def{
	fileDef,
	slurpDef,
	statDef,
}
