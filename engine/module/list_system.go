package module

var systemList = []*Def{}
