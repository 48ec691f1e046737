package module

// cryptoList has the modules of keys and certificates.
var cryptoList = []*Def{
	csrDef,
	csrInfoDef,
	csrPipeDef,
	dhparamDef,
	keyInfoDef,
	keypairDef,
	privatekeyDef,
	publickeyDef,
	x509Def,
	x509InfoDef,
	x509PipeDef,
}
