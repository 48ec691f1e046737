# shellcheck shell=sh
# Runs inside the deb tree: the local repository is the only package source.
set -e
echo 'deb [trusted=yes] file:/srv/repo ./' >/etc/apt/sources.list
rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/*
apt-get update
apt-get clean
: >/etc/resolv.conf
if command -v python3; then
	echo "the deb flavour must have no Python" >&2
	exit 1
fi
