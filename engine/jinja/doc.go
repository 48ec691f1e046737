// Package jinja is the home of the template engine: lex, expr and stmt read
// Jinja2, pongo keeps compiled templates in pongo2, builtin has filters, tests
// and globals, py what Python's types do, templar what the rest of the engine
// uses. It holds the conformance test and no code.
package jinja
