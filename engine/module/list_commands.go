package module

var commandsList = []*Def{
	asyncStatusDef,
	commandDef,
	foreignDef,
	getentDef,
	pingDef,
	pipDef,
	shellDef,
}
