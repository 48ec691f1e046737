// Package labtest holds the tests that need real hosts: they boot the lab's, run the program under test
// against them and look at the hosts afterwards.
//
// They run when GOPLAY_LAB is set (`make test` sets it where the machine can run the lab). GOPLAY_BIN names
// the program, bin/goplay unless set; ansible-playbook can be given to check the tests themselves.
//
// The package drives programs only; it imports nothing of the engine.
package labtest
