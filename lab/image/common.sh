# shellcheck shell=sh
# Runs inside the new Debian tree: what both flavours share.
set -e

# The shared libraries of the stand's services, so that installing a service installs only that.
libs=$(apt-get -s install --no-install-recommends nginx haproxy keepalived |
	awk '$1 == "Inst" && $2 !~ /^(nginx|haproxy|keepalived)/ { print $2 }')
# shellcheck disable=SC2086
apt-get install -y --no-install-recommends $libs
apt-get clean

useradd --create-home --shell /bin/bash ops
echo ops:ops | chpasswd
echo '%ops ALL=(ALL:ALL) ALL' >/etc/sudoers.d/ops # asks for the password
chmod 0440 /etc/sudoers.d/ops

cat >/etc/ssh/sshd_config.d/lab.conf <<'CONF'
MaxStartups 300
MaxSessions 100
UseDNS no
PasswordAuthentication yes
PermitRootLogin prohibit-password
HostKey /etc/ssh/ssh_host_ed25519_key
CONF
rm -f /etc/ssh/ssh_host_*

# The address comes from /etc/lab-address, which is written before the host boots.
cat >/etc/systemd/system/lab-network.service <<'UNIT'
[Unit]
Description=Address of the lab host
DefaultDependencies=no
Before=network.target
After=local-fs.target
[Service]
Type=oneshot
RemainAfterExit=yes
EnvironmentFile=/etc/lab-address
ExecStart=/bin/sh -c 'ip link set host0 up && ip address add $ADDRESS/24 brd + dev host0 && ip route add default via $GATEWAY'
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable lab-network.service ssh.service
systemctl set-default multi-user.target
# what a virtual machine has and a container waits for in vain, or what would start by the clock
systemctl mask console-getty.service getty@.service getty-static.service systemd-logind.service \
	apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
	fstrim.timer systemd-tmpfiles-clean.timer systemd-update-utmp.service systemd-update-utmp-runlevel.service

printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' >/etc/systemd/journald.conf
: >/etc/machine-id
mkdir -p /srv
