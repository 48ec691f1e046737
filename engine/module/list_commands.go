package module

var commandsList = []*Def{
	asyncStatusDef,
	commandDef,
	pingDef,
	shellDef,
}
