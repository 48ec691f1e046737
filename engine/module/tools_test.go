package module

import "testing"

func TestSemanagePorts(t *testing.T) {
	m := parseSemanagePorts("http_port_t                    tcp      80, 81, 443, 488\nhttp_cache_port_t              udp      3130\n")
	if p := m[[2]string{"http_port_t", "tcp"}]; len(p) != 4 || p[2] != "443" {
		t.Errorf("got %v", m)
	}
}

func TestFindFcontext(t *testing.T) {
	out := "/srv/web(/.*)?                                     all files          system_u:object_r:httpd_sys_content_t:s0 \n" +
		"/srv/web/x                                         regular file       system_u:object_r:etc_t:s0 \n"
	if u, ty, l, ok := findFcontext(out, "/srv/web(/.*)?", "a"); !ok || u != "system_u" || ty != "httpd_sys_content_t" || l != "s0" {
		t.Errorf("got %s %s %q %v", u, ty, l, ok)
	}
	if _, _, _, ok := findFcontext(out, "/srv/web", "a"); ok {
		t.Error("a prefix matched")
	}
	if _, _, _, ok := findFcontext(out, "/srv/web/x", "d"); ok {
		t.Error("another kind of file matched")
	}
}

func TestLVSize(t *testing.T) {
	for s, want := range map[string]lvSize{
		"512": {"", 512 << 20, 0, "", "512m"}, "10g": {"", 10 << 30, 0, "", "10g"}, "+50%FREE": {"+", 0, 50, "FREE", "50%FREE"}, "1.5G": {"", 1.5 * (1 << 30), 0, "", "1.5G"},
	} {
		if got, err := parseLVSize(s); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"10x", "101%VG", "", "g"} {
		if _, err := parseLVSize(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

// The text is update-alternatives --query's.
func TestAlternatives(t *testing.T) {
	s := parseAlternatives("Name: editor\nLink: /usr/bin/editor\nSlaves:\n editor.1.gz /usr/share/man/man1/editor.1.gz\nStatus: auto\nBest: /bin/nano\n" +
		"Value: /bin/nano\n\nAlternative: /bin/ed\nPriority: -100\nSlaves:\n editor.1.gz /usr/share/man/man1/ed.1.gz\n\nAlternative: /bin/nano\nPriority: 40\n")
	if s.link != "/usr/bin/editor" || s.mode != "auto" || s.current != "/bin/nano" || s.files["/bin/ed"].priority != -100 ||
		s.files["/bin/ed"].subs["editor.1.gz"] != "/usr/share/man/man1/ed.1.gz" || s.subLinks["editor.1.gz"] != "/usr/share/man/man1/editor.1.gz" {
		t.Errorf("got %+v", s)
	}
}
