package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/goplay-engine/goplay/engine/connect"
	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/remote"
)

func TestMain(m *testing.M) {
	connect.KeeperMain()
	remote.HelperMain(module.Execute)
	testscript.Main(m, map[string]func(){"goplay": main})
}

// TestScripts drives the program with playbooks whose output was recorded from
// ansible-playbook.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("ANSIBLE_CONFIG", os.DevNull)
			return nil
		},
	})
}
