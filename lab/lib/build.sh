# shellcheck shell=bash
# Builds the host images. Sourced by lab/lab.
#
# An image is a directory tree. Its name carries a hash of the files that say how it is built, so
# checkouts of different ages share the state folder without disturbing each other.

# image_dir FLAVOUR prints where the flavour's tree is, built or not.
image_dir() {
	local hash
	hash=$(cat "$LAB_DIR/lib/build.sh" "$LAB_DIR"/image/* | sha256sum | cut -c1-12)
	printf '%s/image-%s/%s\n' "$LAB_STATE" "$hash" "$1"
}

build_images() {
	local dir
	dir=$(dirname "$(image_dir el)")
	if [ -e "$dir/done" ]; then return 0; fi
	require_host_tools
	exec 8>"$LAB_STATE/build.lock"
	flock 8
	if [ -e "$dir/done" ]; then
		exec 8>&-
		return 0
	fi
	say "building the host images in $dir (about 2 minutes, once)"
	rm -rf "$dir"
	mkdir -p "$dir"
	# a process of its own: `set -e` has no effect in what runs left of ||
	"$LAB_DIR/lab" build-steps "$dir" >"$LAB_STATE/build.log" 2>&1 || {
		release_chroots "$dir"
		tail -n 20 "$LAB_STATE/build.log" >&2
		die "cannot build the images; the whole log is $LAB_STATE/build.log"
	}
	touch "$dir/done"
	exec 8>&-
}

# build_base makes a minimal Debian with an init, sshd and sudo: the ground of both flavours.
build_base() {
	debootstrap --variant=minbase \
		--include=systemd,systemd-sysv,dbus,openssh-server,iproute2,sudo,curl,procps,kmod bookworm "$1/base"
	cp /etc/resolv.conf "$1/base/etc/resolv.conf"
	in_tree "$1/base" apt-get update
	in_tree "$1/base" sh -s <"$LAB_DIR/image/common.sh"
}

build_steps() {
	local dir=$1
	build_base "$dir"
	cp -a --reflink=auto "$dir/base" "$dir/deb"
	mv "$dir/base" "$dir/el"
	in_tree "$dir/el" bash -s <"$LAB_DIR/image/el-packages.sh"
	with_scratch "$dir" el sh "$LAB_DIR/image/el-repo.sh"
	in_tree "$dir/el" bash -s <"$LAB_DIR/image/el-finish.sh"
	with_scratch "$dir" deb sh "$LAB_DIR/image/deb-repo.sh"
	in_tree "$dir/deb" bash -s <"$LAB_DIR/image/deb-finish.sh"
}

# in_tree TREE COMMAND... runs a command inside a tree, services kept from starting.
in_tree() {
	local tree=$1
	shift
	mountpoint -q "$tree/proc" || mount -t proc proc "$tree/proc"
	printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
	chmod +x "$tree/usr/sbin/policy-rc.d"
	local rc=0
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive \
		http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" chroot "$tree" "$@" || rc=$?
	rm -f "$tree/usr/sbin/policy-rc.d"
	umount "$tree/proc" || umount -l "$tree/proc"
	return $rc
}

# with_scratch DIR FLAVOUR SHELL SCRIPT runs the script over a throw-away copy of the tree, where build
# tools may be installed, and keeps only what it leaves in /srv/repo.
with_scratch() {
	local dir=$1 flavour=$2 shell=$3 script=$4 scratch=$1/scratch
	mkdir -p "$scratch"
	mount -t tmpfs tmpfs "$scratch"
	mkdir "$scratch/up" "$scratch/work" "$scratch/root"
	mount -t overlay overlay -o "lowerdir=$dir/$flavour,upperdir=$scratch/up,workdir=$scratch/work" "$scratch/root"
	in_tree "$scratch/root" "$shell" -es <"$script"
	cp -a "$scratch/root/srv/repo" "$dir/$flavour/srv/repo"
	umount "$scratch/root"
	umount "$scratch"
	rmdir "$scratch"
}

release_chroots() {
	local m
	for m in "$1"/scratch/root/proc "$1"/scratch/root "$1"/scratch "$1"/*/proc; do
		if mountpoint -q "$m"; then umount -l "$m"; fi
	done
}

clean_images() {
	local dir
	for dir in "$LAB_STATE"/image-*; do
		[ -d "$dir" ] || continue
		if grep -qs "lowerdir=$dir/" /proc/mounts; then
			say "$dir is in use"
			continue
		fi
		rm -rf "$dir"
		say "removed $dir"
	done
}
