package module

var packagesList = []*Def{
	aptDef,
	aptKeyDef,
	aptRepositoryDef,
	deb822Def,
	dnfDef,
	dpkgSelectionsDef,
	dnf5Def,
	packageDef,
	rpmKeyDef,
	yumDef,
	yumRepositoryDef,
}
