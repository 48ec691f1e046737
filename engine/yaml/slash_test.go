package yaml

import "testing"

// PyYAML reads \/ in double quotes as a slash.
func TestSlashEscape(t *testing.T) {
	src := "a: 1\nb:\n  - x: 'p\\/q'\n  - y: \"s\\/t\\/u\"\n\nc: \"\\/v\"\n"
	v, err := Load("f.yml", []byte(src), Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := v.(interface{ At(string) any })
	if d.At("c") != "/v" {
		t.Errorf("c = %v", d.At("c"))
	}
}
