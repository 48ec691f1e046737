package module

var packagesList = []*Def{
	aptDef,
	aptKeyDef,
	aptRepositoryDef,
	deb822Def,
	dnfDef,
	dnf5Def,
	packageDef,
	rpmKeyDef,
	yumDef,
	yumRepositoryDef,
}
