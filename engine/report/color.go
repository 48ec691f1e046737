package report

import (
	"fmt"
	"strconv"
	"strings"
)

// kinds are the kinds of text and their colours, by the names of the entries of
// ansible.cfg's section colors.
var kinds = map[string]string{
	"changed": "yellow", "console_prompt": "white", "debug": "dark gray", "deprecate": "purple", "diff_add": "green",
	"diff_lines": "cyan", "diff_remove": "red", "error": "red", "highlight": "white", "included": "cyan", "ok": "green",
	"skip": "cyan", "unreachable": "bright red", "verbose": "blue", "warn": "bright purple",
	"doc_constant": "dark gray", "doc_deprecated": "magenta", "doc_link": "cyan", "doc_module": "yellow",
	"doc_plugin": "yellow", "doc_reference": "magenta",
}

// ColorKinds are the kinds of text that have a colour of their own.
func ColorKinds() []string { return sortedKeys(kinds) }

// Ansible's names of colours and their codes.
var colors = map[string]string{
	"black": "0;30", "bright gray": "0;37", "blue": "0;34", "white": "1;37",
	"green": "0;32", "cyan": "0;36", "bright green": "1;32", "red": "0;31",
	"bright cyan": "1;36", "purple": "0;35", "bright red": "1;31", "yellow": "0;33",
	"bright purple": "1;35", "dark gray": "1;30", "magenta": "0;35",
	"bright magenta": "1;35", "normal": "0", "bright blue": "1;34", "bright yellow": "1;33",
}

// code is the terminal's code of a kind of text, "" where it has none. Colours
// are names, color123, rgbRGB with digits 0 to 5, or gray0 to gray23.
func (s *Screen) code(kind string) string {
	name, set := s.Colors[kind]
	if !set {
		name = kinds[kind]
	}
	if c, ok := colors[name]; ok {
		return c
	}
	if n, ok := strings.CutPrefix(name, "color"); ok && isNumber(n) {
		return "38;5;" + n
	}
	if n, ok := strings.CutPrefix(name, "gray"); ok && isNumber(n) {
		i, _ := strconv.Atoi(n)
		return fmt.Sprintf("38;5;%d", 232+i)
	}
	if n, ok := strings.CutPrefix(name, "rgb"); ok && len(n) == 3 && isNumber(n) {
		return fmt.Sprintf("38;5;%d", 16+36*int(n[0]-'0')+6*int(n[1]-'0')+int(n[2]-'0'))
	}
	return ""
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 8)
	return err == nil
}

// Paint wraps every line of text in the codes of its kind's colour.
func (s *Screen) Paint(text, kind string) string {
	if !s.Color || kind == "" {
		return text
	}
	code := s.code(kind)
	if code == "" {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = "\x1b[" + code + "m" + l + "\x1b[0m"
	}
	return strings.Join(lines, "\n")
}
