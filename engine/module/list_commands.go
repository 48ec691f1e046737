package module

var commandsList = []*Def{
	pingDef,
}
