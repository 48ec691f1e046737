package module

var commandsList = []*Def{
	commandDef,
	pingDef,
	shellDef,
}
