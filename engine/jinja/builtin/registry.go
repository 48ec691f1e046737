package builtin

import (
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
)

// Filters, Tests and Globals are the registries: short names and the full
// ansible.builtin.* (and ansible.utils.*, community.general.* ...) ones.
var Filters, Tests, Globals map[string]Func

// The tables are filled here, not where they are declared, because some
// filters look others up.
func init() {
	Filters = register(jinjaFilters, map[string]map[string]Func{
		"ansible.builtin":   ansibleFilters,
		"ansible.utils":     merged(utilsIP, utilsFilters, utilsForeign),
		"ansible.netcommon": merged(utilsIP, netcommonFilters),
		"community.general": merged(communityFilters, communityForeign),
	})
	Tests = register(jinjaTests, map[string]map[string]Func{
		"ansible.builtin":   ansibleTests,
		"ansible.utils":     utilsTests,
		"community.general": communityTests,
	})
	Globals = map[string]Func{
		"range": rangeGlobal, "dict": dictGlobal, "now": nowGlobal, "undef": undefGlobal, "lipsum": lipsumGlobal, "cycler": cyclerGlobal, "joiner": joinerGlobal,
	}
}

// moved are the filters of collections that were ansible-core's once and are
// still found by their short names.
var moved = map[string]bool{
	"cidr_merge": true, "hwaddr": true, "ip4_hex": true, "ipaddr": true, "ipmath": true, "ipsubnet": true, "ipv4": true, "ipv6": true,
	"ipwrap": true, "macaddr": true, "network_in_network": true, "network_in_usable": true, "next_nth_usable": true, "nthhost": true,
	"previous_nth_usable": true, "reduce_on_network": true, "slaac": true, "json_query": true, "random_mac": true,
	"vlan_parser": true,
}

// shortCollections are those whose plugins have a short name too.
var shortCollections = map[string]bool{"ansible.builtin": true, "ansible.legacy": true}

// register gives one table of short and full names. Jinja2's own are also
// known as ansible.builtin.NAME; Ansible's win over them.
func register(own map[string]Func, collections map[string]map[string]Func) map[string]Func {
	out := map[string]Func{}
	add := func(coll, name string, f Func) {
		if shortCollections[coll] {
			out[name] = f
			out["ansible.legacy."+name] = f
		}
		out[coll+"."+name] = f
	}
	for name, f := range own {
		add("ansible.builtin", name, f)
	}
	for coll, m := range collections {
		for name, f := range m {
			add(coll, name, f)
			if moved[name] && coll != "ansible.builtin" && out[name] == nil {
				out[name] = f
			}
		}
	}
	return out
}

func merged(tables ...map[string]Func) map[string]Func {
	out := map[string]Func{}
	for _, t := range tables {
		for name, f := range t {
			out[name] = f
		}
	}
	return out
}

// DidYouMean returns a hint with the nearest registered name, or nothing.
// kind is "filter" or "test".
func DidYouMean(kind, name string) string {
	table := Filters
	if kind == "test" {
		table = Tests
	}
	best, dist := "", 3
	var names []string
	for n := range table {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		if d := distance(strings.ToLower(name), n, dist); d < dist {
			best, dist = n, d
		}
	}
	if best == "" {
		return ""
	}
	return " Did you mean " + best + "?"
}

// distance is the edit distance of a and b, or limit where it is not less.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := prev
			if a[i-1] != b[j-1] {
				cost++
			}
			prev = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return min(row[len(b)], limit)
}

// jinjaFilters are the filters of Jinja2 itself.
var jinjaFilters = map[string]Func{
	"abs": plain(absFilter), "attr": attrFilter, "batch": batchFilter, "capitalize": textFilter(py.Capitalize),
	"center": centerFilter, "count": lengthFilter, "length": lengthFilter, "d": defaultFilter, "default": defaultFilter,
	"dictsort": dictsortFilter, "e": plain(escapeFilter), "escape": plain(escapeFilter), "filesizeformat": filesizeformatFilter,
	"first": firstFilter, "last": lastFilter, "float": floatFilter, "forceescape": plain(forceEscapeFilter), "format": formatFilter,
	"groupby": groupbyFilter, "indent": indentFilter, "int": intFilter, "items": itemsFilter, "join": joinFilter,
	"list": listFilter, "lower": textFilter(py.Lower), "upper": textFilter(py.Upper), "map": mapFilter,
	"min": extreme("<"), "max": extreme(">"), "pprint": plain(pprintFilter),
	"select": choose(true, false), "reject": choose(false, false), "selectattr": choose(true, true), "rejectattr": choose(false, true),
	"replace": replaceFilter, "reverse": reverseFilter, "round": roundFilter, "safe": plain(safeFilter), "slice": sliceFilter,
	"sort": sortFilter, "string": plain(stringFilter), "striptags": plain(striptagsFilter), "sum": sumFilter, "title": textFilter(titleFilter),
	"tojson": tojsonFilter, "trim": trimFilter, "truncate": truncateFilter, "unique": uniqueFilter,
	"urlencode": urlencodeFilter, "urlize": urlizeFilter, "wordcount": plain(wordcountFilter), "wordwrap": wordwrapFilter,
	"xmlattr": xmlattrFilter,
}
