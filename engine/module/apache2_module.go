package module

import (
	"fmt"
	"regexp"
	"strings"
)

type apacheArgs struct {
	Force             bool    `arg:"force,default=false" doc:"Disable modules even if they are essential."`
	Identifier        *string `arg:"identifier" doc:"The module's name in apache2ctl -M, where it is not NAME_module."`
	IgnoreConfigCheck bool    `arg:"ignore_configcheck,default=false" doc:"Go on where Apache finds its configuration inconsistent."`
	Name              string  `arg:"name,required" doc:"Name of the module, as a2enmod takes it."`
	State             string  `arg:"state,default=present,choices=absent|present" doc:"Whether the module is enabled."`
	WarnMPMAbsent     bool    `arg:"warn_mpm_absent,default=true" doc:"Warn where no MPM is loaded."`
}

var apacheDef = &Def{
	Name:  "community.general.apache2_module",
	Short: "Enables/disables a module of the Apache2 webserver",
	Args:  func() any { return &apacheArgs{} },
	Run:   plainly(apacheModule),
}

// apacheNames are modules whose name in Apache does not follow from that of
// their file.
var apacheNames = map[string]string{"shib": "mod_shib", "shib2": "mod_shib", "evasive": "evasive20_module", "php8": "php_module"}

var apachePHP = regexp.MustCompile(`^php(\d+)(\.\d+)?$`)

func (p *apacheArgs) identifier() string {
	if p.Identifier != nil {
		return *p.Identifier
	}
	if m := apachePHP.FindStringSubmatch(p.Name); m != nil {
		if len(m[1]) > 1 || m[1] >= "8" {
			return "php_module"
		}
		return "php" + m[1] + "_module"
	}
	return or(apacheNames[p.Name], p.Name+"_module")
}

func apacheModule(c *Context, p *apacheArgs) (*Result, error) {
	enable := p.State == "present"
	word := map[bool]string{true: "enabled", false: "disabled"}[enable]
	r := OK().Set("result", fmt.Sprintf("Module %s %s", p.Name, word))
	on, err := p.loaded(c)
	if err != nil || on == enable {
		return r, err
	}
	r.Changed = true
	if c.Check {
		return r, nil
	}
	argv := []string{map[bool]string{true: "a2enmod", false: "a2dismod"}[enable]}
	if p.Force && !enable {
		argv = append(argv, "-f")
	}
	exe, err := c.findProgram(argv[0])
	if err != nil {
		return nil, Errorf(argv[0] + " not found. Perhaps this system does not use " + argv[0] + " to manage apache")
	}
	out, err := c.run(append(append([]string{exe}, argv[1:]...), p.Name), &progOptions{Env: cLocale})
	if err != nil {
		return nil, err
	}
	if on, err = p.loaded(c); err == nil && on == enable {
		return r, nil
	}
	hint := ""
	if p.Identifier == nil && enable {
		hint = fmt.Sprintf("Maybe the module identifier (%s) was guessed incorrectly.Consider setting the \"identifier\" option.", p.identifier())
	}
	return nil, Errorf(fmt.Sprintf("Failed to set module %s to %s:\n%s\n%s", p.Name, word, out.Stdout, hint), "rc", out.RC, "stdout", out.Stdout, "stderr", out.Stderr)
}

// loaded asks Apache which modules it loads.
func (p *apacheArgs) loaded(c *Context) (bool, error) {
	exe, err := c.findProgram("apache2ctl")
	if err != nil {
		if exe, err = c.findProgram("apachectl"); err != nil {
			return false, Errorf("Neither of apache2ctl nor apachectl found. At least one apache control binary is necessary.")
		}
	}
	out, err := c.run([]string{exe, "-M"}, &progOptions{Env: cLocale})
	if err != nil {
		return false, err
	}
	if out.RC != 0 {
		msg := fmt.Sprintf("Error executing %s: %s", exe, out.Stderr)
		switch {
		case p.IgnoreConfigCheck && strings.Contains(out.Stderr, "AH00534") && strings.HasPrefix(p.Name, "mpm_"):
			if p.WarnMPMAbsent {
				c.warn("No MPM module loaded! apache2 reload AND other module actions will fail if no MPM module is loaded immediately.")
			}
		case p.IgnoreConfigCheck:
			c.warn(msg)
		default:
			return false, Errorf(msg, "rc", out.RC, "stdout", out.Stdout, "stderr", out.Stderr)
		}
	}
	for _, l := range strings.Split(out.Stdout, "\n") {
		if w := strings.Fields(l); len(w) > 0 && w[0] == p.identifier() {
			return true, nil
		}
	}
	return false, nil
}
