package module

var commandsList = []*Def{
	asyncStatusDef,
	commandDef,
	foreignDef,
	cronDef,
	getentDef,
	gitDef,
	pingDef,
	pipDef,
	shellDef,
}
