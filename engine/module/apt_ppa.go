package module

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/facts"
	"github.com/goplay-engine/goplay/engine/value"
)

// ppa resolves ppa:owner/name to a source line, fetching its signing key.
func (c *Context) ppa(spec string, a *aptRepositoryArgs) (line, file string, err error) {
	owner, name, ok := strings.Cut(strings.TrimPrefix(spec, "ppa:"), "/")
	if !ok {
		name = "ppa"
	}
	code := value.Str(facts.Distribution().At("distribution_release"))
	if a.Codename != nil {
		code = *a.Codename
	}
	line = fmt.Sprintf("deb http://ppa.launchpad.net/%s/%s/ubuntu %s main", owner, name, code)
	if value.Str(facts.Distribution().At("distribution")) == "Debian" {
		c.warn("PPAs are made for Ubuntu; this host runs Debian")
	}
	file = strings.Trim(reUnsafeName.ReplaceAllString(fmt.Sprintf("ppa_%s_%s_%s", owner, name, code), "_"), "_")
	if a.State != "present" || c.Check {
		return line, file, nil
	}
	if old, _ := filepath.Glob(aptListDir + "/" + file + "*"); len(old) > 0 {
		return line, file, nil
	}
	body, err := c.fetchText(fmt.Sprintf("https://launchpad.net/api/1.0/~%s/+archive/%s", url.PathEscape(owner), url.PathEscape(name)), "application/json", a.ValidateCerts)
	if err != nil {
		return "", "", Errorf("failed to fetch PPA information, error was: " + err.Error())
	}
	var info struct {
		Fingerprint string `json:"signing_key_fingerprint"`
	}
	if err := json.Unmarshal(body, &info); err != nil || info.Fingerprint == "" {
		return "", "", Errorf("failed to fetch PPA information, error was: no signing key in the answer")
	}
	key, err := c.fetchText("https://keyserver.ubuntu.com/pks/lookup?op=get&search=0x"+info.Fingerprint, "", a.ValidateCerts)
	if err != nil {
		return "", "", Errorf("failed to fetch the PPA's key " + info.Fingerprint + ": " + err.Error())
	}
	dest := "/etc/apt/trusted.gpg.d/" + file + ".asc"
	n, err := c.createBytes(dest, key, false)
	if err == nil {
		if err = os.Chmod(n.Path, 0o644); err == nil {
			err = n.Commit(false)
		}
	}
	return line, file, err
}
