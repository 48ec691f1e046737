package module

import (
	"encoding/json"
	"regexp"
	"strings"
)

type composerArgs struct {
	APCU             bool   `arg:"apcu_autoloader,default=false" doc:"Cache classes with APCu."`
	Arguments        string `arg:"arguments" default:"" doc:"Arguments of the command, such as a package."`
	Authoritative    bool   `arg:"classmap_authoritative,default=false" doc:"Load classes from the class map only."`
	Command          string `arg:"command,default=install" doc:"Composer's command: install, update, require ..."`
	ComposerPath     *Path  `arg:"composer_executable" doc:"The composer program."`
	PHP              *Path  `arg:"executable,alias=php_path" doc:"The php program."`
	Global           bool   `arg:"global_command,default=false" doc:"Run the command globally."`
	IgnorePlatform   bool   `arg:"ignore_platform_reqs,default=false" doc:"Ignore what packages ask of the platform."`
	NoDev            bool   `arg:"no_dev,default=true" doc:"Leave development packages out."`
	NoPlugins        bool   `arg:"no_plugins,default=false" doc:"Run no plugins."`
	NoScripts        bool   `arg:"no_scripts,default=false" doc:"Run no scripts."`
	OptimizeAutoload bool   `arg:"optimize_autoloader,default=true" doc:"Optimize the autoloader."`
	PreferDist       bool   `arg:"prefer_dist,default=false" doc:"Install from archives."`
	PreferSource     bool   `arg:"prefer_source,default=false" doc:"Install from sources."`
	WorkingDir       *Path  `arg:"working_dir" doc:"Folder of the project."`
}

var composerDef = &Def{
	Name:       "community.general.composer",
	Short:      "Dependency Manager for PHP",
	Args:       func() any { return &composerArgs{} },
	Run:        plainly(composer),
	RequiredIf: []RequiredIf{{Key: "global_command", Value: false, Required: []string{"working_dir"}}},
}

var whiteSpace = regexp.MustCompile(`\s+`)

func composer(c *Context, p *composerArgs) (*Result, error) {
	if strings.ContainsAny(p.Command, " \t") {
		return nil, Errorf("Use the 'arguments' param for passing arguments with the 'command'")
	}
	find := func(given *Path, name string) (string, error) {
		if given != nil {
			return string(*given), nil
		}
		return c.findProgram(name, "/usr/local/bin")
	}
	php, err := find(p.PHP, "php")
	if err != nil {
		return nil, err
	}
	exe, err := find(p.ComposerPath, "composer")
	if err != nil {
		return nil, err
	}
	base := []string{php, exe}
	known, err := composerOptions(c, append(base, "help", p.Command, "--no-interaction", "--format=json"))
	if err != nil {
		return nil, err
	}
	argv := base
	if p.Global {
		argv = append(argv, "global")
	}
	argv = append(argv, p.Command)
	add := func(when bool, name string) {
		if when && known[name] {
			argv = append(argv, "--"+name)
		}
	}
	for _, o := range []string{"no-ansi", "no-interaction", "no-progress"} {
		add(true, o)
	}
	if !p.Global {
		argv = append(argv, "--working-dir", string(*p.WorkingDir))
	}
	add(p.PreferSource, "prefer-source")
	add(p.PreferDist, "prefer-dist")
	add(p.NoDev, "no-dev")
	add(p.NoScripts, "no-scripts")
	add(p.NoPlugins, "no-plugins")
	add(p.APCU, "apcu-autoloader")
	add(p.OptimizeAutoload, "optimize-autoloader")
	add(p.Authoritative, "classmap-authoritative")
	add(p.IgnorePlatform, "ignore-platform-reqs")
	if c.Check {
		if !known["dry-run"] {
			r := OK().WithMsg("command '" + p.Command + "' does not support check mode, skipping")
			r.Skipped = true
			return r, nil
		}
		argv = append(argv, "--dry-run")
	}
	words, err := shlexSplit(p.Arguments)
	if err != nil {
		return nil, Errorf("arguments: " + err.Error())
	}
	out, err := c.run(append(argv, words...), &progOptions{Env: cLocale})
	if err != nil {
		return nil, err
	}
	text := out.Stdout + out.Stderr
	msg := strings.TrimSpace(whiteSpace.ReplaceAllString(text, " "))
	if out.RC != 0 {
		return nil, Errorf(msg, "stdout", text)
	}
	changed := !strings.Contains(text, "Nothing to install or update") && !strings.Contains(text, "Nothing to install, update or remove")
	return Changed(changed).WithMsg(msg).Set("stdout", text), nil
}

// composerOptions asks which options the command knows.
func composerOptions(c *Context, argv []string) (map[string]bool, error) {
	out, err := c.run(argv, &progOptions{Env: cLocale})
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		text := out.Stdout + out.Stderr
		return nil, Errorf(strings.TrimSpace(whiteSpace.ReplaceAllString(text, " ")), "stdout", text)
	}
	var help struct {
		Definition struct{ Options map[string]any }
	}
	// Warnings may stand before the answer.
	text := out.Stdout
	if i := strings.IndexByte(text, '{'); i > 0 {
		text = text[i:]
	}
	if err := json.Unmarshal([]byte(text), &help); err != nil {
		return nil, Errorf("composer's help cannot be read: "+err.Error(), "stdout", out.Stdout)
	}
	known := map[string]bool{}
	for o := range help.Definition.Options {
		known[o] = true
	}
	return known, nil
}
