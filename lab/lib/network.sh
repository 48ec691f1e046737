# shellcheck shell=bash
# Addresses, keys and the bridge. Sourced by lab/lab.

# in_net COMMAND... runs a command in the fleet's network namespace.
in_net() {
	if [ -z "$LAB_NET" ]; then
		"$@"
	else
		nsenter --net="/run/netns/goplay-$LAB_NET" "$@"
	fi
}

make_bridge() {
	if [ -n "$LAB_NET" ] && [ ! -e "/run/netns/goplay-$LAB_NET" ]; then
		ip netns add "goplay-$LAB_NET"
		in_net ip link set lo up
	fi
	if ! in_net ip link show "$LAB_BRIDGE" >/dev/null 2>&1; then
		in_net ip link add "$LAB_BRIDGE" type bridge
		in_net ip address add "$LAB_GATEWAY/24" dev "$LAB_BRIDGE"
	fi
	in_net ip link set "$LAB_BRIDGE" up
	# A Docker engine in the same network forbids what it has not set up itself, bridges included.
	if in_net iptables -S DOCKER-USER >/dev/null 2>&1; then
		in_net iptables -C "${LAB_RULE[@]}" 2>/dev/null || in_net iptables -I "${LAB_RULE[@]}"
	fi
}

remove_bridge() {
	in_net iptables -D "${LAB_RULE[@]}" 2>/dev/null || true
	if [ -n "$LAB_NET" ]; then
		ip netns delete "goplay-$LAB_NET" 2>/dev/null || true
	else
		ip link delete "$LAB_BRIDGE" 2>/dev/null || true
	fi
}

# address_of NAME prints the host's address, the same as long as the host is part of the fleet.
address_of() {
	local name=$1 n
	if [ -e "$LAB_RUN/$name/address" ]; then
		cat "$LAB_RUN/$name/address"
		return
	fi
	case $name in
	ha1) echo 10.10.1.1 ;;
	ha2) echo 10.10.1.2 ;;
	web1) echo 10.10.1.11 ;;
	web2) echo 10.10.1.12 ;;
	node[1-9] | node[1-9][0-9] | node1[0-4][0-9])
		echo "10.10.1.$((100 + ${name#node}))"
		;;
	node[0-9]*) die "the lab has room for node1 to node149, not $name" ;;
	*)
		for ((n = 20; n < 100; n++)); do
			grep -qsx "10.10.1.$n" "$LAB_RUN"/*/address || break
		done
		[ $n -lt 100 ] || die "no address left for $name"
		echo "10.10.1.$n"
		;;
	esac
}

# make_keys ADDRESS makes the user key and the host's key. Host keys belong to addresses and outlive
# resets, as if the same machine had been installed anew from its backup.
make_keys() {
	local keys=$LAB_STATE/keys
	install -d -m 0700 "$keys"
	exec 7>"$keys/.lock" # another fleet may make the same keys
	flock 7
	[ -e "$keys/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C lab -f "$keys/id_ed25519"
	[ -e "$keys/host-$1" ] || ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$keys/host-$1"
	exec 7>&-
}

# publish_keys puts what a client needs beside the checkout.
publish_keys() {
	local file address
	install -m 0600 "$LAB_STATE/keys/id_ed25519" "$LAB_WORK/id_ed25519"
	install -m 0644 "$LAB_STATE/keys/id_ed25519.pub" "$LAB_WORK/id_ed25519.pub"
	for file in "$LAB_STATE"/keys/host-*.pub; do
		address=${file##*/host-}
		printf '%s %s\n' "${address%.pub}" "$(cut -d' ' -f1,2 "$file")"
	done >"$LAB_WORK/known_hosts.new"
	mv "$LAB_WORK/known_hosts.new" "$LAB_WORK/known_hosts"
}
