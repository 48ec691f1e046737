package builtin

import (
	"strings"
)

func winSplit(t string) (drive, rest string) {
	if len(t) < 2 {
		return "", t
	}
	n := strings.ReplaceAll(t, "/", `\`)
	if strings.HasPrefix(n, `\\`) && !strings.HasPrefix(n, `\\\`) {
		i := strings.IndexByte(n[2:], '\\')
		if i < 0 {
			return t, ""
		}
		i += 2
		j := strings.IndexByte(n[i+1:], '\\')
		if j < 0 {
			return t, ""
		}
		return t[:i+1+j], t[i+1+j:]
	}
	if n[1] == ':' {
		return t[:2], t[2:]
	}
	return "", t
}

func winBasename(t string) string {
	_, p := winSplit(t)
	return p[strings.LastIndexAny(p, `/\`)+1:]
}

func winDirname(t string) string {
	d, p := winSplit(t)
	head := p[:strings.LastIndexAny(p, `/\`)+1]
	if trimmed := strings.TrimRight(head, `/\`); trimmed != "" {
		head = trimmed
	}
	return d + head
}
