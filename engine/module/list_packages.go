package module

var packagesList = []*Def{
	apacheDef,
	aptDef,
	aptKeyDef,
	aptRepositoryDef,
	composerDef,
	deb822Def,
	dnfDef,
	dpkgDivertDef,
	dpkgSelectionsDef,
	dnf5Def,
	gemDef,
	npmDef,
	packageDef,
	pacmanDef,
	rpmKeyDef,
	yumDef,
	yumRepositoryDef,
}
