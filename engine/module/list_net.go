package module

// netList has the modules that talk over the network.
var netList = []*Def{
	getURLDef,
	mailDef,
	uriDef,
	waitForDef,
}
