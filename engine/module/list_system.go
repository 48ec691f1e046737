package module

var systemList = []*Def{
	firewalldDef,
	firewalldInfoDef,
	groupDef,
	hostnameDef,
	modprobeDef,
	mountDef,
	mountFactsDef,
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
