package module

var packagesList = []*Def{
	aptDef,
	aptKeyDef,
	aptRepositoryDef,
	deb822Def,
	dnfDef,
	dpkgDivertDef,
	dpkgSelectionsDef,
	dnf5Def,
	packageDef,
	pacmanDef,
	rpmKeyDef,
	yumDef,
	yumRepositoryDef,
}
