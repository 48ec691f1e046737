package module

var commandsList = []*Def{
	asyncStatusDef,
	commandDef,
	foreignDef,
	cronDef,
	expectDef,
	getentDef,
	gitDef,
	pingDef,
	pipDef,
	shellDef,
}
