//go:build !linux

package module

func (s *dialogue) run([]string, string, bool) (int, string, error) {
	return 0, "", Errorf("expect needs Linux's pseudo-terminals")
}
