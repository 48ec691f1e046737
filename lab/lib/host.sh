# shellcheck shell=bash
# One host: its disk, boot, shutdown; and the commands over several. Sourced by lab/lab.
#
# $LAB_RUN/NAME holds address, flavour, pid and log of the host, `disk` (a tmpfs with what the host
# changed) and `root` (the overlay of that over the image).

host_names() {
	local dir
	for dir in "$LAB_RUN"/*/; do
		[ -e "$dir/address" ] && basename "$dir"
	done
	return 0
}

# alive NAME tells whether the host's container runs.
alive() {
	local pid
	pid=$(cat "$LAB_RUN/$1/pid" 2>/dev/null) || return 1
	[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = systemd-nspawn ]
}

# cgroup_dirs NAME prints the host's own control group in each hierarchy. Without one of its own, the init
# of one host would count another's services among its own.
cgroup_dirs() {
	local top
	for top in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup/pids /sys/fs/cgroup; do
		if [ -e "$top/cgroup.procs" ]; then
			echo "$top/goplay-lab/${LAB_NET:-default}-$1"
		fi
	done
}

# make_disk NAME FLAVOUR ADDRESS mounts a fresh disk and writes what tells the hosts apart.
make_disk() {
	local name=$1 dir=$LAB_RUN/$1 root=$LAB_RUN/$1/root keys=$LAB_STATE/keys home
	mkdir -p "$dir/disk" "$root"
	mount -t tmpfs -o "size=${LAB_DISK_SIZE:-1g},mode=0755" tmpfs "$dir/disk"
	mkdir "$dir/disk/up" "$dir/disk/work"
	mount -t overlay overlay -o "lowerdir=$(image_dir "$2"),upperdir=$dir/disk/up,workdir=$dir/disk/work" "$root"
	echo "$name" >"$root/etc/hostname"
	printf '127.0.0.1 localhost\n%s %s\n' "$3" "$name" >"$root/etc/hosts"
	: >"$root/etc/resolv.conf" # no DNS: else every dnf, sudo and getfqdn waits for it
	printf 'ADDRESS=%s\nGATEWAY=%s\n' "$3" "$LAB_GATEWAY" >"$root/etc/lab-address"
	printf '%s' "$name $3" | md5sum | cut -c1-32 >"$root/etc/machine-id"
	install -m 0600 "$keys/host-$3" "$root/etc/ssh/ssh_host_ed25519_key"
	install -m 0644 "$keys/host-$3.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
	for home in "$root/root" "$root/home/ops"; do
		install -d -m 0700 "$home/.ssh"
		install -m 0600 "$keys/id_ed25519.pub" "$home/.ssh/authorized_keys"
	done
	chown -R --reference="$root/home/ops" "$root/home/ops/.ssh"
}

# boot NAME starts the host's init; it returns before the host answers. A host that reboots itself is started
# again, as systemd-nspawn asks for by exit code 133.
boot() {
	local name=$1 dir=$LAB_RUN/$1 group
	for group in $(cgroup_dirs "$name"); do mkdir -p "$group"; done
	rm -f "$dir/pid"
	(
		for group in $(cgroup_dirs "$name"); do
			echo $BASHPID >"$group/cgroup.procs" || true
		done
		exec 9>&- </dev/null >"$dir/log" 2>&1
		cd /
		# shellcheck disable=SC2016,SC2046
		exec setsid bash -c 'while :; do "$@" & echo $! >"$0"; wait $!; [ $? = 133 ] || exit; done' "$dir/pid" \
			$(net_prefix) systemd-nspawn --quiet --register=no --keep-unit --boot \
			--directory="$dir/root" --machine="$name" --network-bridge="$LAB_BRIDGE" --resolv-conf=off \
			--timezone=off --link-journal=no --rlimit=NOFILE=1024:65536 \
			--capability=CAP_NET_ADMIN,CAP_NET_RAW --console=pipe
	) &
	while [ ! -s "$dir/pid" ]; do sleep 0.01; done
}

net_prefix() {
	if [ -n "$LAB_NET" ]; then echo "nsenter --net=/run/netns/goplay-$LAB_NET"; fi
}

# wait_answer NAME... waits until sshd answers on each host.
wait_answer() {
	local name address deadline=$((SECONDS + 180)) patience=0.25
	for name; do
		address=$(address_of "$name")
		# shellcheck disable=SC2016
		until in_net timeout "$patience" bash -c 'exec 3<>"/dev/tcp/$1/22" && read -r -t 5 banner <&3 && [[ $banner == SSH* ]]' \
			_ "$address" 2>/dev/null; do
			alive "$name" || die "$name stopped while booting; its console: $LAB_RUN/$name/log"
			[ $SECONDS -lt $deadline ] || die "$name does not answer at $address; its console: $LAB_RUN/$name/log"
			sleep 0.05
			if [ $SECONDS -gt $((deadline - 170)) ]; then patience=5; fi # a slow machine
		done
	done
}

# kill_hosts SIGNAL NAME... ends containers: TERM lets them shut down, KILL cuts the power.
kill_hosts() {
	local signal=$1 name deadline=$((SECONDS + 15))
	shift
	for name; do
		if [ "$signal" = KILL ]; then
			kill_group "$name"
		elif alive "$name"; then
			kill "-$signal" "$(cat "$LAB_RUN/$name/pid")" 2>/dev/null || true
		fi
	done
	for name; do
		while alive "$name"; do
			if [ $SECONDS -ge $deadline ]; then kill_group "$name"; fi
			sleep 0.02
		done
		rm -f "$LAB_RUN/$name/pid"
	done
}

# kill_group NAME kills all processes of one host, none else.
kill_group() {
	local group file pid
	if alive "$1"; then kill -KILL "$(cat "$LAB_RUN/$1/pid")" 2>/dev/null || true; fi
	for group in $(cgroup_dirs "$1"); do
		[ -d "$group" ] || continue
		while read -r file; do
			while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done <"$file"
		done < <(find "$group" -depth -name cgroup.procs)
	done
}

drop_disk() {
	local dir=$LAB_RUN/$1 group m
	for m in "$dir/root" "$dir/disk"; do
		if mountpoint -q "$m"; then umount -R "$m" 2>/dev/null || umount -l "$m"; fi
	done
	for group in $(cgroup_dirs "$1"); do
		if [ -d "$group" ]; then find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true; fi
	done
	rm -rf "$dir/.#root.lck"
}

# start_fresh FLAVOUR NAME... gives the hosts fresh disks and boots them.
start_fresh() {
	local flavour=$1 name address
	shift
	[ -d "$(image_dir "$flavour")" ] || die "no flavour '$flavour': el (CentOS Stream 9) or deb (Debian 12 without Python)"
	make_bridge
	for name; do
		case $name in
		"" | *[!a-z0-9-]* | -*) die "'$name' is no host name: small letters, digits and - only" ;;
		esac
		address=$(address_of "$name")
		make_keys "$address"
		mkdir -p "$LAB_RUN/$name"
		echo "$address" >"$LAB_RUN/$name/address"
		echo "$flavour" >"$LAB_RUN/$name/flavour"
		make_disk "$name" "$flavour" "$address"
		boot "$name"
	done
	publish_keys
}
