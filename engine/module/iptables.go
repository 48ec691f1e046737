package module

import (
	"fmt"
	"regexp"
	"strings"
)

type tcpFlags struct {
	Flags    []string `arg:"flags" doc:"Flags to look at."`
	FlagsSet []string `arg:"flags_set" doc:"Flags that must be set."`
}

type iptablesArgs struct {
	Action          string    `arg:"action,default=append,choices=append|insert" doc:"Where a new rule goes."`
	Chain           *string   `arg:"chain" doc:"Chain to work on."`
	ChainManagement bool      `arg:"chain_management,default=false" doc:"Make or remove the chain itself."`
	Comment         *string   `arg:"comment" doc:"Comment of the rule."`
	CTState         []string  `arg:"ctstate" doc:"Connection states to match."`
	Destination     *string   `arg:"destination" doc:"Destination address."`
	DestinationPort *string   `arg:"destination_port" doc:"Destination port or range."`
	DestPorts       []string  `arg:"destination_ports" doc:"Destination ports."`
	DstRange        *string   `arg:"dst_range" doc:"Range of destination addresses."`
	Flush           bool      `arg:"flush,default=false" doc:"Remove all rules of the chain."`
	Fragment        *string   `arg:"fragment" doc:"Match fragments."`
	Gateway         *string   `arg:"gateway" doc:"Gateway for TEE."`
	GIDOwner        *string   `arg:"gid_owner" doc:"Group of the process."`
	Goto            *string   `arg:"goto" doc:"Chain to go on in."`
	ICMPType        *string   `arg:"icmp_type" doc:"ICMP type."`
	InInterface     *string   `arg:"in_interface" doc:"Interface packets come in by."`
	IPVersion       string    `arg:"ip_version,default=ipv4,choices=ipv4|ipv6|both" doc:"Which tables to work on."`
	Jump            *string   `arg:"jump" doc:"Target of the rule."`
	Limit           *string   `arg:"limit" doc:"Rate to match at most."`
	LimitBurst      *string   `arg:"limit_burst" doc:"Burst before that rate applies."`
	LogLevel        *string   `arg:"log_level,choices=0|1|2|3|4|5|6|7|emerg|alert|crit|error|warning|notice|info|debug" doc:"Level of log messages."`
	LogPrefix       *string   `arg:"log_prefix" doc:"Prefix of log messages."`
	Match           []string  `arg:"match" default:"" doc:"Extensions to load."`
	MatchSet        *string   `arg:"match_set" doc:"Set to match."`
	MatchSetFlags   *string   `arg:"match_set_flags" doc:"Which sides of it."`
	Numeric         bool      `arg:"numeric,default=false" doc:"List numbers when checking a chain."`
	OutInterface    *string   `arg:"out_interface" doc:"Interface packets leave by."`
	Policy          *string   `arg:"policy,choices=ACCEPT|DROP|QUEUE|RETURN" doc:"Policy of the chain."`
	Protocol        *string   `arg:"protocol" doc:"Protocol."`
	RejectWith      *string   `arg:"reject_with" doc:"Answer of REJECT."`
	RuleNum         *string   `arg:"rule_num" doc:"Number for insert."`
	SetCounters     *string   `arg:"set_counters" doc:"Counters to begin with."`
	SetDSCP         *string   `arg:"set_dscp_mark" doc:"DSCP mark to set."`
	SetDSCPClass    *string   `arg:"set_dscp_mark_class" doc:"DSCP class to set."`
	Source          *string   `arg:"source" doc:"Source address."`
	SourcePort      *string   `arg:"source_port" doc:"Source port or range."`
	SrcRange        *string   `arg:"src_range" doc:"Range of source addresses."`
	State           string    `arg:"state,default=present,choices=absent|present" doc:"Whether the rule is there."`
	Syn             string    `arg:"syn,default=ignore,choices=ignore|match|negate" doc:"Match the first packet of connections."`
	Table           string    `arg:"table,default=filter,choices=filter|nat|mangle|raw|security" doc:"Table to work on."`
	TCPFlags        *tcpFlags `arg:"tcp_flags" doc:"TCP flags to match."`
	ToDestination   *string   `arg:"to_destination" doc:"Destination for DNAT."`
	ToPorts         *string   `arg:"to_ports" doc:"Ports for REDIRECT."`
	ToSource        *string   `arg:"to_source" doc:"Source for SNAT."`
	UIDOwner        *string   `arg:"uid_owner" doc:"User of the process."`
	Wait            *string   `arg:"wait" doc:"Seconds to wait for the lock."`
}

var iptablesDef = &Def{
	Name:              "ansible.builtin.iptables",
	Short:             "Modify iptables rules",
	Args:              func() any { return &iptablesArgs{} },
	Run:               runIptables,
	MutuallyExclusive: [][]string{{"set_dscp_mark", "set_dscp_mark_class"}, {"flush", "policy"}},
	RequiredIf: []RequiredIf{{Key: "jump", Value: "TEE", Required: []string{"gateway"}}, {Key: "jump", Value: "tee", Required: []string{"gateway"}},
		{Key: "flush", Value: false, Required: []string{"chain"}}},
}

// rule builds the arguments of the rule in the reference's order.
func (a *iptablesArgs) rule() []string {
	var r []string
	add := func(flag string, v *string) {
		if v == nil || *v == "" {
			return
		}
		if rest, ok := strings.CutPrefix(*v, "!"); ok {
			r = append(r, "!", flag, strings.TrimSpace(rest))
			return
		}
		r = append(r, flag, *v)
	}
	ext := func(name string, on bool) {
		if on {
			r = append(r, "-m", name)
		}
	}
	given := func(v *string) bool { return v != nil && *v != "" }
	loaded := func(name string) bool {
		for _, m := range a.Match {
			if m == name {
				return true
			}
		}
		return false
	}
	if given(a.Wait) {
		r = append(r, "-w", *a.Wait)
	}
	add("-p", a.Protocol)
	add("-s", a.Source)
	add("-d", a.Destination)
	for _, m := range a.Match {
		r = append(r, "-m", m)
	}
	if f := a.TCPFlags; f != nil && len(f.Flags) > 0 && len(f.FlagsSet) > 0 {
		r = append(r, "--tcp-flags", strings.Join(f.Flags, ","), strings.Join(f.FlagsSet, ","))
	}
	jump := a.Jump
	if !given(jump) && (given(a.LogPrefix) || given(a.LogLevel)) {
		log := "LOG"
		jump = &log
	}
	if !given(jump) && given(a.RejectWith) {
		reject := "REJECT"
		jump = &reject
	}
	add("-j", jump)
	if given(jump) && strings.EqualFold(*jump, "tee") {
		add("--gateway", a.Gateway)
	}
	add("--log-prefix", a.LogPrefix)
	add("--log-level", a.LogLevel)
	add("--to-destination", a.ToDestination)
	if len(a.DestPorts) > 0 {
		ext("multiport", true)
		r = append(r, "--dports", strings.Join(a.DestPorts, ","))
	}
	add("--to-source", a.ToSource)
	add("-g", a.Goto)
	add("-i", a.InInterface)
	add("-o", a.OutInterface)
	add("-f", a.Fragment)
	add("-c", a.SetCounters)
	add("--source-port", a.SourcePort)
	add("--destination-port", a.DestinationPort)
	add("--to-ports", a.ToPorts)
	add("--set-dscp", a.SetDSCP)
	add("--set-dscp-class", a.SetDSCPClass)
	switch a.Syn {
	case "match":
		r = append(r, "--syn")
	case "negate":
		r = append(r, "!", "--syn")
	}
	if len(a.CTState) > 0 {
		states := strings.Join(a.CTState, ",")
		switch {
		case loaded("conntrack"):
			r = append(r, "--ctstate", states)
		case loaded("state"):
			r = append(r, "--state", states)
		default:
			r = append(r, "-m", "conntrack", "--ctstate", states)
		}
	}
	ext("iprange", (given(a.SrcRange) || given(a.DstRange)) && !loaded("iprange"))
	add("--src-range", a.SrcRange)
	add("--dst-range", a.DstRange)
	if given(a.MatchSet) {
		ext("set", !loaded("set"))
		add("--match-set", a.MatchSet)
		if a.MatchSetFlags != nil {
			r = append(r, *a.MatchSetFlags)
		}
	}
	ext("limit", given(a.Limit) || given(a.LimitBurst))
	add("--limit", a.Limit)
	add("--limit-burst", a.LimitBurst)
	ext("owner", given(a.UIDOwner) && !loaded("owner"))
	add("--uid-owner", a.UIDOwner)
	// a second time, as the reference does: iptables -C tells such rules apart
	ext("owner", given(a.GIDOwner) && !loaded("owner"))
	add("--gid-owner", a.GIDOwner)
	add("--reject-with", a.RejectWith)
	add(map[bool]string{true: "--icmpv6-type", false: "--icmp-type"}[a.IPVersion == "ipv6"], a.ICMPType)
	ext("comment", given(a.Comment))
	add("--comment", a.Comment)
	return r
}

func runIptables(c *Context, args any) *Result {
	a := args.(*iptablesArgs)
	chain := ""
	if a.Chain != nil {
		chain = *a.Chain
	}
	rule := a.rule()
	res := OK().Set("table", a.Table).Set("chain", orNull(chain)).Set("flush", a.Flush).Set("rule", strings.Join(rule, " ")).
		Set("state", a.State).Set("chain_management", a.ChainManagement).Set("ip_version", a.IPVersion)
	versions := []string{a.IPVersion}
	if a.IPVersion == "both" {
		versions = []string{"ipv4", "ipv6"}
	}
	if f := a.MatchSetFlags; f != nil && *f != "src" && *f != "dst" && *f != "src,dst" && *f != "dst,src" {
		return Fail("value of match_set_flags must be one of: src, dst, src,dst, dst,src, got: %s", *f)
	}
	if a.Comment != nil && len(*a.Comment) > 256 {
		return Fail("a comment has at most 256 characters")
	}
	for _, v := range versions {
		exe, err := c.findProgram(map[string]string{"ipv4": "iptables", "ipv6": "ip6tables"}[v])
		if err != nil {
			return FailErr(err)
		}
		changed, err := c.iptables(exe, a, chain, rule)
		if err != nil {
			return FailErr(err)
		}
		res.Changed = res.Changed || changed
	}
	return res
}

var reChainPolicy = regexp.MustCompile(`\(policy ([A-Z]+)`)

// iptables brings one IP version's tables into the state.
func (c *Context) iptables(exe string, a *iptablesArgs, chain string, rule []string) (bool, error) {
	call := func(args ...string) (*progResult, error) {
		return c.run(append([]string{exe, "-t", a.Table}, args...), &progOptions{Env: cLocale})
	}
	must := func(args ...string) error {
		_, err := c.tool(append([]string{exe, "-t", a.Table}, args...)...)
		return err
	}
	change := func(args ...string) (bool, error) {
		if c.Check {
			return true, nil
		}
		return true, must(args...)
	}
	list := func() (*progResult, error) {
		if a.Numeric {
			return call("-n", "-L", chain)
		}
		return call("-L", chain)
	}
	switch {
	case a.Flush:
		if chain == "" {
			return change("-F")
		}
		return change("-F", chain)
	case a.Policy != nil:
		p, err := list()
		if err != nil {
			return false, err
		}
		if p.RC != 0 {
			return false, Errorf(strings.TrimSpace(p.Stderr), "rc", p.RC)
		}
		if m := reChainPolicy.FindStringSubmatch(p.Stdout); m == nil || m[1] != *a.Policy {
			return change("-P", chain, *a.Policy)
		}
		return false, nil
	}
	// -w belongs to the command; everything else is the rule.
	bare := len(rule) == 0 || len(rule) == 2 && rule[0] == "-w"
	chainThere := func() (bool, error) {
		p, err := list()
		return err == nil && p.RC == 0, err
	}
	if a.ChainManagement {
		there, err := chainThere()
		if err != nil {
			return false, err
		}
		switch {
		case a.State == "absent" && bare && there:
			return change("-X", chain)
		case a.State == "absent" && bare:
			return false, nil
		case a.State == "present" && !there:
			if _, err := change("-N", chain); err != nil || bare || c.Check {
				return true, err
			}
			_, err := change(append([]string{"-A", chain}, rule...)...)
			return true, err
		case bare:
			return false, nil
		}
	}
	p, err := call(append([]string{"-C", chain}, rule...)...)
	if err != nil {
		return false, err
	}
	there := p.RC == 0
	if !there && p.RC > 1 && c.Check { // else adding it says what is wrong
		return false, Errorf(fmt.Sprintf("%s does not take this rule: %s", exe, strings.TrimSpace(p.Stderr)), "rc", p.RC, "stderr", p.Stderr)
	}
	switch {
	case a.State == "present" && !there && a.Action == "insert":
		cmd := []string{"-I", chain}
		if a.RuleNum != nil && *a.RuleNum != "" {
			cmd = append(cmd, *a.RuleNum)
		}
		return change(append(cmd, rule...)...)
	case a.State == "present" && !there:
		return change(append([]string{"-A", chain}, rule...)...)
	case a.State == "absent" && there:
		return change(append([]string{"-D", chain}, rule...)...)
	}
	return false, nil
}
