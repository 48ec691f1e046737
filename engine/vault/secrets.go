package vault

import (
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Secret is one password under its vault id.
type Secret struct {
	ID       string
	Source   string // file, script or "prompt", for messages
	Password []byte
}

// Secrets is the passwords at hand. The zero value has none. It may be used by
// several goroutines.
type Secrets struct {
	// IDMatch tries only the passwords whose id is that of the data.
	IDMatch bool

	list  []Secret
	mu    sync.Mutex
	clear map[string][]byte // by vault text: deriving a key takes milliseconds
}

// New returns secrets made of the given list.
func New(list ...Secret) *Secrets { return &Secrets{list: list} }

// Add puts a secret at the end.
func (s *Secrets) Add(sec Secret) { s.list = append(s.list, sec) }

// Empty tells whether there is no password at all.
func (s *Secrets) Empty() bool { return s == nil || len(s.list) == 0 }

// List returns the secrets in the order they are tried.
func (s *Secrets) List() []Secret {
	if s == nil {
		return nil
	}
	return s.list
}

// ByID returns the first secret of an id.
func (s *Secrets) ByID(id string) (Secret, bool) {
	for _, sec := range s.List() {
		if sec.ID == id {
			return sec, true
		}
	}
	return Secret{}, false
}

// ErrNoSecrets is what decrypting without any password gives.
var ErrNoSecrets = errors.New("Attempting to decrypt but no vault secrets found")

// Open decrypts vault text. where names the file (and place) for the error,
// which also names the id of the data and the ids that were tried.
func (s *Secrets) Open(data []byte, where string) ([]byte, error) {
	clear, _, err := s.OpenWith(data, where)
	return clear, err
}

// OpenWith is Open that also tells which secret fitted.
func (s *Secrets) OpenWith(data []byte, where string) ([]byte, Secret, error) {
	e, err := parse(data)
	if err != nil {
		return nil, Secret{}, place(err, where)
	}
	if s.Empty() {
		return nil, Secret{}, place(ErrNoSecrets, where)
	}
	var tried []string
	for _, sec := range s.order(e.id) {
		clear, err := e.open(sec.Password)
		if err == nil {
			return clear, sec, nil
		}
		if !errors.Is(err, errKey) {
			return nil, Secret{}, place(err, where)
		}
		tried = append(tried, sec.ID)
	}
	msg := fmt.Sprintf("Decryption failed (no vault secrets were found that could decrypt)%s; it is encrypted with vault id '%s'", on(where), e.id)
	if len(tried) > 0 {
		msg += ", the passwords of these ids were tried: " + strings.Join(tried, ", ")
	}
	return nil, Secret{}, errors.New(msg)
}

// order puts the secrets of the data's own id first.
func (s *Secrets) order(id string) []Secret {
	var first, others []Secret
	for _, sec := range s.list {
		if sec.ID == id {
			first = append(first, sec)
		} else if !s.IDMatch {
			others = append(others, sec)
		}
	}
	return append(first, others...)
}

func on(where string) string {
	if where == "" {
		return ""
	}
	return " on " + where
}

func place(err error, where string) error {
	if where == "" {
		return err
	}
	return fmt.Errorf("%w on %s", err, where)
}

// OpenText decrypts the text of a !vault value and remembers the result: it has
// the form value.Secret and yaml.Options want. A nil s knows no password.
func (s *Secrets) OpenText(where string) func(string) (string, error) {
	return func(text string) (string, error) {
		if s == nil {
			return "", place(ErrNoSecrets, where)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if c, ok := s.clear[text]; ok {
			return string(c), nil
		}
		c, err := s.Open([]byte(text), where)
		if err != nil {
			return "", err
		}
		if s.clear == nil {
			s.clear = map[string][]byte{}
		}
		s.clear[text] = c
		return string(c), nil
	}
}
