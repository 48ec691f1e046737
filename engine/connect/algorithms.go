package connect

import (
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// applyAlgorithms sets what may be negotiated: the library's secure defaults,
// changed by the user's lists (+ adds, - removes, ^ puts first, else replaces).
func applyAlgorithms(s *settings, h *hostKeys, c *ssh.ClientConfig) {
	good, weak := ssh.SupportedAlgorithms(), ssh.InsecureAlgorithms()
	c.KeyExchanges = editList(s.get("kexalgorithms", ""), good.KeyExchanges, weak.KeyExchanges)
	c.Ciphers = editList(s.get("ciphers", ""), good.Ciphers, weak.Ciphers)
	c.MACs = editList(s.get("macs", ""), good.MACs, weak.MACs)
	keys := editList(s.get("hostkeyalgorithms", ""), good.HostKeys, weak.HostKeys)
	if own := s.get("hostkeyalgorithms", ""); own != "" && strings.IndexByte("+-^", own[0]) < 0 {
		c.HostKeyAlgorithms = keys // the user's own order
		return
	}
	c.HostKeyAlgorithms = h.algorithms(keys)
}

func editList(spec string, def, more []string) []string {
	if spec == "" {
		return slices.Clone(def)
	}
	op := spec[0]
	if strings.IndexByte("+-^", op) >= 0 {
		spec = spec[1:]
	} else {
		op = '='
	}
	var named []string
	for _, p := range strings.Split(spec, ",") {
		for _, a := range append(slices.Clone(def), more...) {
			if wildMatch(p, a) && !slices.Contains(named, a) {
				named = append(named, a)
			}
		}
	}
	rest := slices.DeleteFunc(slices.Clone(def), func(a string) bool { return slices.Contains(named, a) })
	switch op {
	case '+':
		return append(slices.Clone(def), slices.DeleteFunc(named, func(a string) bool { return slices.Contains(def, a) })...)
	case '-':
		return rest
	case '^':
		return append(named, rest...)
	}
	if len(named) == 0 {
		return slices.Clone(def)
	}
	return named
}
