package engine

import (
	"cmp"
	"fmt"
	"io"
	"os"
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
	if s.plugins.HasCallbacks() || strings.Contains(o.Stdout+strings.Join(o.Enabled, ""), ".") {
		connection := cmp.Or(s.Options.Connection, s.Config.Transport())
		if connection == "smart" {
			connection = "ssh"
		}
		o.Python = s.plugins.Callbacks(s.Screen, connection, report.Hide)
	}
	return report.New(o)
}
