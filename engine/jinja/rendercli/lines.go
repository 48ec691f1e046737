// Package rendercli is what `goplay render` does: a template file for a host,
// or with --lines a list of expressions.
//
// It imports engine/value and engine/jinja/templar; cmd/goplay wires it.
package rendercli

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// Lines answers JSON lines {"id", "kind", "src"} with {"id", "ok"} and one of
// "value", "undefined" (a name) and "error". Kinds: T a string with delimiters,
// E a bare condition, F the content of a template file. There are no variables
// and no lookups.
func Lines(r io.Reader, w io.Writer) error {
	eng := templar.NewEngine(templar.Options{ErrorOnUndef: true})
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 256<<20)
	out := bufio.NewWriter(w)
	for sc.Scan() {
		line := bytes.TrimSpace(sc.Bytes())
		if len(line) == 0 {
			continue
		}
		in, err := value.ParseJSON(line)
		if err != nil {
			return err
		}
		d, ok := in.(*value.Dict)
		if !ok {
			return errors.New("each line must be a JSON object with id, kind and src")
		}
		out.Write(value.JSON(answer(eng, d)))
		out.WriteByte('\n')
	}
	if err := sc.Err(); err != nil {
		return err
	}
	return out.Flush()
}

func answer(eng *templar.Engine, d *value.Dict) *value.Dict {
	t := eng.New(templar.DictVars{Dict: value.NewDict()}, templar.Scope{})
	src := value.Str(d.At("src"))
	var v value.Value
	var err error
	switch value.Str(d.At("kind")) {
	case "E":
		v, err = t.EvalNative(src, value.Pos{})
	case "F":
		v, err = t.RenderFile(src, templar.FileOptions{})
	default:
		v, err = t.Render(src, value.Pos{})
	}
	res := value.DictOf("id", d.At("id"), "ok", true)
	var e *templar.Error
	switch {
	case err == nil:
		res.Set("value", v)
	case errors.As(err, &e) && e.IsSyntax:
		res.Set("ok", false)
		res.Set("error", e.Msg)
	case errors.As(err, &e) && e.IsUndefined:
		res.Set("undefined", e.Name)
	default:
		res.Set("error", err.Error())
	}
	return res
}

// RenderFile renders the template file at path for the host whose variables t
// sees, and writes the text to w.
func RenderFile(t *templar.Templar, path string, o templar.FileOptions, w io.Writer) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	o.Path = path
	text, err := t.RenderFile(string(data), o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}
