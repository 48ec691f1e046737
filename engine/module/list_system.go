package module

var systemList = []*Def{
	firewalldDef,
	firewalldInfoDef,
	groupDef,
	hostnameDef,
	packageFactsDef,
	sebooleanDef,
	selinuxDef,
	serviceDef,
	serviceFactsDef,
	setupDef,
	sysctlDef,
	systemdDef,
	userDef,
}
