package value

import (
	"math"
	"strings"
	"testing"
)

func TestParseJSON(t *testing.T) {
	for in, want := range map[string]string{
		` {"b": [1, 2.0, -0, 1e3, null, true], "a": {}} `: `{"b": [1, 2.0, 0, 1000.0, null, true], "a": {}}`,
		`"\u00e9\ud83d\ude00\n\/"`:                        `"é😀\n/"`,
		`"\udce9"`:                                        `"\udce9"`,
		`123456789012345678901234567890`:                  `123456789012345678901234567890`,
		`[NaN, Infinity, -Infinity]`:                      `[NaN, Infinity, -Infinity]`,
		`{"a": 1, "b": 2, "a": 3}`:                        `{"a": 3, "b": 2}`,
	} {
		v, err := ParseJSON([]byte(in))
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got, _ := DumpJSON(v, JSONOptions{}); got != want {
			t.Errorf("%s gave %s, want %s", in, got, want)
		}
	}
	v, _ := ParseJSON([]byte(`"\udce9"`))
	if v != "\xe9" {
		t.Errorf("a lone surrogate became %q", v)
	}
	if v, _ := ParseJSON([]byte("-0.0")); !math.Signbit(v.(float64)) {
		t.Error("-0.0 lost its sign")
	}
}

// The messages were recorded from Python 3.11.
func TestParseJSONErrors(t *testing.T) {
	for in, want := range map[string]string{
		``:              "Expecting value: line 1 column 1 (char 0)",
		"{\"é\": 1,\n}": "Expecting property name enclosed in double quotes: line 2 column 1 (char 9)",
		`[1,]`:          "Expecting value: line 1 column 4 (char 3)",
		`[1 2]`:         "Expecting ',' delimiter: line 1 column 4 (char 3)",
		`{"a" 1}`:       "Expecting ':' delimiter: line 1 column 6 (char 5)",
		`{"a":}`:        "Expecting value: line 1 column 6 (char 5)",
		`01`:            "Extra data: line 1 column 2 (char 1)",
		`"a`:            "Unterminated string starting at: line 1 column 1 (char 0)",
		"\"a\nb\"":      "Invalid control character at: line 1 column 3 (char 2)",
		`"\x"`:          `Invalid \escape: line 1 column 2 (char 1)`,
		`"\u12"`:        `Invalid \uXXXX escape: line 1 column 3 (char 2)`,
		`{a: 1}`:        "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
		`-`:             "Expecting value: line 1 column 1 (char 0)",
		`tru`:           "Expecting value: line 1 column 1 (char 0)",
	} {
		_, err := ParseJSON([]byte(in))
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
	if _, err := ParseJSON([]byte(strings.Repeat("[", 1000000))); err == nil {
		t.Error("deep nesting is no error")
	}
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"a": [1, -2.5e-3, "\ud83d\ude00 \udc80", null, NaN]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := ParseJSON(data)
		if err != nil {
			return
		}
		out := JSON(v)
		w, err := ParseJSON(out)
		if err != nil {
			t.Fatalf("%q came back as %q: %v", data, out, err)
		}
		if string(JSON(w)) != string(out) {
			t.Fatalf("%q is not stable: %q", out, JSON(w))
		}
	})
}

func BenchmarkParseJSON(b *testing.B) {
	doc := []byte(`[` + strings.Repeat(`{"changed": false, "name": "some value", "n": 12345, "list": ["a", "b", 1.5, true]},`, 1000) + `null]`)
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := ParseJSON(doc); err != nil {
			b.Fatal(err)
		}
	}
}
