package module

var packagesList = []*Def{}
