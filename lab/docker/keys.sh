#!/bin/sh
# Makes the keys of the stand, once: the user's, and one for each address given. Runs in a container of
# its own before the hosts start, and leaves in /keys what inventory/hosts.ini looks for.
set -eu
umask 077
cd /keys
[ -e id_ed25519 ] || ssh-keygen -q -t ed25519 -N '' -C lab -f id_ed25519
mkdir -p docker
: >docker/known_hosts
for address; do
	key=docker/host-$address
	[ -e "$key" ] || ssh-keygen -q -t ed25519 -N '' -C "$address" -f "$key"
	printf '%s %s\n' "$address" "$(cut -d' ' -f1,2 "$key.pub")" >>docker/known_hosts
done
cp docker/known_hosts known_hosts.new
chmod 0644 known_hosts.new id_ed25519.pub
mv known_hosts.new known_hosts
# the files belong to whoever owns the checkout, not to the container's root
chown -R --reference=. .
