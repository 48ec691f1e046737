package module

var packagesList = []*Def{
	aptDef,
	dnfDef,
	dnf5Def,
	packageDef,
	yumDef,
}
