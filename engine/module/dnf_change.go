package module

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// present installs what is missing; with latest it upgrades too.
func (r *dnfRun) present(latest bool) *Result {
	var names, files, groups, notes, groupNotes []string
	for _, n := range r.a.Name {
		switch {
		case strings.HasPrefix(n, "@"):
			spec, note, err := r.group(n, latest)
			if err != nil {
				return FailErr(err)
			}
			groups = append(groups, spec)
			if note != "" {
				groupNotes = append(groupNotes, note)
			}
		case strings.Contains(n, "://"):
			f, err := r.fetchPackage(n, ".rpm", r.a.ValidateCerts)
			if err != nil {
				return FailErr(err)
			}
			defer os.Remove(f)
			files, notes = append(files, f), append(notes, "Installed "+f)
		case strings.HasSuffix(n, ".rpm"):
			if _, err := os.Stat(n); err == nil {
				files, notes = append(files, n), append(notes, "Installed "+n)
			} else if strings.Contains(n, "/") {
				return Fail("Could not open: %s", n).Set("rc", 1).Set("results", []string{})
			} else {
				names = append(names, n)
			}
		default:
			names = append(names, n)
		}
	}
	notes = append(notes, groupNotes...)
	newFiles, err := r.newerFiles(files)
	if err != nil {
		return FailErr(err)
	}
	r.files = len(files) > 0
	r.groupsHad = len(groups) > 0 && r.groupsThere(groups)
	plain := slices.DeleteFunc(slices.Clone(names), isPattern)
	missing, err := r.rpmMissing(r.root, plain)
	missing = append(missing, slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !isPattern(n) })...) // dnf knows what they match
	if err != nil {
		return FailErr(err)
	}
	if !r.a.AllowDowngrade {
		if missing, err = r.withoutOlder(missing); err != nil {
			return FailErr(err)
		}
	}
	var toInstall []string
	switch {
	case latest && r.a.UpdateOnly:
		there := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(missing, n) })
		for _, n := range missing {
			notes = append(notes, fmt.Sprintf("Packages providing %s not installed due to update_only specified", n))
		}
		if len(there) == 0 && len(groups) == 0 {
			return r.done("Nothing to do", false, notes)
		}
		return r.noted(r.transaction("upgrade", append(there, groups...)), notes)
	case latest && len(groups) > 0 && len(names)+len(files) == 0 && r.groupsThere(groups):
		return r.noted(r.transaction("upgrade", groups), notes)
	case latest && len(missing) == 0 && len(newFiles) == 0 && len(groups) == 0:
		if len(names) == 0 {
			return r.done("Nothing to do", false, notes)
		}
		return r.noted(r.transaction("upgrade", names), notes)
	case latest:
		toInstall = slices.Concat(names, newFiles, groups)
	default:
		toInstall = slices.Concat(missing, newFiles, groups)
	}
	if len(toInstall) == 0 {
		return r.done("Nothing to do", false, notes)
	}
	return r.noted(r.transaction("install", toInstall), notes)
}

// noted puts what was said of the names before what the transaction did.
func (r *dnfRun) noted(res *Result, notes []string) *Result {
	if !res.Changed {
		notes = slices.DeleteFunc(notes, func(n string) bool { return strings.HasPrefix(n, "Module ") })
	}
	if l, ok := res.Fields.At("results").(*value.List); ok && !res.Failed && len(notes) > 0 {
		all := value.NewList()
		for _, n := range notes {
			all.Append(n)
		}
		for _, e := range l.Items {
			all.Append(e)
		}
		res.Set("results", all)
	}
	return res
}

// newerFiles leaves out package files whose very version is installed.
func (r *dnfRun) newerFiles(files []string) ([]string, error) {
	var out []string
	for _, f := range files {
		p, err := r.rpm("", "-qp", "--nosignature", "--qf", rpmFormat, f)
		if err != nil {
			return nil, err
		}
		l := parseRPMs(p.Stdout)
		if p.RC != 0 || len(l) == 0 {
			return nil, Errorf(fmt.Sprintf("Could not open: %s: %s", f, strings.TrimSpace(p.Stderr)), "rc", 1, "results", []string{})
		}
		have, err := r.rpmInstalled(r.root, l[0].Name)
		if err != nil {
			return nil, err
		}
		skip := false
		for _, h := range have {
			c := rpmCompareEVR(h.EVR(), l[0].EVR())
			skip = skip || h.Name == l[0].Name && (c == 0 || c > 0 && !r.a.AllowDowngrade)
		}
		if !skip {
			out = append(out, f)
		}
	}
	return out, nil
}

// withoutOlder leaves out name-version specifications whose package is there
// in a higher version.
func (r *dnfRun) withoutOlder(specs []string) ([]string, error) {
	var out []string
next:
	for _, s := range specs {
		parts := strings.Split(s, "-")
		for cut := len(parts) - 1; cut >= 1 && cut >= len(parts)-2; cut-- {
			evr := strings.Join(parts[cut:], "-")
			if evr == "" || !strings.ContainsAny(evr[:1], "0123456789") {
				continue
			}
			p, err := r.rpm(r.root, "-q", "--qf", rpmFormat, "--", strings.Join(parts[:cut], "-"))
			if err != nil {
				return nil, err
			}
			for _, h := range parseRPMs(p.Stdout) {
				want := strings.TrimSuffix(evr, "."+h.Arch)
				if !strings.Contains(want, ":") && h.Epoch != "0" {
					want = h.Epoch + ":" + want
				}
				if rpmCompareEVR(h.EVR(), want) > 0 {
					continue next
				}
			}
		}
		out = append(out, s)
	}
	return out, nil
}

func (r *dnfRun) absent() *Result {
	if len(r.a.Name) == 0 {
		return r.transaction("autoremove", nil)
	}
	var toRemove, notes, modules []string
	for _, n := range r.a.Name {
		if strings.HasPrefix(n, "@") {
			spec, note, err := r.group(n, false)
			if err != nil {
				return FailErr(err)
			}
			if strings.HasPrefix(note, "Module") {
				notes, modules = append(notes, "Module "+n[1:]+" removed."), append(modules, n[1:])
			} else if !r.groupsThere([]string{spec}) {
				continue
			}
			toRemove = append(toRemove, spec)
			continue
		}
		l, err := r.rpmInstalled(r.root, n)
		if err != nil {
			return FailErr(err)
		}
		if len(l) > 0 {
			toRemove = append(toRemove, n)
		} else if isPattern(n) {
			notes = append(notes, n+" is not installed")
		}
	}
	if len(toRemove) == 0 {
		return r.done("Nothing to do", false, notes)
	}
	res := r.noted(r.transaction("remove", toRemove), notes)
	if len(modules) > 0 && res.Changed && !r.Check { // else the stream stays enabled
		if _, err := r.dnfTolerant(slices.Concat([]string{r.exe, "-q", "-y"}, r.options("module"), []string{"module", "reset"}, modules)); err != nil {
			return FailErr(err)
		}
	}
	return res
}

// transaction runs dnf and reports what it installed and removed.
func (r *dnfRun) transaction(command string, specs []string) *Result {
	if err := r.waitForLocks(); err != nil {
		return FailErr(err)
	}
	before, err := r.rpm(r.root, "-qa", "--qf", rpmFormat)
	if err != nil {
		return FailErr(err)
	}
	argv := []string{r.exe}
	if r.Check {
		argv = append(argv, "--assumeno")
	} else {
		argv = append(argv, "-y")
	}
	argv = append(argv, r.options(command)...)
	if command == "remove" && r.kind != "yum" {
		argv = append(argv, "--setopt=clean_requirements_on_remove="+map[bool]string{true: "True", false: "False"}[r.a.Autoremove])
	}
	verb := command
	if command == "upgrade" && (r.a.Security || r.a.Bugfix) { // to the version that the notice names, no further
		if r.kind == "dnf5" {
			argv = append(argv, "--minimal")
		} else {
			verb = "upgrade-minimal"
		}
	}
	argv = append(append(argv, verb), specs...)
	p, err := r.dnfTolerant(argv)
	if err != nil {
		return FailErr(err)
	}
	plan := parseDNFPlan(p.Stdout)
	aborted := r.Check && (strings.Contains(p.Stdout+p.Stderr, "Operation aborted") || strings.Contains(p.Stdout+p.Stderr, "Is this ok"))
	if p.RC != 0 && !aborted {
		return r.failed(p, specs...)
	}
	if plan.empty() || r.groupsHad && len(plan.install)+len(plan.upgrade)+len(plan.remove) == 0 {
		// Conflicts that skip everything, or nothing that is newer.
		return r.done("Nothing to do", false, nil)
	}
	results := plan.results(parseRPMs(before.Stdout), r.a.DownloadOnly)
	if r.Check {
		return r.done("Check mode: No changes made, but would have if not in check mode", true, results)
	}
	return r.done("", true, results)
}

// failed puts dnf's complaint into the reference's words.
func (r *dnfRun) failed(p *progResult, specs ...string) *Result {
	text := p.Stdout + "\n" + p.Stderr
	var failures []string
	var group string
	for _, l := range strings.Split(text, "\n") {
		l = strings.TrimSpace(l)
		if s, ok := strings.CutPrefix(l, "No match for argument: "); ok {
			// dnf prints the argument in bold on a terminal only.
			failures = append(failures, fmt.Sprintf("No package %s available.", s))
		}
		if s, ok := strings.CutPrefix(l, "All matches were filtered out by exclude filtering for argument: "); ok {
			failures = append(failures, s+" "+l)
		}
		for _, pre := range []string{"Module or Group '", "Group '"} {
			if s, ok := strings.CutPrefix(l, pre); ok && strings.Contains(s, "not available") {
				group, _, _ = strings.Cut(s, "'")
			}
		}
	}
	if strings.Contains(text, "There are no enabled repositories") {
		for _, n := range specs {
			failures = append(failures, fmt.Sprintf("No package %s available.", n))
		}
	}
	slices.Sort(failures)
	failures = slices.Compact(failures)
	reason := dnfReason(p)
	if m := reUnsigned.FindStringSubmatch(text); m != nil {
		return Fail("Failed to validate GPG signature for %s: Package %s.rpm is not signed", m[1], m[1])
	}
	if strings.HasPrefix(reason, "Unable to find a match") {
		for _, n := range specs {
			if name, is := strings.CutPrefix(n, "@"); is {
				failures = append(failures, name+" Problems in request:\nbroken groups or modules: "+name)
			}
		}
	}
	var res *Result
	switch scripts := reScriptlet.FindAllString(text, -1); {
	case scripts != nil:
		res = Fail("Failed to install some of the specified packages").Set("failures", [][]string{slices.Compact(slices.Sorted(slices.Values(scripts)))})
	case group != "":
		return Fail("No group %s available.", group).Set("results", []string{})
	case len(failures) > 0:
		res = Fail("Failed to install some of the specified packages").Set("failures", failures)
	case strings.Contains(text, "Problem:") || strings.Contains(text, "Problem 1:"):
		_, after, _ := strings.Cut(p.Stderr, "Error: ")
		res = Fail("Depsolve Error occurred: %s", strings.TrimRight(after, "\n")).Set("failures", []string{})
	default:
		res = Fail("%s", reason).Set("failures", []string{})
	}
	return res.Set("rc", 1).Set("results", []string{})
}

var (
	reUnsigned  = regexp.MustCompile(`(?m)^Package (\S+)\.rpm is not signed`)
	reScriptlet = regexp.MustCompile(`(?m)^error: %\S+ scriptlet failed, exit status \d+`)
)

// dnfReason is the last error line of dnf, or all it wrote.
func dnfReason(p *progResult) string {
	msg := ""
	for _, l := range strings.Split(p.Stderr+"\n"+p.Stdout, "\n") {
		if s, ok := strings.CutPrefix(strings.TrimSpace(l), "Error: "); ok {
			msg = s
		}
	}
	return or(msg, or(strings.TrimSpace(p.Stderr), strings.TrimSpace(p.Stdout)))
}

// dnfPlan is the table that dnf prints before a transaction.
type dnfPlan struct{ install, upgrade, remove, groups []string }

func (p *dnfPlan) empty() bool {
	return len(p.install)+len(p.upgrade)+len(p.remove)+len(p.groups) == 0
}

// parseDNFPlan reads the table: sections end in a colon, entries are name,
// architecture, version, repository and size, wrapped when long.
func parseDNFPlan(out string) dnfPlan {
	var plan dnfPlan
	section := ""
	var words []string
	inTable := false
	flush := func() {
		w := words
		words = nil
		if len(w) < 3 {
			return
		}
		nevra := w[0] + "-" + strings.TrimPrefix(w[2], "0:") + "." + w[1]
		switch {
		case strings.HasPrefix(section, "Installing"), strings.HasPrefix(section, "Reinstalling"):
			plan.install = append(plan.install, nevra)
		case strings.HasPrefix(section, "Upgrading"), strings.HasPrefix(section, "Updating"), strings.HasPrefix(section, "Downgrading"):
			plan.upgrade = append(plan.upgrade, nevra)
		case strings.HasPrefix(section, "Removing"):
			plan.remove = append(plan.remove, nevra)
		}
	}
	for _, l := range strings.Split(out, "\n") {
		t := strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(t, "Package ") && strings.Contains(t, "Arch"):
			inTable = true
			continue
		case strings.HasPrefix(t, "Transaction Summary"):
			flush()
			return plan
		case inTable && strings.HasPrefix(t, "replacing "):
			if f := strings.Fields(t); len(f) == 3 {
				if i := strings.LastIndexByte(f[1], '.'); i > 0 {
					plan.remove = append(plan.remove, f[1][:i]+"-"+strings.TrimPrefix(f[2], "0:")+f[1][i:])
				}
			}
			continue
		case !inTable || t == "" || strings.Trim(t, "=-") == "":
			continue
		case !strings.HasPrefix(l, " ") && strings.HasSuffix(t, ":"):
			flush()
			section = strings.TrimSuffix(t, ":")
			continue
		}
		if section == "Installing Groups" || section == "Removing Groups" || section == "Upgrading Groups" {
			plan.groups = append(plan.groups, t)
			continue
		}
		// An entry starts after one space; what was wrapped is further right.
		if !strings.HasPrefix(l, "  ") {
			flush()
		}
		words = append(words, strings.Fields(t)...)
	}
	flush()
	return plan
}

// results lists the transaction as the reference does; the versions that
// upgrades replace come from what was installed before.
func (p *dnfPlan) results(before []rpmPackage, download bool) []string {
	out := []string{}
	verb := "Installed: "
	if download {
		verb = "Downloaded: "
	}
	for _, n := range slices.Concat(p.install, p.upgrade) {
		out = append(out, verb+n)
	}
	if download {
		return out
	}
	for _, n := range p.upgrade {
		for _, b := range before {
			if strings.HasPrefix(n, b.Name+"-") && strings.HasSuffix(n, "."+b.Arch) && strings.Count(n[len(b.Name)+1:], "-") == 1 {
				out = append(out, "Removed: "+b.NEVRA())
			}
		}
	}
	for _, n := range p.remove {
		out = append(out, "Removed: "+n)
	}
	return out
}
