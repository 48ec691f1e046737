package kv

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func text(t *testing.T, d *Data) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.write(&b, newStaged()); err != nil {
		t.Fatal(err)
	}
	if int64(b.Len()) != d.Bytes() {
		t.Errorf("the file has %d bytes, Bytes says %d:\n%s", b.Len(), d.Bytes(), b.String())
	}
	return b.String()
}

func TestParse(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"nothing":                {"", "{}\n"},
		"blanks":                 {" \r\n\t", "{}\n"},
		"empty object":           {"{}", "{}\n"},
		"byte order mark":        {"\uFEFF{\"a\": [\"x\"]}", "{\n\"a\": [\"x\"]\n}\n"},
		"byte order mark alone":  {"\uFEFF", "{}\n"},
		"other layout":           {"{ \"a\"\n:[\t\"x\" ,\"y\"]\r\n,\"b\":[]}", "{\n\"a\": [\"x\", \"y\"],\n\"b\": []\n}\n"},
		"escapes":                {`{"a": ["\u0041\/\n\u001f\"\\\ud83d\ude00é"]}`, "{\n\"a\": [\"A/\\n\\u001f\\\"\\\\😀é\"]\n}\n"},
		"half surrogates":        {`{"\udc80": ["\ud800x", "\udfff\ud800"]}`, "{\n\"\\udc80\": [\"\\ud800x\", \"\\udfff\\ud800\"]\n}\n"},
		"last of UTF-8 below":    {"{\"a\": [\"\uD7FF\uE000\"]}", "{\n\"a\": [\"\uD7FF\uE000\"]\n}\n"},
		"order is kept":          {`{"b": ["1"], "a": ["2"]}`, "{\n\"b\": [\"1\"],\n\"a\": [\"2\"]\n}\n"},
		"a key twice":            {`{"a": ["1"], "b": [], "\u0061": ["2", "3"]}`, "{\n\"a\": [\"1\", \"2\", \"3\"],\n\"b\": []\n}\n"},
		"a key twice, once bare": {`{"a": [], "a": ["2"], "a": []}`, "{\n\"a\": [\"2\"]\n}\n"},
		"empty key and value":    {`{"": [""]}`, "{\n\"\": [\"\"]\n}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Parse([]byte(c.src))
			if err != nil {
				t.Fatal(err)
			}
			if got := text(t, d); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	for src, want := range map[string]string{
		`[]`:                           `line 1, column 1 (byte 0): expected an object, {"key": ...}, found a list`,
		`null`:                         `line 1, column 1 (byte 0): expected an object, {"key": ...}, found null`,
		`{`:                            `line 1, column 2 (byte 1): expected a key in quotation marks or }, found the end of the file`,
		`{"é": 1.5}`:                   `line 1, column 7 (byte 7): expected a list of strings under the key "é", found a number`,
		"{\n \"a\": \"x\"}":            `line 2, column 7 (byte 8): expected a list of strings under the key "a", found a string`,
		`{"a": {}}`:                    `line 1, column 7 (byte 6): expected a list of strings under the key "a", found an object`,
		`{"a": ["x", 3]}`:              `line 1, column 13 (byte 12): expected a string in the list of "a", found a number`,
		`{"a": ["x", null]}`:           `line 1, column 13 (byte 12): expected a string in the list of "a", found null`,
		`{"a": [["x"]]}`:               `line 1, column 8 (byte 7): expected a string in the list of "a", found a list`,
		`{"a": ["x",]}`:                `line 1, column 12 (byte 11): expected a string in the list of "a", found ']'`,
		`{"a": ["x"],}`:                `line 1, column 13 (byte 12): expected a key in quotation marks after the comma, found '}'`,
		`{"a": ["x"]`:                  `line 1, column 12 (byte 11): expected a comma or } after the value of "a", found the end of the file`,
		`{"a": ["x"] "b"`:              `line 1, column 13 (byte 12): expected a comma or } after the value of "a", found a string`,
		`{"a" ["x"]}`:                  `line 1, column 6 (byte 5): expected a colon after the key "a", found a list`,
		`{a: []}`:                      `line 1, column 2 (byte 1): expected a key in quotation marks or }, found 'a'`,
		`{"a": ["x`:                    `line 1, column 10 (byte 9): the file ends inside the string that begins at line 1, column 8`,
		`{"a": ["\x"]}`:                `line 1, column 9 (byte 8): unknown escape \'x'`,
		`{"a": ["\u12g4"]}`:            `line 1, column 9 (byte 8): \u must be followed by four hexadecimal digits`,
		`{"a": ["\`:                    `line 1, column 9 (byte 8): the file ends inside an escape`,
		"{\"a\": [\"x\ny\"]}":          `line 1, column 10 (byte 9): a string must not hold the control character U+000A; the string begins at line 1, column 8`,
		"{\"a\": [\"x\xff\"]}":         `line 1, column 10 (byte 9): the byte 0xFF is not UTF-8`,
		"{\"a\": [\"\\n\xed\xa0\x80\"": `line 1, column 11 (byte 10): the byte 0xED is not UTF-8`,
		`{} x`:                         `line 1, column 4 (byte 3): expected the end of the file after the object, found 'x'`,
		"{}\x00":                       `line 1, column 3 (byte 2): expected the end of the file after the object, found U+0000`,
		"\xff\xfe{\x00}\x00":           `line 1, column 1 (byte 0): the file is UTF-16; it must be UTF-8`,
		"\uFEFF[":                      `line 1, column 1 (byte 3): expected an object, {"key": ...}, found a list`,
	} {
		_, err := Parse([]byte(src))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: error %v, want a *SyntaxError", src, err)
		} else if err.Error() != want {
			t.Errorf("%q:\n got %s\nwant %s", src, err, want)
		}
	}
}

// FuzzParse compares with encoding/json, and what is written with what was read.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "{}", `{"a": ["x", "\u00e9"]}`, `{"a": 1}`, `{"a": [], "a": ["\ud800"]}`, "\uFEFF{}", `{"a": ["`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		d, err := Parse(src)
		var theirs map[string][]*string
		plain := bytes.TrimPrefix(src, []byte("\uFEFF"))
		theirErr := json.Unmarshal(plain, &theirs)
		if err != nil {
			var s *SyntaxError
			if !errors.As(err, &s) || s.Offset < 0 || s.Offset > len(src) || s.Line < 1 || s.Column < 1 {
				t.Fatalf("bad error %#v", err)
			}
			valid := theirErr == nil && theirs != nil && utf8.Valid(src)
			for _, l := range theirs {
				valid = valid && l != nil
				for _, v := range l {
					valid = valid && v != nil
				}
			}
			if valid && !twice(plain) {
				t.Fatalf("encoding/json reads what Parse does not: %v", err)
			}
			return
		}
		if theirErr != nil && len(bytes.TrimSpace(plain)) > 0 {
			t.Fatalf("Parse reads what encoding/json does not: %v", theirErr)
		}
		written := text(t, d)
		again, err := Parse([]byte(written))
		if err != nil {
			t.Fatalf("cannot read what was written: %v\n%s", err, written)
		}
		if !reflect.DeepEqual(again.keys, d.keys) || again.total != d.total {
			t.Fatalf("written:\n%s", written)
		}
		for _, key := range d.keys {
			if !reflect.DeepEqual(d.Values(key), again.Values(key)) {
				t.Fatalf("values of %q differ", key)
			}
			if strings.Contains(written, `\ud`) || twice(plain) {
				continue // encoding/json replaces halves of surrogate pairs and takes the last of equal keys
			}
			for i, v := range theirs[key] {
				if *v != d.Values(key)[i] {
					t.Fatalf("%q: %q, encoding/json has %q", key, d.Values(key)[i], *v)
				}
			}
		}
	})
}

// twice tells whether the object's keys are not all different.
func twice(src []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(src))
	seen := map[string]bool{}
	depth := 0
	for key := true; ; {
		tok, err := dec.Token()
		if err != nil {
			return false
		}
		switch v := tok.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth++
			} else if depth--; depth == 1 {
				key = true
			}
		case string:
			if depth == 1 && key {
				if seen[v] {
					return true
				}
				seen[v], key = true, false
			}
		}
		if depth == 1 {
			if _, isKey := tok.(string); !isKey {
				key = true
			}
		}
	}
}
