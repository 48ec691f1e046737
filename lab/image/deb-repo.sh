# shellcheck shell=sh
# Runs in a throw-away copy of the deb tree: leaves an apt repository in /srv/repo, for hosts without
# internet. Besides the stand's services it holds Python (so that a host can be given one) and
# two versions of a package to practise on.
set -e
apt-get install -y --no-install-recommends apt-utils
apt-get clean
apt-get install -y --download-only --no-install-recommends nginx haproxy keepalived python3 python3-apt
mkdir -p /srv/repo
mv /var/cache/apt/archives/*.deb /srv/repo/
for version in 1.0 2.0; do
	tree=$(mktemp -d)
	chmod 0755 "$tree"
	mkdir -p "$tree/DEBIAN" "$tree/usr/share/labdemo"
	echo $version >"$tree/usr/share/labdemo/version"
	cat >"$tree/DEBIAN/control" <<CONTROL
Package: labdemo
Version: $version
Architecture: all
Maintainer: lab <root@localhost>
Description: a package to practise on
CONTROL
	dpkg-deb -b "$tree" /srv/repo/
done
cd /srv/repo
apt-ftparchive packages . >Packages
apt-ftparchive release . >Release
