package module

var systemList = []*Def{
	firewalldDef,
	firewalldInfoDef,
	groupDef,
	serviceDef,
	setupDef,
	systemdDef,
	userDef,
}
