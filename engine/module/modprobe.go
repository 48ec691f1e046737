package module

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

type modprobeArgs struct {
	Name       string `arg:"name,required" doc:"Name of the kernel module."`
	Params     string `arg:"params" default:"" doc:"Parameters of the module."`
	Persistent string `arg:"persistent,default=disabled,choices=disabled|present|absent" doc:"Whether it is loaded at boot."`
	State      string `arg:"state,default=present,choices=absent|present" doc:"Whether it is loaded."`
}

var modprobeDef = &Def{
	Name:  "community.general.modprobe",
	Short: "Load or unload kernel modules",
	Args:  func() any { return &modprobeArgs{} },
	Run:   runModprobe,
}

func runModprobe(c *Context, args any) *Result {
	a := args.(*modprobeArgs)
	res := OK().Set("name", a.Name).Set("params", a.Params).Set("state", a.State)
	loaded, err := c.moduleLoaded(a.Name)
	if err != nil {
		return FailErr(err)
	}
	if loaded != (a.State == "present") {
		exe, err := c.findProgram("modprobe")
		if err != nil {
			return FailErr(err)
		}
		argv := []string{exe}
		if c.Check {
			argv = append(argv, "-n")
		}
		if a.State == "present" {
			params, err := shlexSplit(a.Params)
			if err != nil {
				return Fail("params: %s", err)
			}
			argv = append(append(argv, a.Name), params...)
		} else {
			argv = append(argv, "-r", a.Name)
		}
		p, err := c.run(argv, &progOptions{Env: cLocale})
		if err != nil {
			return FailErr(err)
		}
		if p.RC != 0 {
			return Fail("%s", p.Stderr).Set("rc", p.RC).Set("stdout", p.Stdout).Set("stderr", p.Stderr).Set("name", a.Name).Set("params", a.Params).Set("state", a.State)
		}
		res.Changed = true
	}
	if a.Persistent != "disabled" {
		changed, err := c.persistModule(a)
		if err != nil {
			return FailErr(err)
		}
		res.Changed = res.Changed || changed
	}
	return res
}

// moduleLoaded looks among the loaded and the built-in modules.
func (c *Context) moduleLoaded(name string) (bool, error) {
	want := strings.ReplaceAll(name, "-", "_")
	data, err := os.ReadFile("/proc/modules")
	if err != nil && !notExist(err) {
		return false, Errorf(pyError(err, "/proc/modules"))
	}
	for _, l := range strings.Split(string(data), "\n") {
		if n, _, _ := strings.Cut(l, " "); n == want {
			return true, nil
		}
	}
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	builtin, _ := os.ReadFile("/lib/modules/" + strings.TrimSpace(string(release)) + "/modules.builtin")
	for _, l := range strings.Split(string(builtin), "\n") {
		base := strings.TrimSuffix(filepath.Base(strings.TrimSpace(l)), ".ko")
		if strings.ReplaceAll(base, "-", "_") == want {
			return true, nil
		}
	}
	return false, nil
}

// persistModule keeps the files that load the module at boot and set its parameters.
func (c *Context) persistModule(a *modprobeArgs) (bool, error) {
	changed := false
	load, opts := "/etc/modules-load.d", "/etc/modprobe.d"
	wantLoad, wantOpts := a.Name+"\n", ""
	if a.Params != "" {
		wantOpts = fmt.Sprintf("options %s %s\n", a.Name, a.Params)
	}
	has := func(file, line string) bool {
		b, _ := readFile(file)
		for _, l := range strings.Split(string(b), "\n") {
			l, _, _ = strings.Cut(l, "#")
			if strings.TrimSpace(l) == strings.TrimSpace(line) {
				return true
			}
		}
		return false
	}
	drop := func(dir, prefix string) error {
		files, _ := filepath.Glob(dir + "/*.conf")
		for _, f := range files {
			b, err := readFile(f)
			if err != nil {
				continue
			}
			var out []string
			hit := false
			for _, l := range strings.SplitAfter(string(b), "\n") {
				if w := strings.Fields(l); len(w) > 0 && strings.HasPrefix(strings.Join(w, " ")+" ", prefix+" ") {
					out = append(out, "#"+l)
					hit = true
				} else {
					out = append(out, l)
				}
			}
			if !hit {
				continue
			}
			changed = true
			if !c.Check {
				n, err := c.createBytes(f, []byte(strings.Join(out, "")), false)
				if err == nil {
					err = n.Commit(false)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	}
	put := func(file, text string) error {
		changed = true
		if c.Check {
			return nil
		}
		n, err := c.createBytes(file, []byte(text), false)
		if err == nil {
			err = n.Commit(false)
		}
		return err
	}
	if a.Persistent == "absent" {
		if err := drop(load, a.Name); err != nil {
			return false, err
		}
		return changed, drop(opts, "options "+a.Name)
	}
	found := false
	files, _ := filepath.Glob(load + "/*.conf")
	for _, f := range files {
		found = found || has(f, wantLoad)
	}
	if !found {
		if err := put(filepath.Join(load, a.Name+".conf"), wantLoad); err != nil {
			return false, err
		}
	}
	found = wantOpts == ""
	files, _ = filepath.Glob(opts + "/*.conf")
	for _, f := range files {
		found = found || has(f, wantOpts)
	}
	if !found {
		if err := drop(opts, "options "+a.Name); err != nil {
			return false, err
		}
		if err := put(filepath.Join(opts, a.Name+".conf"), wantOpts); err != nil {
			return false, err
		}
	}
	return changed, nil
}
