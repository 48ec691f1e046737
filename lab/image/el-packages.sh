# shellcheck shell=bash
# Runs inside the el tree while it is still Debian: dnf, rpm and the Python that CentOS has.
set -e
apt-get install -y --no-install-recommends dnf rpm python3 python3-dnf python3-rpm python3-libdnf python3-selinux
apt-get clean
