package module

var commandsList = []*Def{
	asyncStatusDef,
	commandDef,
	foreignDef,
	pingDef,
	shellDef,
}
