package engine

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/report"
)

// NewScreen opens the screen as the configuration wants it: colours, cows, the
// log file.
func NewScreen(c *config.Config, out, err io.Writer, verbosity int) *report.Screen {
	color := "auto"
	switch {
	case c.NoColor():
		color = "never"
	case c.ForceColor():
		color = "always"
	}
	s := report.NewScreen(out, err, color, verbosity)
	s.Colors = map[string]string{}
	for _, kind := range report.ColorKinds() {
		s.Colors[kind] = c.Color(kind)
	}
	s.VerboseToErr = c.Bool("VERBOSE_TO_STDERR")
	if !c.NoCows() {
		if s.Cow = report.FindCow(c.Str("ANSIBLE_COW_PATH")); s.Cow != nil {
			s.Cow.Which, s.Cow.Allow = c.Str("ANSIBLE_COW_SELECTION"), c.List("ANSIBLE_COW_ACCEPTLIST")
		}
	}
	s.LogVerbosity, s.LogFilter = c.Int("LOG_VERBOSITY"), c.List("DEFAULT_LOG_FILTER")
	if path := c.LogPath(); path != "" {
		f, e := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if e != nil {
			s.Warn(fmt.Sprintf("log file at %s is not writeable and we cannot create it, aborting", path), false)
			return s
		}
		s.Log = f
	}
	return s
}

// reportSettings are the options of outputs.
func reportSettings(c *config.Config, check bool) report.Settings {
	pretty, prettySet := c.PrettyResults()
	return report.Settings{HideSkipped: !c.DisplaySkipped(), HideOK: !c.DisplayOK(), FailedToStderr: c.DisplayFailedStderr(),
		TaskPathOnFailure: c.ShowTaskPathOnFailure(), CheckMarkers: c.CheckModeMarkers(), Check: check, ArgsToStdout: c.Bool("DISPLAY_ARGS_TO_STDOUT"),
		PerHostStart: c.ShowPerHostStart(), CustomStats: c.ShowCustomStats(), DiffContext: c.DiffContext(),
		ResultYAML: c.ResultFormat() == "yaml", Lossless: prettySet && !pretty, PrettyJSON: pretty, ShowDeprecations: c.Bool("DEPRECATION_WARNINGS"), ActionWarnings: c.Bool("ACTION_WARNINGS")}
}

// Report makes the report of a run, filling in what the configuration says of
// every output.
func (s *Setup) Report(o report.Options) (event.Sink, error) {
	o.Screen, o.Settings = s.Screen, reportSettings(s.Config, s.Options.Check)
	o.Option = func(env, ini []string) (string, bool) {
		text, _, ok := s.Config.Option(env, ini)
		return text, ok
	}
	sink, err := report.New(o)
	var unknown *report.UnknownLayout
	if errors.As(err, &unknown) {
		if file := s.ownCallback(unknown.Name); file != "" {
			s.Screen.Warn(fmt.Sprintf("callbacks written in Python are not run: the default one is used instead of %s", file), false)
			o.Stdout = ""
			return report.New(o)
		}
	}
	return sink, err
}

// ownCallback finds a callback plugin of the user's own, written in Python.
func (s *Setup) ownCallback(name string) string {
	dirs := append([]string{}, s.Config.List("DEFAULT_CALLBACK_PLUGIN_PATH")...)
	for _, p := range s.Options.Playbooks {
		dirs = append(dirs, filepath.Join(filepath.Dir(p), "callback_plugins"))
	}
	for _, d := range dirs {
		file := filepath.Join(d, name[strings.LastIndex(name, ".")+1:]+".py")
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	return ""
}
