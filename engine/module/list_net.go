package module

var netList = []*Def{}
