// Command storage keeps lists of values under keys in a JSON file:
//
//	storage --key NAME --val VALUE    adds a value
//	storage --key NAME                prints the values
//	storage serve --listen ADDRESS    offers the same over HTTP
//
// It is a program of its own: goplay does not import it, and it imports nothing of the engine.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kv"
)

const usage = "usage: storage --key NAME [--val VALUE] [--file PATH] | storage serve [--listen ADDRESS]; --help tells more"

const helpText = `storage keeps lists of values under keys in a JSON file.

  storage --key NAME --val VALUE   add VALUE to the values of NAME
  storage --key NAME               print the values of NAME in the order in which
                                   they were added, joined by ", "; an empty line
                                   for a key that has none
  storage serve                    offer the storage over HTTP; storage serve --help

Options:
`

const helpEnd = `
The file holds a JSON object: keys, each with a list of strings. Any number of
processes may add values at once; none is lost. A value is on the disk when the
command ends with exit code 0.

Exit codes: 0 done; 1 the storage cannot be read or written; 2 wrong arguments.
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its surroundings given; it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	var err error
	if len(args) > 0 && args[0] == "serve" {
		err = serve(args[1:], stdout, stderr)
	} else {
		err = command(args, stdout)
	}
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "storage: %s (%s)\n", oneLine(wrong.Error()), usage)
		return 2
	default:
		fmt.Fprintf(stderr, "storage: %s\n", oneLine(plain(err)))
		return 1
	}
}

// usageError is a mistake in the arguments.
type usageError string

func (e usageError) Error() string { return string(e) }

// command adds a value or prints the values of a key.
func command(args []string, stdout io.Writer) error {
	flags := newFlags("storage")
	key := flags.String("key", "", "the `NAME` of the key")
	values := flags.StringArray("val", nil, "the `VALUE` to add, which may be empty; may be given several times")
	path := fileFlag(flags)
	help := flags.BoolP("help", "h", false, "show this help")
	if err := flags.Parse(args); err != nil {
		return wrongFlag(flags, err)
	}
	if *help {
		return printOut(stdout, helpText+flags.FlagUsages()+helpEnd)
	}
	switch {
	case flags.NArg() > 0:
		return usageError(fmt.Sprintf("unexpected argument %q", flags.Arg(0)))
	case !flags.Changed("key"):
		return usageError("--key is missing")
	case *key == "":
		return usageError("--key is empty")
	case *path == "":
		return usageError("--file is empty")
	}
	for _, text := range append([]string{*key}, *values...) {
		if !utf8.ValidString(text) {
			return usageError(fmt.Sprintf("%q is not UTF-8", text))
		}
	}
	file := kv.File{Path: *path}
	if flags.Changed("val") {
		return file.Append(context.Background(), *key, *values...)
	}
	data, err := file.Load()
	if err != nil {
		return err
	}
	// what is no text in UTF-8 cannot be printed as such
	return printOut(stdout, strings.ToValidUTF8(strings.Join(data.Values(*key), ", "), "\uFFFD")+"\n")
}

func newFlags(name string) *pflag.FlagSet {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.SortFlags = false
	return flags
}

// wrongFlag words an error of Parse; one dash for two is the most frequent.
func wrongFlag(flags *pflag.FlagSet, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "" {
		name, _, _ := strings.Cut(unknown.GetSpecifiedShortnames(), "=")
		if flags.Lookup(name) != nil {
			return usageError(fmt.Sprintf("unknown option -%s: did you mean --%s?", name, name))
		}
	}
	return usageError(err.Error())
}

func fileFlag(flags *pflag.FlagSet) *string {
	path := os.Getenv("STORAGE_FILE")
	if path == "" {
		path = filepath.Join(os.TempDir(), "storage.data")
	}
	return flags.String("file", path, "the `PATH` of the storage's file; also STORAGE_FILE in the environment")
}

func printOut(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("cannot print: %w", err)
	}
	return nil
}

// plain words an error without Go's prefixes: "/x/storage.data: permission denied".
func plain(err error) string {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path) && err == error(path):
		return path.Path + ": " + path.Err.Error()
	case errors.As(err, &link) && err == error(link):
		return link.New + ": " + link.Err.Error()
	}
	return err.Error()
}

// oneLine keeps names with line breaks in them from making two lines of a message.
func oneLine(text string) string {
	return strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(text)
}
