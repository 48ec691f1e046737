package module

var systemList = []*Def{
	groupDef,
	serviceDef,
	setupDef,
	systemdDef,
	userDef,
}
