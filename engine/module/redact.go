package module

import (
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

const (
	redactedWhole = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
	redactedPart  = "********"
)

// collectSecrets adds the texts of a no_log parameter's value to list.
func collectSecrets(list []string, v value.Value) []string {
	switch x := v.(type) {
	case nil, bool:
	case *value.Dict:
		for _, e := range x.All() {
			list = collectSecrets(list, e)
		}
	case *value.List:
		for _, e := range x.Items {
			list = collectSecrets(list, e)
		}
	default:
		if s := value.Str(x); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// redact replaces secrets in v: values that are one whole, parts of text where
// it holds one. Keys stay.
func redact(v value.Value, secrets []string) value.Value {
	if len(secrets) == 0 {
		return v
	}
	sort.Slice(secrets, func(i, j int) bool { return len(secrets[i]) > len(secrets[j]) })
	return redactValue(v, secrets)
}

func redactValue(v value.Value, secrets []string) value.Value {
	switch x := v.(type) {
	case nil, bool:
		return v
	case *value.Dict:
		d := value.NewDictCap(x.Len())
		for k, e := range x.All() {
			d.Set(k, redactValue(e, secrets))
		}
		return d
	case *value.List:
		l := value.NewList()
		for _, e := range x.Items {
			l.Append(redactValue(e, secrets))
		}
		return l
	case string:
		for _, s := range secrets {
			if x == s {
				return redactedWhole
			}
			x = strings.ReplaceAll(x, s, redactedPart)
		}
		return x
	}
	t := value.Str(v)
	for _, s := range secrets {
		if strings.Contains(t, s) {
			return redactedWhole
		}
	}
	return v
}

// redactKeys replaces secrets in the keys of dictionaries, as deep as they go.
func redactKeys(v value.Value, secrets []string) value.Value {
	if len(secrets) == 0 {
		return v
	}
	switch x := v.(type) {
	case *value.Dict:
		d := value.NewDictCap(x.Len())
		for k, e := range x.All() {
			d.Set(redact(k, secrets), redactKeys(e, secrets))
		}
		return d
	case *value.List:
		l := value.NewList()
		for _, e := range x.Items {
			l.Append(redactKeys(e, secrets))
		}
		return l
	}
	return v
}
