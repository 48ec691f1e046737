package module

var systemList = []*Def{
	serviceDef,
	setupDef,
	systemdDef,
}
