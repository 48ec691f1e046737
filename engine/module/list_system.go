package module

var systemList = []*Def{
	setupDef,
}
