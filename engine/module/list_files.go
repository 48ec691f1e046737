package module

var filesList = []*Def{
	slurpDef,
	statDef,
}
