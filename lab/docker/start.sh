#!/bin/sh
# First process of a host until it hands over to systemd: puts the keys in place.
set -eu
install -m 0600 "/keys/docker/host-$ADDRESS" /etc/ssh/ssh_host_ed25519_key
install -m 0644 "/keys/docker/host-$ADDRESS.pub" /etc/ssh/ssh_host_ed25519_key.pub
install -d -m 0700 /root/.ssh
install -m 0600 /keys/id_ed25519.pub /root/.ssh/authorized_keys
# The engine has set the address already; a host of lab/lab would do it here.
ln -sf /dev/null /etc/systemd/system/lab-network.service
# systemd keeps its services apart in control groups, below the container's own, which the engine mounts
# read-only: one tree in version 2, a tree of systemd's in version 1.
for tree in /sys/fs/cgroup /sys/fs/cgroup/systemd; do
	if mountpoint -q "$tree"; then mount -o remount,bind,rw "$tree"; fi
done
exec /sbin/init
