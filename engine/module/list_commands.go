package module

var commandsList = []*Def{
	asyncStatusDef,
	atDef,
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
