package module

import (
	"encoding/base64"
	"testing"
)

func TestAptSource(t *testing.T) {
	for line, want := range map[string]string{
		"deb http://e.com/debian   stable   main":           "deb http://e.com/debian stable main",
		"# deb-src [ arch=amd64  trusted=yes ] file:/x ./":  "deb-src [arch=amd64 trusted=yes] file:/x ./",
		"deb http://e.com/ stable main contrib # a comment": "deb http://e.com/ stable main contrib",
		"bogus line": "",
	} {
		if got := parseAptSource(line); got.source != want {
			t.Errorf("%q: got %q, want %q", line, got.source, want)
		}
	}
	text := "deb http://a x y\n# deb http://b x y\n"
	if out, found := editAptSources(text, "deb http://b x y", true); !found || out != "deb http://a x y\ndeb http://b x y\n" {
		t.Errorf("enable: %v %q", found, out)
	}
	if out, found := editAptSources(text, "deb http://a x y", false); !found || out != "# deb http://b x y\n" {
		t.Errorf("remove: %v %q", found, out)
	}
	for source, want := range map[string]string{
		"deb [arch=amd64 signed-by=/k] https://d.example.com/linux/debian bookworm stable": "d_example_com_linux_debian",
		"deb [trusted=yes] file:/var/tmp/gprepo2 ./":                                       "var_tmp_gprepo2",
	} {
		if got := suggestAptFile(source); got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}

// The layout is the reference's.
func TestRepoFile(t *testing.T) {
	text := "[b]\nname = x\nbaseurl = http://a\n\thttp://b\n\n[a]\nenabled = 0\n\n"
	if got := writeRepoFile(parseRepoFile(text)); got != "[b]\nname = x\nbaseurl = http://a\n\thttp://b\n\n[a]\nenabled = 0\n\n" {
		t.Errorf("got %q", got)
	}
}

func FuzzPGPKeys(f *testing.F) {
	f.Add([]byte("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n" + base64.StdEncoding.EncodeToString([]byte{0x98, 6, 4, 0, 0, 0, 0, 1}) + "\n=x\n-----END"))
	f.Add([]byte{0xc6, 0xff, 0, 0, 0, 1, 4})
	f.Fuzz(func(t *testing.T, b []byte) {
		if keys, err := parsePGPKeys(b); err == nil && len(keys) == 0 {
			t.Error("neither keys nor an error")
		}
	})
}
