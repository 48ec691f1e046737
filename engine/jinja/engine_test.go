package jinja_test

import (
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/lookup"
)

var (
	engine       = templar.NewEngine(templar.Options{ErrorOnUndef: true, Lookups: lookup.All(lookup.Deps{})})
	nativeEngine = templar.NewEngine(templar.Options{ErrorOnUndef: true, Lookups: lookup.All(lookup.Deps{}), Native: true})
)
