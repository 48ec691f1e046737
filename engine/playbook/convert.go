package playbook

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type kind uint8

const (
	asIs kind = iota
	asBool
	asInt
	asFloat
	asPercent
	asText
)

var kinds = map[Key]kind{
	KeyAnyErrorsFatal: asBool, KeyBecome: asBool, KeyCheckMode: asBool, KeyDelegateFacts: asBool, KeyDiff: asBool,
	KeyIgnoreErrors: asBool, KeyIgnoreUnreachable: asBool, KeyNoLog: asBool, KeyRunOnce: asBool, KeyForceHandlers: asBool,
	KeyGatherFacts: asBool, KeyPort: asInt, KeyThrottle: asInt, KeyTimeout: asInt, KeyAsync: asInt, KeyPoll: asInt,
	KeyRetries: asInt, KeyDelay: asFloat, KeyGatherTimeout: asInt, KeyMaxFailPercentage: asPercent,
	KeyBecomeExe: asText, KeyBecomeFlags: asText, KeyBecomeMethod: asText, KeyBecomeUser: asText, KeyConnection: asText,
	KeyDebugger: asText, KeyDelegateTo: asText, KeyRemoteUser: asText, KeyFactPath: asText, KeyOrder: asText, KeyStrategy: asText,
}

// Convert gives the rendered value of a keyword the type the keyword has: bool,
// int64, float64 or string. None stays None. The error has the reference's words
// and shows the value as it is written.
func Convert(k Key, v, written value.Value) (value.Value, error) {
	if v == nil {
		return nil, nil
	}
	if s, ok := v.(*value.Secret); ok {
		text, err := s.Reveal()
		if err != nil {
			return nil, err
		}
		v = text
	}
	fail := func(what, why string) error {
		name := k.String()
		if k == KeyAsync {
			name = "async_val" // what the keyword is called inside Ansible
		}
		return fmt.Errorf("the field '%s' has an invalid value (%s), and could not be converted to an %s.The error was: %s", name, value.Str(written), what, why)
	}
	switch kinds[k] {
	case asBool:
		b, err := toBool(v)
		if err != nil {
			return nil, fail("bool", err.Error())
		}
		return b, nil
	case asInt:
		n, err := toInt(v)
		if err != nil {
			return nil, fail("int", err.Error())
		}
		return n, nil
	case asFloat:
		f, err := toFloat(v)
		if err != nil {
			return nil, fail("float", err.Error())
		}
		return f, nil
	case asPercent:
		if s, ok := value.Text(v); ok {
			v = strings.ReplaceAll(s, "%", "")
		}
		f, err := toFloat(v)
		if err != nil {
			return nil, fail("percent", err.Error())
		}
		return f, nil
	case asText:
		return value.Str(v), nil
	}
	return v, nil
}

func toBool(v value.Value) (bool, error) {
	switch x := v.(type) {
	case bool:
		return x, nil
	case *value.List, *value.Dict:
		return false, fmt.Errorf("unhashable type: '%s'", value.TypeName(v))
	}
	switch strings.ToLower(strings.TrimSpace(value.Str(v))) {
	case "y", "yes", "on", "1", "true", "t", "1.0":
		return true, nil
	case "n", "no", "off", "0", "false", "f", "0.0":
		return false, nil
	}
	return false, fmt.Errorf("The value '%s' is not a valid boolean.  Valid booleans include: "+
		"'true', 't', 'on', 'yes', 'y', 1, '1', 'false', 'f', 'off', 'no', 'n', 0, '0'", value.Str(v))
}

func toInt(v value.Value) (value.Value, error) {
	switch x := v.(type) {
	case int64, *big.Int:
		return x, nil
	case bool:
		if x {
			return int64(1), nil
		}
		return int64(0), nil
	case float64:
		return int64(x), nil
	}
	s, ok := value.Text(v)
	if !ok {
		return nil, fmt.Errorf("int() argument must be a string, a bytes-like object or a real number, not '%s'", value.TypeName(v))
	}
	n, ok := new(big.Int).SetString(strings.ReplaceAll(strings.TrimSpace(s), "_", ""), 10)
	if !ok {
		return nil, fmt.Errorf("invalid literal for int() with base 10: %s", value.Repr(s))
	}
	return value.NormInt(n), nil
}

func toFloat(v value.Value) (float64, error) {
	switch x := v.(type) {
	case float64:
		return x, nil
	case int64:
		return float64(x), nil
	case bool:
		if x {
			return 1, nil
		}
		return 0, nil
	case *big.Int:
		f, _ := new(big.Float).SetInt(x).Float64()
		return f, nil
	}
	s, ok := value.Text(v)
	if !ok {
		return 0, fmt.Errorf("float() argument must be a string or a real number, not '%s'", value.TypeName(v))
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		return 0, fmt.Errorf("could not convert string to float: %s", value.Repr(s))
	}
	return f, nil
}
