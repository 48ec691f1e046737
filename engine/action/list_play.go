package action

// playActions steer the play itself.
var playActions = map[string]*Def{}
