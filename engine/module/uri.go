package module

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

type uriArgs struct {
	urlArgs
	Dest          *Path       `arg:"dest" doc:"Where to put the content; a folder takes the name from the address."`
	User          *string     `arg:"url_username,alias=user" doc:"User name for authentication."`
	Password      *string     `arg:"url_password,alias=password,no_log" doc:"Password for authentication."`
	Body          value.Value `arg:"body,type=raw" doc:"Body of the request: text, or data for body_format."`
	BodyFormat    string      `arg:"body_format,default=raw,choices=form-urlencoded|json|raw|form-multipart" doc:"How body is written."`
	Src           *Path       `arg:"src" doc:"File to send as the body."`
	Method        string      `arg:"method,default=GET" doc:"Method of the request, in capitals."`
	ReturnContent bool        `arg:"return_content,default=false" doc:"Return the body of the answer as content."`
	Follow        string      `arg:"follow_redirects,default=safe,choices=all|no|none|safe|urllib2|yes" doc:"Which redirects to follow."`
	Creates       *Path       `arg:"creates" doc:"When it exists nothing is asked."`
	Removes       *Path       `arg:"removes" doc:"When it does not exist nothing is asked."`
	StatusCode    []int       `arg:"status_code,default=200" doc:"Status codes that mean success."`
	Timeout       int         `arg:"timeout,default=30" doc:"Seconds to wait for the server."`
	Headers       *value.Dict `arg:"headers" default:"" doc:"Headers to send."`
	UnixSocket    *Path       `arg:"unix_socket" doc:"Unix socket to talk to."`
	RemoteSrc     bool        `arg:"remote_src,default=false" doc:"src is on the target."`
	CAPath        *Path       `arg:"ca_path" doc:"Certificates to trust, PEM."`
	FileArgs
}

var uriDef = &Def{
	Name:              "ansible.builtin.uri",
	Short:             "Interacts with webservices",
	ShownAs:           "ansible.legacy.uri",
	Check:             CheckNone,
	Args:              func() any { return &uriArgs{} },
	FileArgs:          true,
	MutuallyExclusive: [][]string{{"body", "src"}},
	Run: func(c *Context, a any) *Result {
		r, err := uri(c, a.(*uriArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

var upperWord = regexp.MustCompile(`^[A-Z]+$`)

func uri(c *Context, p *uriArgs) (*Result, error) {
	if !upperWord.MatchString(p.Method) {
		return nil, Errorf("Parameter 'method' needs to be a single word in uppercase, like GET or POST.")
	}
	if p.Creates != nil && globAny(c.Dir, string(*p.Creates)) {
		return OK().Set("stdout", fmt.Sprintf("skipped, since '%s' exists", *p.Creates)), nil
	}
	if p.Removes != nil && !globAny(c.Dir, string(*p.Removes)) {
		return OK().Set("stdout", fmt.Sprintf("skipped, since '%s' does not exist", *p.Removes)), nil
	}
	req, err := p.request(p.User, p.Password, p.Headers, p.Timeout)
	if err != nil {
		return nil, err
	}
	req.Method, req.FollowRedirects = p.Method, p.Follow
	if p.CAPath != nil {
		req.CAPath = string(*p.CAPath)
	}
	if p.UnixSocket != nil {
		req.UnixSocket = string(*p.UnixSocket)
	}
	if p.Dest != nil && !p.urlArgs.Force {
		if fi, err := os.Stat(string(*p.Dest)); err == nil && fi.Mode().IsRegular() {
			t := fi.ModTime()
			req.LastModified = &t
		}
	}
	if err := p.setBody(c, req); err != nil {
		return nil, err
	}
	start := time.Now()
	resp := c.http(req)
	defer resp.Body.Close()
	r := OK().Set("elapsed", elapsed(start)).Set("redirected", resp.URL != p.URL).Set("url", resp.URL).Set("status", resp.Status)
	if strings.HasPrefix(resp.Msg, "unknown url type") {
		return nil, Errorf(resp.Msg, "status", -1, "url", p.URL)
	}
	var content []byte
	if resp.Status != -1 {
		if content, err = io.ReadAll(resp.Body); err != nil && c.Err() == nil {
			return nil, Errorf(fmt.Sprintf("Failed to read the answer of %s: %s", p.URL, err))
		}
	}
	ok := false
	for _, s := range p.StatusCode {
		ok = ok || s == resp.Status
	}
	p.describe(r, resp)
	r.Msg, r.HasMsg = resp.Msg, true
	good := resp.Status >= 200 && resp.Status < 300
	if good && p.Dest != nil && ok {
		if err := p.store(c, r, resp, content); err != nil {
			return nil, err
		}
	}
	if resp.Status == http.StatusNotModified && p.Dest != nil {
		r.Set("path", string(*p.Dest))
	}
	text := decodeCharset(content, resp.Header.Get("Content-Type"))
	if isJSON(resp.Header.Get("Content-Type")) {
		if v, err := value.ParseJSON([]byte(text)); err == nil {
			r.Set("json", redactKeys(v, c.secrets))
		}
	}
	switch {
	case p.ReturnContent:
		r.Set("content", text)
	case ok && !good && resp.Status != -1:
		r.Set("body", text)
	}
	if !ok {
		codes := make([]string, len(p.StatusCode))
		for i, s := range p.StatusCode {
			codes[i] = strconv.Itoa(s)
		}
		r.Failed = true
		r.Msg = fmt.Sprintf("Status code was %d and not [%s]: %s", resp.Status, strings.Join(codes, ", "), resp.Msg)
		r.Fields.Delete("body")
	}
	return r, nil
}

// describe sets the header fields of the answer as return values.
func (p *uriArgs) describe(r *Result, resp *httpResponse) {
	for k, v := range resp.Header {
		name := strings.ReplaceAll(strings.ToLower(k), "-", "_")
		text := strings.Join(v, ", ")
		if name == "location" {
			if base, err := url.Parse(resp.URL); err == nil {
				if u, err := base.Parse(text); err == nil {
					text = u.String()
				}
			}
		}
		r.Set(name, text)
	}
	if resp.Status < 200 || resp.Status >= 300 {
		return
	}
	cookies := value.NewDict()
	var list []string
	for _, ck := range resp.Cookies {
		cookies.Set(ck.Name, ck.Value)
		list = append(list, ck.Name+"="+ck.Value)
	}
	r.Set("cookies", cookies).Set("cookies_string", strings.Join(list, "; "))
}

func isJSON(contentType string) bool {
	t := strings.ToLower(strings.TrimSpace(strings.Split(contentType, ";")[0]))
	_, sub, _ := strings.Cut(t, "/")
	return sub == "json" || strings.HasSuffix(sub, "+json") || sub == "javascript" || strings.HasPrefix(sub, "json") || sub == "x-json"
}

// decodeCharset gives the text of a body in the charset its type names.
func decodeCharset(b []byte, contentType string) string {
	if _, cs, ok := strings.Cut(strings.ToLower(contentType), "charset="); ok {
		cs = strings.Trim(strings.Split(cs, ";")[0], ` "'`)
		if t, err := decodeText(b, cs); err == nil {
			return t
		}
	}
	return string(b)
}

func (p *uriArgs) store(c *Context, r *Result, resp *httpResponse, content []byte) error {
	dest := string(*p.Dest)
	if isFolder(dest) {
		dest = filepath.Join(dest, resp.fileName())
	}
	if fi, err := os.Stat(dest); err == nil && !fi.Mode().IsRegular() {
		return Errorf(fmt.Sprintf("Destination %s is not a file", dest))
	}
	if _, err := os.Stat(filepath.Dir(dest)); err != nil {
		return Errorf(fmt.Sprintf("Could not replace file: %s: Destination directory %s does not exist", dest, filepath.Dir(dest)))
	}
	r.Set("path", dest)
	r.Changed = true
	if sum, err := fileChecksum(dest, "sha1"); err == nil && sum == sha1Hex(content) {
		_, err := c.applyAttrs(dest, &p.FileArgs, nil)
		return err
	}
	_, err := c.replaceFile(dest, content, &p.FileArgs, nil, nil)
	return err
}

func (p *uriArgs) setBody(c *Context, req *httpRequest) error {
	setType := func(t string) {
		for k := range req.Headers {
			if strings.EqualFold(k, "content-type") {
				return
			}
		}
		req.Headers["Content-Type"] = t
	}
	if p.Src != nil {
		switch p.BodyFormat {
		case "json":
			setType("application/json")
		case "form-urlencoded":
			setType("application/x-www-form-urlencoded")
		}
		if c.Blob != nil {
			req.Body = c.Blob
			return nil
		}
		data, err := readFile(string(*p.Src))
		if err != nil {
			return Errorf(fmt.Sprintf("Unable to open source file %s: %s", *p.Src, pyError(err, string(*p.Src))))
		}
		req.Body = data
		return nil
	}
	if p.Body == nil {
		return nil
	}
	switch p.BodyFormat {
	case "json":
		if s, ok := p.Body.(string); ok {
			req.Body = []byte(s)
		} else {
			s, err := value.DumpJSON(p.Body, value.JSONOptions{EscapeASCII: true})
			if err != nil {
				return Errorf("body cannot be written as JSON: " + err.Error())
			}
			req.Body = []byte(s)
		}
		setType("application/json")
	case "form-urlencoded":
		if s, ok := p.Body.(string); ok {
			req.Body = []byte(s)
		} else {
			s, err := formEncode(p.Body)
			if err != nil {
				return err
			}
			req.Body = []byte(s)
		}
		setType("application/x-www-form-urlencoded")
	case "form-multipart":
		d, ok := p.Body.(*value.Dict)
		if !ok {
			return Errorf(fmt.Sprintf("failed to parse body as form-multipart: Mapping is required, cannot be type %s", value.TypeName(p.Body)))
		}
		b, t, err := multipartBody(d)
		if err != nil {
			return err
		}
		req.Body = b
		setType(t)
	default:
		if _, ok := value.Text(p.Body); !ok {
			if _, isDict := p.Body.(*value.Dict); isDict {
				s, err := value.DumpJSON(p.Body, value.JSONOptions{EscapeASCII: true})
				if err != nil {
					return Errorf(err.Error())
				}
				req.Body = []byte(s)
				return nil
			}
		}
		req.Body = []byte(value.Str(p.Body))
	}
	return nil
}

// formEncode writes a dictionary or a list of pairs as a form; lists give the
// name several times.
func formEncode(v value.Value) (string, error) {
	var parts []string
	add := func(k, x value.Value) {
		items := []value.Value{x}
		if l, ok := x.(*value.List); ok {
			items = l.Items
		}
		for _, e := range items {
			parts = append(parts, url.QueryEscape(value.Str(k))+"="+url.QueryEscape(value.Str(e)))
		}
	}
	switch x := v.(type) {
	case *value.Dict:
		for k, e := range x.All() {
			add(k, e)
		}
	case *value.List:
		for _, e := range x.Items {
			pair, ok := e.(*value.List)
			if !ok || pair.Len() != 2 {
				return "", Errorf("failed to parse body as form_urlencoded: too many values to unpack (expected 2): each item of the list must be a pair")
			}
			add(pair.Items[0], pair.Items[1])
		}
	default:
		return "", Errorf("failed to parse body as form_urlencoded: not a valid non-string sequence or mapping object")
	}
	return strings.Join(parts, "&"), nil
}

func multipartBody(d *value.Dict) ([]byte, string, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range d.All() {
		name := value.Str(k)
		f, ok := v.(*value.Dict)
		if _, isText := value.Text(v); !ok && !isText {
			return nil, "", Errorf("failed to parse body as form-multipart: value must be a string, or mapping, cannot be type " + value.TypeName(v))
		}
		if !ok {
			if err := w.WriteField(name, value.Str(v)); err != nil {
				return nil, "", Errorf(err.Error())
			}
			continue
		}
		file, content, kind, fromFile := "", "", "", false
		if x := f.At("filename"); x != nil {
			file = value.Str(x)
		}
		if x := f.At("mime_type"); x != nil {
			kind = value.Str(x)
		}
		if x, ok := f.GetStr("content"); ok && x != nil {
			content = value.Str(x)
			fromFile = value.Truth(f.At("_goplay_file"))
		} else if file != "" {
			data, err := readFile(file)
			if err != nil {
				return nil, "", Errorf(pyError(err, file))
			}
			content, fromFile = string(data), true
		} else {
			return nil, "", Errorf("at least one of filename or content must be provided")
		}
		h := textproto.MIMEHeader{}
		disp := fmt.Sprintf(`form-data; name="%s"`, name)
		if file != "" {
			disp += fmt.Sprintf(`; filename="%s"`, filepath.Base(file))
			if kind == "" {
				kind = mimeByName(file)
			}
		}
		if kind == "" {
			kind = "text/plain"
		}
		h.Set("Content-Disposition", disp)
		h.Set("Content-Type", kind)
		if fromFile { // as Python's mail encoder sends files
			h.Set("Content-Transfer-Encoding", "base64")
			content = wrapBase64(content)
		}
		part, err := w.CreatePart(h)
		if err == nil {
			_, err = part.Write([]byte(content))
		}
		if err != nil {
			return nil, "", Errorf(err.Error())
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", Errorf(err.Error())
	}
	return b.Bytes(), w.FormDataContentType(), nil
}

// mimeByName guesses the type of a file from its name.
func mimeByName(name string) string {
	t, _, _ := strings.Cut(mime.TypeByExtension(filepath.Ext(name)), ";")
	if t == "" {
		return "application/octet-stream"
	}
	return t
}

// wrapBase64 encodes in lines of 76 characters.
func wrapBase64(s string) string {
	e := base64.StdEncoding.EncodeToString([]byte(s))
	var b strings.Builder
	for len(e) > 76 {
		b.WriteString(e[:76] + "\r\n")
		e = e[76:]
	}
	b.WriteString(e + "\r\n")
	return b.String()
}
