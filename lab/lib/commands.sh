# shellcheck shell=bash
# The commands of lab/lab over several hosts. Sourced by lab/lab.

# need_images builds the images where they are missing; a mirror that does not answer is asked again.
need_images() {
	local try
	for try in 1 2; do
		if (build_images); then return; fi
		say "building the images failed (try $try of 3); again in 20 seconds"
		sleep 20
	done
	build_images
}

lab_up() {
	local flavour=el names=() todo=() name
	while [ $# -gt 0 ]; do
		case $1 in
		--flavour | --flavor)
			flavour=${2:-}
			shift
			;;
		--flavour=* | --flavor=*) flavour=${1#*=} ;;
		-*) die "unknown option $1" ;;
		*) names+=("$1") ;;
		esac
		shift
	done
	case $flavour in
	el | deb) ;;
	*) die "no flavour '$flavour': el (CentOS Stream 9) or deb (Debian 12 without Python)" ;;
	esac
	# shellcheck disable=SC2206
	[ ${#names[@]} -gt 0 ] || names=($LAB_STAND)
	need_images
	for name in "${names[@]}"; do
		if alive "$name"; then
			[ "$(cat "$LAB_RUN/$name/flavour")" = "$flavour" ] ||
				die "$name is up already with flavour $(cat "$LAB_RUN/$name/flavour"); take it down first"
		else
			drop_disk "$name"
			todo+=("$name")
		fi
	done
	[ ${#todo[@]} -eq 0 ] || start_fresh "$flavour" "${todo[@]}"
	wait_answer "${names[@]}"
	publish_keys
}

lab_down() {
	local names=("$@") name
	[ $# -gt 0 ] || mapfile -t names < <(host_names)
	[ ${#names[@]} -gt 0 ] || return 0
	known_names "${names[@]}"
	kill_hosts TERM "${names[@]}"
	for name in "${names[@]}"; do
		drop_disk "$name"
		rm -rf "${LAB_RUN:?}/$name"
	done
	# `lab run` above this command stays in the network until it ends
	[ -n "$(host_names)" ] || [ -n "${LAB_IN_RUN:-}" ] || remove_bridge
}

lab_reset() {
	local names=("$@") name flavour el=() deb=()
	[ $# -gt 0 ] || mapfile -t names < <(host_names)
	if [ ${#names[@]} -eq 0 ]; then
		# shellcheck disable=SC2086
		lab_up $LAB_STAND
		return
	fi
	known_names "${names[@]}"
	need_images
	kill_hosts KILL "${names[@]}"
	for name in "${names[@]}"; do
		drop_disk "$name"
		flavour=$(cat "$LAB_RUN/$name/flavour")
		if [ "$flavour" = deb ]; then deb+=("$name"); else el+=("$name"); fi
	done
	[ ${#el[@]} -eq 0 ] || start_fresh el "${el[@]}"
	[ ${#deb[@]} -eq 0 ] || start_fresh deb "${deb[@]}"
	wait_answer "${names[@]}"
}

lab_off() {
	[ $# -gt 0 ] || die "off: name the hosts"
	known_names "$@"
	kill_hosts KILL "$@"
}

lab_on() {
	local name
	[ $# -gt 0 ] || die "on: name the hosts"
	known_names "$@"
	for name; do alive "$name" || boot "$name"; done
	wait_answer "$@"
}

known_names() {
	local name
	for name; do
		[ -e "$LAB_RUN/$name/address" ] || die "there is no host '$name' in this fleet; lab/lab status lists them"
	done
}

lab_status() {
	local name state
	if [ -z "$(host_names)" ]; then
		echo "no hosts; start them with lab/lab up"
		return
	fi
	for name in $(host_names); do
		state=off
		if alive "$name"; then state=up; fi
		printf '%-10s %-14s %-4s %s\n' "$name" "$(cat "$LAB_RUN/$name/address")" "$(cat "$LAB_RUN/$name/flavour")" "$state"
	done
}

lab_ssh() {
	local name=${1:-}
	[ -n "$name" ] || die "ssh: name the host"
	shift
	known_names "$name"
	[ -e "$LAB_WORK/id_ed25519" ] || publish_keys
	in_net ssh -F none -i "$LAB_WORK/id_ed25519" -o IdentitiesOnly=yes -o UserKnownHostsFile="$LAB_WORK/known_hosts" \
		-o LogLevel=ERROR "root@$(address_of "$name")" "$@"
}

lab_root() {
	known_names "${1:-}"
	echo "$LAB_RUN/$1/root"
}

lab_run() {
	[ $# -gt 0 ] || die "run: give the command"
	make_bridge
	local rc=0
	# LAB_OUTSIDE is a process in the machine's own network, for what has to be done from there
	LAB_IN_RUN=1 LAB_OUTSIDE=${LAB_OUTSIDE:-$$} in_net "$@" || rc=$?
	[ -n "$(host_names)" ] || remove_bridge
	return $rc
}
