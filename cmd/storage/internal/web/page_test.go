package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// page drives a tab of a headless Chromium.
type page struct {
	t       *testing.T
	ctx     context.Context
	console lockedBuffer // what the browser's console says
}

func openPage(t *testing.T, address string) *page {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("the page is tested in Chromium, which scripts/setup installs on Linux as root")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("Chromium is missing; scripts/setup installs it: ", err)
	}
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.WindowSize(1000, 1200),
		chromedp.WSURLReadTimeout(3 * time.Minute),
	}
	for _, flag := range []string{"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
		"disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage"} {
		opts = append(opts, chromedp.Flag(flag, true))
	}
	p := &page{t: t}
	limited, stop := context.WithTimeout(context.Background(), 8*time.Minute)
	t.Cleanup(stop)
	allocator, cancel := chromedp.NewExecAllocator(limited, opts...)
	t.Cleanup(cancel)
	p.ctx, cancel = chromedp.NewContext(allocator, chromedp.WithListener(func(ev any) {
		switch ev := ev.(type) {
		case *cdpruntime.EventExceptionThrown:
			fmt.Fprintln(&p.console, ev.ExceptionDetails.Text, ev.ExceptionDetails.URL, ev.ExceptionDetails.LineNumber)
		case *cdplog.EventEntryAdded:
			fmt.Fprintln(&p.console, ev.Entry.Text, ev.Entry.URL)
		}
	}))
	t.Cleanup(func() { _ = chromedp.Cancel(p.ctx); cancel() }) // waits until the browser has ended
	// the browser runs as long as the context of its first action
	if err := chromedp.Do(p.ctx, chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
	return p
}

// get runs one action that yields something.
func get[T any](p *page, action chromedp.Action[T]) T {
	p.t.Helper()
	limited, cancel := context.WithTimeout(p.ctx, 2*time.Minute)
	defer cancel()
	v, err := chromedp.Run(limited, action)
	if err != nil {
		shown, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		p.t.Fatalf("%v\nthe page shows:\n%s\nconsole:\n%s", err, shown, p.console.String())
	}
	return v
}

// do runs actions one after the other.
func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	get(p, chromedp.Steps(actions...))
}

// until waits for an expression to be true.
func (p *page) until(expression string) {
	p.t.Helper()
	get(p, chromedp.Poll[bool](expression))
}

// says waits for a message.
func (p *page) says(text string) {
	p.t.Helper()
	p.until(fmt.Sprintf("document.getElementById('message').textContent === %q", text))
}

// picture leaves a picture of the page for those who want to look.
func (p *page) picture(name string) {
	dir := os.Getenv("STORAGE_TEST_SCREENSHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), get(p, chromedp.FullScreenshot(100)), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// scheme sets what the person prefers, light or dark.
func (p *page) scheme(name string) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	}); err != nil {
		p.t.Fatal(err)
	}
}

// below puts a server below the prefix /storage/, as a balancer does.
func below(t *testing.T, address string) string {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(http.StripPrefix("/storage", httputil.NewSingleHostReverseProxy(target)))
	t.Cleanup(front.Close)
	return front.URL + "/storage/"
}

const (
	addKey    = chromedp.CSS("#add-key")
	addValue  = chromedp.CSS("#add-value")
	addButton = chromedp.CSS("#add button")
	readKey   = chromedp.CSS("#read-key")
	readKeyGo = chromedp.CSS("#read button")
)

// TestPage uses the page as a person does, below a prefix.
func TestPage(t *testing.T) {
	_, address, _ := start(t, nil)
	home := below(t, address)
	p := openPage(t, home)
	p.until("document.getElementById('keys-count').textContent === 'There are no keys yet.'")
	if base := get(p, chromedp.Text(chromedp.CSS("#base"))); base != home {
		t.Errorf("the page says it is at %s, it is at %s", base, home)
	}

	// by keyboard alone
	key, value := `a/b ?é#`, `<img src=x onerror="document.title='broken'">`
	p.do(chromedp.Focus(addKey), chromedp.KeyEvent(key+kb.Tab+value+kb.Tab+kb.Enter))
	p.says("Added; " + key + " has 1 value.")
	p.do(chromedp.SetValue(addValue, "two\nlines"), chromedp.Click(addButton))
	p.says("Added; " + key + " has 2 values.")
	const shown = "[...document.querySelectorAll('#values li')].map(e => e.textContent).join('|')"
	if got, want := get(p, chromedp.Evaluate[string](shown)), value+"|two\nlines"; got != want {
		t.Errorf("the page shows %q, want %q", got, want)
	}
	if got := ask(t, "GET", address+"/keys/a%2Fb%20%3F%C3%A9%23", ""); !strings.Contains(got.body, `"two\nlines"]`) {
		t.Errorf("the storage holds %s", got.body)
	}
	p.do(chromedp.Click(addButton)) // the empty value
	p.says("Added; " + key + " has 3 values.")
	if got := get(p, chromedp.Text(chromedp.CSS("#values li:last-child"))); got != "(empty)" {
		t.Errorf("the empty value is shown as %q", got)
	}
	p.picture("light")

	ask(t, "POST", address+"/keys/other", `{"value": "from elsewhere"}`, asJSON)
	p.do(chromedp.SetValue(readKey, "other"), chromedp.Click(readKeyGo))
	p.says("1 value under other.")
	if got := get(p, chromedp.Evaluate[string](shown)); got != "from elsewhere" {
		t.Errorf("the page shows %q", got)
	}
	p.do(chromedp.Click(chromedp.CSS("#keys li:first-child button")))
	p.says("3 values under " + key + ".")
	p.do(chromedp.SetValue(readKey, "nope"), chromedp.Click(readKeyGo))
	p.says("There is no key nope.")
	p.do(chromedp.WaitNotVisible(chromedp.CSS("#result")))
	p.do(chromedp.SetValue(readKey, ".."), chromedp.Click(readKeyGo))
	p.says("A browser cannot ask for the key ..; other programs can.")

	for i := range 120 {
		ask(t, "POST", address+fmt.Sprintf("/keys/many-%d", i), `{"value": ""}`, asJSON)
	}
	p.do(chromedp.Reload())
	p.until("document.querySelectorAll('#keys li').length === 100")
	p.do(chromedp.Click(chromedp.CSS("#more")))
	p.until("document.querySelectorAll('#keys li').length === 122")
	p.do(chromedp.WaitNotVisible(chromedp.CSS("#more")))

	p.do(chromedp.EmulateViewport(320, 640))
	p.scheme("dark")
	if over := get(p, chromedp.Evaluate[int]("document.documentElement.scrollWidth - document.documentElement.clientWidth")); over > 0 {
		t.Errorf("on a screen of 320 pixels the page is %d too wide", over)
	}
	p.picture("dark")
	wantNames(p)
	for _, scheme := range []string{"dark", "light"} {
		p.scheme(scheme)
		for _, e := range get(p, chromedp.Evaluate[[]string](lowContrast)) {
			t.Errorf("%s: too little contrast: %s", scheme, e)
		}
	}

	if title := get(p, chromedp.Title()); title != "Storage" {
		t.Errorf("the title is %q: a value was run", title)
	}
	// a 404 for a key that is not there is logged by the browser itself
	for line := range strings.Lines(p.console.String()) {
		if !strings.Contains(line, "404") || !strings.Contains(line, "/keys/nope") {
			t.Errorf("the console says: %s", line)
		}
	}
}

// wantNames checks that whoever hears the page instead of seeing it is told what each control is.
func wantNames(p *page) {
	p.t.Helper()
	t := p.t
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		role := strings.Trim(string(n.Role.Value), `"`)
		seen[role]++
		switch role {
		case "button", "textbox", "combobox", "link", "region":
			if n.Name == nil || strings.Trim(string(n.Name.Value), `"`) == "" {
				t.Errorf("a %s has no name", role)
			}
		}
	}
	for _, role := range []string{"main", "banner", "textbox", "combobox", "button", "status", "table", "heading"} {
		if seen[role] == 0 {
			t.Errorf("the page has no %s", role)
		}
	}
}

// lowContrast lists the texts that do not stand out from what is behind them as WCAG 2.2 asks for (AA: 4.5 to 1).
const lowContrast = `(() => {
  const rgb = (s) => (s.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const back = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] !== 0) return c; } return [255, 255, 255]; };
  const low = [];
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility()) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(back(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) low.push(e.tagName + " " + e.textContent.slice(0, 30));
  }
  return low;
})()`
