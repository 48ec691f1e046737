package jinja_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

func TestErrs(t *testing.T) {
	if os.Getenv("ERRS") == "" {
		t.Skip()
	}
	for _, c := range readCases(t) {
		if !value.Truth(c.d.At("expected_error")) {
			continue
		}
		_, err := evaluate(c, t.TempDir())
		if err != nil {
			fmt.Printf("%s\t%s\t%s\t%s\n", c.id, value.JSON(c.d.At("template")), value.JSON(c.d.At("error")), value.JSON(err.Error()))
		}
	}
}
