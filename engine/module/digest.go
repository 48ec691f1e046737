package module

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

var digestField = regexp.MustCompile(`(\w+)=(?:"([^"]*)"|([^\s,]+))`)

// digestHeader answers a Digest challenge (RFC 7616); "" where it is none.
func digestHeader(challenge, user, password, method, uri string) string {
	if !strings.HasPrefix(strings.ToLower(challenge), "digest ") {
		return ""
	}
	p := map[string]string{}
	for _, m := range digestField.FindAllStringSubmatch(challenge, -1) {
		p[strings.ToLower(m[1])] = m[2] + m[3]
	}
	sum := func(s string) string {
		if strings.HasPrefix(strings.ToUpper(p["algorithm"]), "SHA-256") {
			h := sha256.Sum256([]byte(s))
			return hex.EncodeToString(h[:])
		}
		h := md5.Sum([]byte(s))
		return hex.EncodeToString(h[:])
	}
	b := make([]byte, 8)
	if _, err := rand.Read(b); err != nil {
		return ""
	}
	cnonce, nc := hex.EncodeToString(b), "00000001"
	a1 := sum(user + ":" + p["realm"] + ":" + password)
	if strings.HasSuffix(strings.ToLower(p["algorithm"]), "-sess") {
		a1 = sum(a1 + ":" + p["nonce"] + ":" + cnonce)
	}
	a2 := sum(method + ":" + uri)
	qop := ""
	for _, q := range strings.Split(p["qop"], ",") {
		if strings.TrimSpace(q) == "auth" {
			qop = "auth"
		}
	}
	response := sum(a1 + ":" + p["nonce"] + ":" + a2)
	if qop != "" {
		response = sum(strings.Join([]string{a1, p["nonce"], nc, cnonce, qop, a2}, ":"))
	}
	h := fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s"`, user, p["realm"], p["nonce"], uri, response)
	if p["algorithm"] != "" {
		h += ", algorithm=" + p["algorithm"]
	}
	if p["opaque"] != "" {
		h += fmt.Sprintf(`, opaque="%s"`, p["opaque"])
	}
	if qop != "" {
		h += fmt.Sprintf(`, qop=%s, nc=%s, cnonce="%s"`, qop, nc, cnonce)
	}
	return h
}

// challengeOf finds the challenge of a kind among the answer's.
func challengeOf(resp *http.Response, kind string) string {
	for _, c := range resp.Header.Values("WWW-Authenticate") {
		if strings.HasPrefix(strings.ToLower(c), kind+" ") || strings.EqualFold(c, kind) {
			return c
		}
	}
	return ""
}
