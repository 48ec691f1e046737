package jinja_test

import (
	"github.com/goplay-engine/goplay/engine/jinja/templar"
)

var engine = templar.NewEngine(templar.Options{})
