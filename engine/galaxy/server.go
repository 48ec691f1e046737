package galaxy

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"
)

// Server is a Galaxy server: API v3 for collections, v1 for roles.
type Server struct {
	Name, URL          string
	Token              string
	Username, Password string
	AuthURL            string // where a token is exchanged for access
	ClientID           string
	IgnoreCerts        bool
	Timeout            time.Duration

	api      string            // the URL of the API, once known
	versions map[string]string // API version to its path
	bearer   string
	http     *http.Client
}

// NotFound says that a server does not have something.
type NotFound struct{ What string }

func (e *NotFound) Error() string { return e.What + " was not found" }

// Remote is what a server says of one version of a collection.
type Remote struct {
	Server   *Server
	Name     string `json:"-"`
	Version  string `json:"version"`
	Download string `json:"download_url"`
	URL      string `json:"-"`
	Artifact struct {
		SHA256 string `json:"sha256"`
	} `json:"artifact"`
	Metadata struct {
		Dependencies map[string]string `json:"dependencies"`
	} `json:"metadata"`
}

func (s *Server) client() *http.Client {
	if s.http == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		if s.IgnoreCerts {
			t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
		}
		s.http = &http.Client{Transport: t, Timeout: s.Timeout}
	}
	return s.http
}

func (s *Server) request(ctx context.Context, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "goplay")
	if err := s.authorize(ctx, req); err != nil {
		return nil, err
	}
	resp, err := s.client().Do(req)
	if err != nil {
		return nil, fmt.Errorf("Unknown error when attempting to call Galaxy at '%s': %w", address, errors.Unwrap(err))
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return nil, &NotFound{address}
	}
	return nil, fmt.Errorf("Error when getting %s from %s (HTTP Code: %d, Message: %s)", address, s.Name, resp.StatusCode, http.StatusText(resp.StatusCode))
}

// authorize adds credentials to requests to the server itself.
func (s *Server) authorize(ctx context.Context, req *http.Request) error {
	base, err := url.Parse(s.URL)
	if err != nil || base.Host != req.URL.Host {
		return nil
	}
	switch {
	case s.AuthURL != "" && s.Token != "":
		if s.bearer == "" {
			form := url.Values{"grant_type": {"refresh_token"}, "client_id": {s.ClientID}, "refresh_token": {s.Token}}
			post, err := http.NewRequestWithContext(ctx, http.MethodPost, s.AuthURL, strings.NewReader(form.Encode()))
			if err != nil {
				return err
			}
			post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, err := s.client().Do(post)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			var a struct {
				Token string `json:"access_token"`
			}
			if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || a.Token == "" {
				return fmt.Errorf("the server %s gave no access token (HTTP Code: %d)", s.AuthURL, resp.StatusCode)
			}
			s.bearer = a.Token
		}
		req.Header.Set("Authorization", "Bearer "+s.bearer)
	case s.Token != "":
		req.Header.Set("Authorization", "Token "+s.Token)
	case s.Username != "":
		req.SetBasicAuth(s.Username, s.Password)
	}
	return nil
}

func (s *Server) get(ctx context.Context, address string, into any) error {
	resp, err := s.request(ctx, address)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, 64<<20)).Decode(into); err != nil {
		return fmt.Errorf("the answer of %s is no valid JSON: %w", address, err)
	}
	return nil
}

// discover finds out where the API is and which versions it has.
func (s *Server) discover(ctx context.Context) error {
	if s.api != "" {
		return nil
	}
	base := strings.TrimRight(s.URL, "/")
	tries := []string{base + "/"}
	if !strings.HasSuffix(base, "/api") {
		tries = []string{base + "/api/", base + "/"}
	}
	var first error
	for _, t := range tries {
		var root struct {
			Versions map[string]string `json:"available_versions"`
		}
		err := s.get(ctx, t, &root)
		if err == nil && len(root.Versions) > 0 {
			s.api, s.versions = t, root.Versions
			return nil
		}
		if err == nil {
			err = fmt.Errorf("Tried to find galaxy API root at %s but no 'available_versions' are available on %s", t, s.URL)
		}
		if first == nil {
			first = err
		}
	}
	return first
}

func (s *Server) endpoint(ctx context.Context, api string) (string, error) {
	if err := s.discover(ctx); err != nil {
		return "", err
	}
	p, ok := s.versions[api]
	if !ok {
		return "", fmt.Errorf("the Galaxy server %s has no API %s", s.URL, api)
	}
	return s.resolve(s.api, p)
}

func (s *Server) resolve(base, ref string) (string, error) {
	b, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	r, err := url.Parse(ref)
	if err != nil {
		return "", err
	}
	return b.ResolveReference(r).String(), nil
}

// Versions lists the versions of a collection.
func (s *Server) Versions(ctx context.Context, name string) ([]string, error) {
	base, err := s.endpoint(ctx, "v3")
	if err != nil {
		return nil, err
	}
	next := base + "collections/" + strings.Replace(name, ".", "/", 1) + "/versions/?limit=100"
	var out []string
	for next != "" {
		var page struct {
			Data []struct {
				Version string `json:"version"`
			} `json:"data"`
			Links struct {
				Next *string `json:"next"`
			} `json:"links"`
		}
		at := next
		if err := s.get(ctx, at, &page); err != nil {
			return nil, err
		}
		for _, d := range page.Data {
			out = append(out, d.Version)
		}
		if next = ""; page.Links.Next != nil && *page.Links.Next != "" {
			if next, err = s.resolve(at, *page.Links.Next); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// Collection asks for one version of a collection.
func (s *Server) Collection(ctx context.Context, name, version string) (*Remote, error) {
	base, err := s.endpoint(ctx, "v3")
	if err != nil {
		return nil, err
	}
	address := base + "collections/" + strings.Replace(name, ".", "/", 1) + "/versions/" + url.PathEscape(version) + "/"
	r := &Remote{Server: s, Name: name, URL: address}
	if err := s.get(ctx, address, r); err != nil {
		return nil, err
	}
	r.Download, err = s.resolve(address, r.Download)
	return r, err
}

// fetch downloads into the folder; sum is the SHA256 expected, "" for any.
func fetch(ctx context.Context, s *Server, address, sum, dir string) (string, error) {
	resp, err := s.request(ctx, address)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	name := path.Base(resp.Request.URL.Path)
	if u, err := url.Parse(address); err == nil && strings.Contains(path.Base(u.Path), ".tar") {
		name = path.Base(u.Path)
	}
	f, err := os.CreateTemp(dir, "*-"+strings.Trim(name, "./"))
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), io.LimitReader(resp.Body, maxArchive))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	if got := hex.EncodeToString(h.Sum(nil)); sum != "" && got != sum {
		return "", fmt.Errorf("Mismatch artifact hash with downloaded file: %s has %s, not %s", address, got, sum)
	}
	return f.Name(), nil
}

// RemoteRole is what a server says of a role.
type RemoteRole struct {
	ID      int    `json:"id"`
	User    string `json:"github_user"`
	Repo    string `json:"github_repo"`
	Branch  string `json:"github_branch"`
	Name    string `json:"name"`
	Owner   string `json:"username"`
	About   string `json:"description"`
	Summary struct {
		Versions []roleVersion `json:"versions"`
	} `json:"summary_fields"`
}

type roleVersion struct {
	Name   string `json:"name"`
	Source string `json:"source"`
}

// Role looks a role up: user.name.
func (s *Server) Role(ctx context.Context, full string) (*RemoteRole, error) {
	user, name, ok := strings.Cut(full, ".")
	if i := strings.LastIndex(full, "."); i > 0 {
		user, name = full[:i], full[i+1:]
	}
	if !ok {
		return nil, fmt.Errorf("Invalid role name (%s). Specify role as format: username.rolename", full)
	}
	base, err := s.endpoint(ctx, "v1")
	if err != nil {
		return nil, err
	}
	var page struct {
		Results []*RemoteRole `json:"results"`
	}
	if err := s.get(ctx, base+"roles/?owner__username="+url.QueryEscape(user)+"&name="+url.QueryEscape(name), &page); err != nil {
		return nil, err
	}
	if len(page.Results) == 0 || page.Results[0] == nil {
		return nil, &NotFound{full}
	}
	r := page.Results[0]
	var all struct {
		Results []roleVersion `json:"results"`
	}
	if err := s.get(ctx, fmt.Sprintf("%sroles/%d/versions/?page_size=50", base, r.ID), &all); err == nil && len(all.Results) > 0 {
		r.Summary.Versions = all.Results
	}
	return r, nil
}

// Archive is where a version of the role can be downloaded; "" picks the newest.
func (r *RemoteRole) Archive(version string) (address, picked string, err error) {
	if version == "" {
		version = r.newest()
	}
	for _, v := range r.Summary.Versions {
		if v.Name == version && v.Source != "" {
			return v.Source, version, nil
		}
	}
	if len(r.Summary.Versions) > 0 && version != r.Branch {
		known := make([]string, len(r.Summary.Versions))
		found := false
		for i, v := range r.Summary.Versions {
			known[i] = "'" + v.Name + "'"
			found = found || v.Name == version
		}
		if !found {
			return "", "", fmt.Errorf("- the specified version (%s) of %s was not found in the list of available versions ([%s]).", version, r.Name, strings.Join(known, ", "))
		}
	}
	return fmt.Sprintf("https://github.com/%s/%s/archive/%s.tar.gz", r.User, r.Repo, url.PathEscape(version)), version, nil
}

func (r *RemoteRole) newest() string {
	best := ""
	var top Version
	for _, v := range r.Summary.Versions {
		p, err := ParseVersion(v.Name)
		if err == nil && (best == "" || p.Compare(top) > 0) {
			best, top = v.Name, p
		}
	}
	switch {
	case best != "":
		return best
	case len(r.Summary.Versions) > 0:
		return r.Summary.Versions[len(r.Summary.Versions)-1].Name
	case r.Branch != "":
		return r.Branch
	}
	return "master"
}

// Search finds roles by words, platforms, tags and author.
func (s *Server) Search(ctx context.Context, words, platforms, tags, author string) ([]*RemoteRole, error) {
	base, err := s.endpoint(ctx, "v1")
	if err != nil {
		return nil, err
	}
	q := url.Values{}
	for k, v := range map[string]string{"autocomplete": words, "platforms_autocomplete": platforms, "tags_autocomplete": tags, "username_autocomplete": author} {
		if v != "" {
			q.Set(k, strings.ReplaceAll(v, ",", " "))
		}
	}
	q.Set("page_size", "1000")
	var page struct {
		Results []*RemoteRole `json:"results"`
	}
	err = s.get(ctx, base+"search/roles/?"+q.Encode(), &page)
	return page.Results, err
}
