package lookup

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

var shortSequence, _ = pyre.Compile(`(?i)^(?:(0?x?[0-9a-f]+)-)?(0?x?[0-9a-f]+)(?:/(0?x?[0-9a-f]+))?(?::(.+))?$`, 0)

const maxSequence = 10 << 20

func sequence(c *call) ([]Value, error) {
	out := []Value{}
	for _, term := range spread(c.terms) {
		t, err := builtin.Str(term)
		if err != nil {
			return nil, err
		}
		s := seq{start: 1, stride: 1, format: "%d"}
		if ok, err := s.short(t); err != nil {
			return nil, err
		} else if !ok {
			if err := s.words(t); err != nil {
				return nil, err
			}
		}
		more, err := s.run()
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

type seq struct {
	start, end, count, stride int64
	hasEnd, hasCount          bool
	format                    string
}

func number(name, s string) (int64, error) {
	v, err := py.ParseInt(s, 0)
	n, ok := v.(int64)
	if err != nil || !ok {
		return 0, fmt.Errorf("Invalid type for configuration option %s of the sequence lookup: can't parse %s as integer", name, s)
	}
	return n, nil
}

// short reads the form start-end/stride:format.
func (s *seq) short(t string) (bool, error) {
	m, err := shortSequence.Match(t)
	if err != nil || m == nil {
		return false, err
	}
	names := []string{"start", "end", "stride"}
	for i, to := range []*int64{&s.start, &s.end, &s.stride} {
		if g, ok := m.Group(i + 1); ok {
			if *to, err = number(names[i], g); err != nil {
				return false, err
			}
		}
	}
	s.hasEnd = true
	if f, ok := m.Group(4); ok {
		s.format = f
	}
	return true, nil
}

func (s *seq) words(t string) error {
	words, opts := keyValues(t)
	if len(words) > 0 {
		return fmt.Errorf("unrecognized arguments to with_sequence: %s", strings.Join(words, " "))
	}
	for k, v := range opts {
		var err error
		switch k {
		case "start":
			s.start, err = number(k, v)
		case "end":
			s.end, err = number(k, v)
			s.hasEnd = true
		case "count":
			s.count, err = number(k, v)
			s.hasCount = true
		case "stride":
			s.stride, err = number(k, v)
		case "format":
			s.format = v
		default:
			return fmt.Errorf("unrecognized arguments to with_sequence: [%s]", value.Quote(k))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *seq) run() ([]Value, error) {
	switch {
	case !s.hasCount && !s.hasEnd:
		return nil, fmt.Errorf("must specify count or end in with_sequence")
	case s.hasCount && s.hasEnd:
		return nil, fmt.Errorf("can't specify both count and end in with_sequence")
	case s.hasCount && s.count == 0:
		return nil, nil
	case s.hasCount:
		s.end = s.start + s.count*s.stride - s.stride
	}
	switch {
	case s.stride > 0 && s.end < s.start:
		return nil, fmt.Errorf("to count backwards make stride negative")
	case s.stride < 0 && s.end > s.start:
		return nil, fmt.Errorf("to count forward don't make stride negative")
	case strings.Count(s.format, "%") != 1:
		return nil, fmt.Errorf("bad formatting string: %s", s.format)
	case s.stride == 0:
		return nil, nil
	}
	stop := s.end + 1
	if s.stride < 0 {
		stop = s.end - 1
	}
	r := &py.Range{Start: s.start, Stop: stop, Step: s.stride}
	if r.Len() > maxSequence {
		return nil, fmt.Errorf("with_sequence: %d items are too many", r.Len())
	}
	var out []Value
	for i := range r.Len() {
		t, err := py.Percent(s.format, value.Tuple{r.At(i)})
		if err != nil {
			return nil, fmt.Errorf("problem formatting %d with %s", r.At(i), s.format)
		}
		out = append(out, t)
	}
	return out, nil
}
