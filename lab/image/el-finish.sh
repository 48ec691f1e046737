# shellcheck shell=bash
# Runs inside the el tree: from here on it calls itself CentOS Stream 9 and its packages are RPMs.
set -e
# Debian's rpm would keep its database in the home folder
mkdir -p /etc/rpm /var/lib/rpm
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros
rm -f /etc/os-release /usr/lib/os-release /etc/debian_version /etc/issue /etc/issue.net
rpm --initdb
rpm -i --nodeps /srv/repo/centos-stream-release-*.rpm
rpm -q centos-stream-release

mkdir -p /etc/yum.repos.d /etc/dnf
cat >/etc/yum.repos.d/lab.repo <<'REPO'
[lab]
name=Lab - packages of the stand
baseurl=file:///srv/repo
enabled=1
gpgcheck=0
REPO
cat >/etc/dnf/dnf.conf <<'CONF'
[main]
gpgcheck=1
installonly_limit=3
clean_requirements_on_remove=True
best=True
skip_if_unavailable=False
CONF
ln -sf dnf /usr/bin/yum
mkdir -p /usr/libexec
ln -sf ../bin/python3 /usr/libexec/platform-python
groupadd -f -g 10 wheel || groupadd -f -r wheel
usermod -aG wheel ops

rm -rf /etc/apt /var/lib/apt /var/cache/apt /var/lib/dpkg /etc/dpkg /usr/lib/apt
rm -f /usr/bin/apt /usr/bin/apt-* /usr/bin/dpkg /usr/bin/dpkg-*
dnf -q makecache
: >/etc/resolv.conf
