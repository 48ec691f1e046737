package lookup

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
)

func csvfile(c *call) ([]Value, error) {
	out := []Value{}
	for _, term := range spread(c.terms) {
		t, err := builtin.Str(term)
		if err != nil {
			return nil, err
		}
		words, opts := keyValues(t)
		if len(words) == 0 {
			return nil, fmt.Errorf("Search key is required but was not found")
		}
		key := strings.Join(words, " ")
		get := func(name, def string) (string, error) {
			if v, ok := opts[name]; ok {
				return v, nil
			}
			return c.str(name, def)
		}
		for k := range opts {
			switch k {
			case "col", "default", "delimiter", "encoding", "file", "keycol":
			default:
				return nil, fmt.Errorf("%s is not a valid option", k)
			}
		}
		name, err := get("file", "ansible.csv")
		if err != nil {
			return nil, err
		}
		delim, err := get("delimiter", "\t")
		if err != nil {
			return nil, err
		}
		if delim == "TAB" {
			delim = "\t"
		}
		number := func(opt string, def string) (int, error) {
			s, err := get(opt, def)
			if err != nil {
				return 0, err
			}
			n, err := strconv.Atoi(s)
			if err != nil {
				return 0, fmt.Errorf("csvfile: %s must be a number, not %q", opt, s)
			}
			return n, nil
		}
		col, err := number("col", "1")
		if err != nil {
			return nil, err
		}
		keycol, err := number("keycol", "0")
		if err != nil {
			return nil, err
		}
		_, data, err := c.open(name)
		if err != nil {
			return nil, err
		}
		v, found, err := searchCSV(string(data), key, delim, col, keycol)
		if err != nil {
			return nil, fmt.Errorf("csvfile: %w", err)
		}
		var res Value = v
		if !found {
			res = c.opt("default", nil)
			if d, ok := opts["default"]; ok {
				res = d
			}
		}
		if res != nil {
			if l, ok := asList(res); ok {
				out = append(out, l...)
			} else {
				out = append(out, res)
			}
		}
	}
	return out, nil
}

func searchCSV(data, key, delim string, col, keycol int) (string, bool, error) {
	r := csv.NewReader(strings.NewReader(data))
	for _, d := range delim {
		r.Comma = d
		break
	}
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for {
		row, err := r.Read()
		if err == io.EOF {
			return "", false, nil
		}
		if err != nil {
			return "", false, err
		}
		if keycol < len(row) && keycol >= 0 && row[keycol] == key {
			if col < 0 || col >= len(row) {
				return "", false, fmt.Errorf("list index out of range: there is no column %d in the row of '%s'", col, key)
			}
			return row[col], true, nil
		}
	}
}
