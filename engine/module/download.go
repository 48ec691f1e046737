package module

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"strings"
)

// download fetches a package file by URL into a temporary file that the caller
// removes.
func (c *Context) download(url, suffix string) (string, error) {
	req, err := http.NewRequestWithContext(c, http.MethodGet, url, nil)
	if err != nil {
		return "", fmt.Errorf("Failure downloading %s, %s", url, err)
	}
	req.Header.Set("User-Agent", "ansible-httpget")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("Failure downloading %s, %s", url, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("Failure downloading %s, HTTP Error %s", url, resp.Status)
	}
	f, err := os.CreateTemp(c.tmpdir(), strings.TrimSuffix(path.Base(req.URL.Path), suffix)+"*"+suffix)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, resp.Body)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return "", fmt.Errorf("Failure downloading %s, %s", url, err)
	}
	return f.Name(), nil
}
