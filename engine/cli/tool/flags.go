package tool

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// ParseFlags reads arguments in argparse's habits: long flags may be
// abbreviated. It returns what is wrong in argparse's words, "" where nothing is.
func ParseFlags(fs *pflag.FlagSet, args []string) string {
	full, msg := complete(fs, args)
	if msg != "" {
		return msg
	}
	err := fs.Parse(full)
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var bad *pflag.InvalidValueError
	switch {
	case err == nil:
		return exclusive(fs)
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			return "unrecognized arguments: -" + unknown.GetSpecifiedShortnames()
		}
		return "unrecognized arguments: --" + name + suggest(fs, name)
	case errors.As(err, &missing):
		return fmt.Sprintf("argument %s: expected one argument", spellings(fs, missing.GetFlag()))
	case errors.As(err, &bad):
		f := bad.GetFlag()
		if f.Value.Type() == "bool" {
			return fmt.Sprintf("argument %s: ignored explicit argument '%s'", spellings(fs, f), bad.GetValue())
		}
		return fmt.Sprintf("argument %s: invalid %s value: '%s'", spellings(fs, f), f.Value.Type(), bad.GetValue())
	}
	return err.Error()
}

// exclusive names two flags that may not stand together.
func exclusive(fs *pflag.FlagSet) string {
	ask := fs.Changed("ask-vault-password") || fs.Changed("ask-vault-pass")
	if ask && (fs.Changed("vault-password-file") || fs.Changed("vault-pass-file")) {
		return "argument --vault-password-file/--vault-pass-file: not allowed with argument -J/--ask-vault-password/--ask-vault-pass"
	}
	return ""
}

// spellings are a flag's names as argparse joins them: -i/--inventory.
func spellings(fs *pflag.FlagSet, f *pflag.Flag) string {
	names := []string{"--" + f.Name}
	if f.Shorthand != "" {
		names = append([]string{"-" + f.Shorthand}, names...)
	}
	return strings.Join(names, "/")
}

// complete spells abbreviated long flags out; an abbreviation of several flags is
// a mistake.
func complete(fs *pflag.FlagSet, args []string) (out []string, msg string) {
	for i, a := range args {
		if a == "--" {
			return append(out, args[i:]...), ""
		}
		name, rest, valued := strings.Cut(a, "=")
		long, ok := strings.CutPrefix(name, "--")
		if !ok || long == "" {
			out = append(out, a)
			continue
		}
		f := fs.Lookup(long)
		if f == nil {
			var fit []string
			fs.VisitAll(func(f *pflag.Flag) {
				if strings.HasPrefix(f.Name, long) {
					fit = append(fit, f.Name)
				}
			})
			if len(fit) > 1 && !sameFlag(fs, fit) {
				return nil, fmt.Sprintf("ambiguous option: --%s could match --%s", long, strings.Join(fit, ", --"))
			}
			if len(fit) > 0 {
				f = fs.Lookup(fit[0])
				if a = "--" + f.Name; valued {
					a += "=" + rest
				}
			}
		}
		if f != nil && valued && f.Value.Type() == "bool" {
			return nil, fmt.Sprintf("argument %s: ignored explicit argument '%s'", spellings(fs, f), rest)
		}
		out = append(out, a)
	}
	return out, ""
}

// sameFlag tells whether names are spellings of one flag, of which all but one
// are hidden.
func sameFlag(fs *pflag.FlagSet, names []string) bool {
	shown := 0
	for _, n := range names {
		if !fs.Lookup(n).Hidden {
			shown++
		}
	}
	return shown <= 1
}

// suggest names a flag near to a wrong one.
func suggest(fs *pflag.FlagSet, name string) string {
	best := ""
	fs.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && strings.HasPrefix(name, f.Name) {
			best = f.Name
		}
	})
	if best == "" {
		return ""
	}
	return " (did you mean --" + best + "?)"
}
