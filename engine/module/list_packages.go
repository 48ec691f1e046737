package module

var packagesList = []*Def{
	aptDef,
}
