package builtin

import "github.com/goplay-engine/goplay/engine/value"

// ansibleFilters are the filters of ansible.builtin.
var ansibleFilters = map[string]Func{
	"b64decode": b64decodeFilter, "b64encode": b64encodeFilter, "bool": boolFilter, "checksum": hashFilter("sha1"),
	"combinations": pick(false), "permutations": pick(true), "combine": combineFilter, "comment": commentFilter,
	"dict2items": dict2itemsFilter, "items2dict": items2dictFilter,
	"union": setOp("union"), "intersect": setOp("intersect"), "difference": setOp("difference"), "symmetric_difference": setOp("symmetric_difference"),
	"extract": extractFilter, "flatten": flattenFilter, "mandatory": mandatoryFilter, "ternary": ternaryFilter,
	"type_debug": plain(typeDebugFilter), "subelements": subelementsFilter, "rekey_on_member": rekeyFilter,
	"product": productFilter, "zip": zip(false), "zip_longest": zip(true),
	"from_json": plain(fromJSONFilter), "to_json": toJSON(value.JSONOptions{EscapeASCII: true}),
	"to_nice_json": toJSON(value.JSONOptions{EscapeASCII: true, SortKeys: true, Indent: 4}),
	"from_yaml":    plain(fromYAML(false)), "from_yaml_all": plain(fromYAML(true)), "to_yaml": toYAML(false), "to_nice_yaml": toYAML(true),
	"hash": hashFilter(""), "md5": hashFilter("md5"), "sha1": hashFilter("sha1"), "to_uuid": toUUIDFilter,
	"human_readable": humanReadableFilter, "human_to_bytes": humanToBytesFilter,
	"log": mathFilter("log", logFilter, "base"), "pow": mathFilter("pow", powFilter, "y"), "root": mathFilter("root", rootFilter, "base"),
	"password_hash": passwordHashFilter, "vault": vaultFilter, "unvault": unvaultFilter,
	"quote": plain(quoteFilter), "split": splitFilter, "random": randomFilter, "shuffle": shuffleFilter,
	"regex_escape": regexEscapeFilter, "regex_findall": regexFindallFilter, "regex_replace": regexReplaceFilter, "regex_search": regexSearchFilter,
	"strftime": strftimeFilter, "to_datetime": toDatetimeFilter,
	"urldecode": urldecodeFilter, "urlsplit": urlsplitFilter,
	"basename": pathText(func(t string) Value { return basename(t) }), "dirname": pathText(func(t string) Value { return dirname(t) }),
	"expanduser": pathText(expandUser), "expandvars": pathText(expandVars), "splitext": pathText(splitext),
	"realpath": pathText(func(t string) Value { return realPath(t) }), "normpath": pathText(func(t string) Value { return normPath(t) }),
	"relpath": relpathFilter, "path_join": plain(pathJoinFilter), "commonpath": plain(commonpathFilter), "fileglob": plain(fileglobFilter),
	"win_basename": pathText(func(t string) Value { return winBasename(t) }), "win_dirname": pathText(func(t string) Value { return winDirname(t) }),
	"win_splitdrive": pathText(func(t string) Value { d, p := winSplit(t); return value.Tuple{d, p} }),
}
