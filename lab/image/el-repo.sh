# shellcheck shell=sh
# Runs in a throw-away copy of the el tree: leaves a dnf repository in /srv/repo whose packages hold
# Debian's binaries in the layout and with the units, users and default files of CentOS.
set -e
apt-get install -y --no-install-recommends createrepo-c
top=$(mktemp -d)
cd "$top"
apt-get download nginx nginx-common haproxy keepalived
for deb in ./*.deb; do dpkg -x "$deb" deb; done
mkdir -p /srv/repo

# package NAME VERSION reads the rest of its spec from standard input and packs $top/NAME.
package() {
	{
		cat <<SPEC
%global debug_package %{nil}
%global __os_install_post %{nil}
Name: $1
Version: $2
Release: 1.el9
Summary: $1 for the lab
License: MIT
AutoReqProv: no
SPEC
		cat
	} >"$1.spec"
	rpmbuild -bb --define "_topdir $top/rpm" --define "_rpmdir /srv/repo" \
		--define "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
		--buildroot "$top/buildroot" "$1.spec"
}
upstream() { dpkg-deb -f "$top/$1"_*.deb Version | sed 's/^[0-9]*://; s/-.*//'; }

t=nginx
mkdir -p $t/usr/sbin $t/etc/nginx/conf.d $t/etc/nginx/default.d $t/usr/share/nginx/html $t/usr/lib/systemd/system \
	$t/var/log/nginx $t/var/lib/nginx
cp deb/usr/sbin/nginx $t/usr/sbin/
cp deb/etc/nginx/mime.types deb/etc/nginx/fastcgi_params deb/etc/nginx/uwsgi_params deb/etc/nginx/scgi_params $t/etc/nginx/
echo '<html><body><h1>Test page of the lab</h1></body></html>' >$t/usr/share/nginx/html/index.html
cat >$t/etc/nginx/nginx.conf <<'CONF'
user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log;
pid /run/nginx.pid;

events {
    worker_connections 1024;
}

http {
    include             /etc/nginx/mime.types;
    default_type        application/octet-stream;
    access_log          /var/log/nginx/access.log;
    include /etc/nginx/conf.d/*.conf;

    server {
        listen       80;
        server_name  _;
        root         /usr/share/nginx/html;
        include /etc/nginx/default.d/*.conf;
    }
}
CONF
cat >$t/usr/lib/systemd/system/nginx.service <<'UNIT'
[Unit]
Description=The nginx HTTP and reverse proxy server
After=network-online.target remote-fs.target nss-lookup.target
[Service]
Type=forking
PIDFile=/run/nginx.pid
ExecStartPre=/usr/bin/rm -f /run/nginx.pid
ExecStartPre=/usr/sbin/nginx -t
ExecStart=/usr/sbin/nginx
ExecReload=/usr/sbin/nginx -s reload
KillSignal=SIGQUIT
TimeoutStopSec=5
KillMode=mixed
PrivateTmp=true
[Install]
WantedBy=multi-user.target
UNIT
package nginx "$(upstream nginx)" <<SPEC
Epoch: 2
%description
HTTP server.
%install
cp -a $top/nginx/. %{buildroot}/
%pre
getent group nginx >/dev/null || groupadd -r nginx
getent passwd nginx >/dev/null || useradd -r -g nginx -d /var/lib/nginx -s /sbin/nologin -c "Nginx web server" nginx
%post
systemctl daemon-reload >/dev/null 2>&1 || :
%preun
[ \$1 -gt 0 ] || systemctl disable --now nginx.service >/dev/null 2>&1 || :
%files
%defattr(-,root,root)
/usr/sbin/nginx
/usr/lib/systemd/system/nginx.service
/usr/share/nginx/html
%dir /etc/nginx
%dir /etc/nginx/conf.d
%dir /etc/nginx/default.d
%config(noreplace) /etc/nginx/nginx.conf
%config(noreplace) /etc/nginx/mime.types
%config(noreplace) /etc/nginx/*_params
%attr(0711,root,root) %dir /var/log/nginx
%attr(0770,nginx,root) %dir /var/lib/nginx
SPEC

t=haproxy
mkdir -p $t/usr/sbin $t/etc/haproxy/conf.d $t/etc/sysconfig $t/usr/lib/systemd/system $t/var/lib/haproxy
cp deb/usr/sbin/haproxy $t/usr/sbin/
cat >$t/etc/haproxy/haproxy.cfg <<'CONF'
global
    log         127.0.0.1 local2
    chroot      /var/lib/haproxy
    pidfile     /var/run/haproxy.pid
    maxconn     4000
    user        haproxy
    group       haproxy
    daemon
    stats socket /var/lib/haproxy/stats

defaults
    mode                    http
    log                     global
    timeout connect         10s
    timeout client          1m
    timeout server          1m

frontend main
    bind *:5000
    default_backend app

backend app
    balance     roundrobin
    server  app1 127.0.0.1:5001 check
CONF
echo '# OPTIONS=""' >$t/etc/sysconfig/haproxy
cat >$t/usr/lib/systemd/system/haproxy.service <<'UNIT'
[Unit]
Description=HAProxy Load Balancer
After=network-online.target
[Service]
EnvironmentFile=-/etc/sysconfig/haproxy
Environment="CONFIG=/etc/haproxy/haproxy.cfg" "PIDFILE=/run/haproxy.pid" "CFGDIR=/etc/haproxy/conf.d"
ExecStartPre=/usr/sbin/haproxy -f $CONFIG -f $CFGDIR -c -q $OPTIONS
ExecStart=/usr/sbin/haproxy -Ws -f $CONFIG -f $CFGDIR -p $PIDFILE $OPTIONS
ExecReload=/usr/sbin/haproxy -f $CONFIG -f $CFGDIR -c -q $OPTIONS
ExecReload=/bin/kill -USR2 $MAINPID
KillMode=mixed
SuccessExitStatus=143
Type=notify
[Install]
WantedBy=multi-user.target
UNIT
package haproxy "$(upstream haproxy)" <<SPEC
%description
Load balancer.
%install
cp -a $top/haproxy/. %{buildroot}/
%pre
getent group haproxy >/dev/null || groupadd -r haproxy
getent passwd haproxy >/dev/null || useradd -r -g haproxy -d /var/lib/haproxy -s /usr/sbin/nologin -c haproxy haproxy
%post
systemctl daemon-reload >/dev/null 2>&1 || :
%preun
[ \$1 -gt 0 ] || systemctl disable --now haproxy.service >/dev/null 2>&1 || :
%files
%defattr(-,root,root)
/usr/sbin/haproxy
/usr/lib/systemd/system/haproxy.service
%dir /etc/haproxy
%dir /etc/haproxy/conf.d
%config(noreplace) /etc/haproxy/haproxy.cfg
%config(noreplace) /etc/sysconfig/haproxy
%dir /var/lib/haproxy
SPEC

t=keepalived
mkdir -p $t/usr/sbin $t/usr/bin $t/etc/keepalived $t/etc/sysconfig $t/usr/lib/systemd/system
cp deb/usr/sbin/keepalived $t/usr/sbin/
cp deb/usr/bin/genhash $t/usr/bin/
cat >$t/etc/keepalived/keepalived.conf <<'CONF'
! Configuration File for keepalived

global_defs {
   router_id LVS_DEVEL
}
CONF
echo 'KEEPALIVED_OPTIONS="-D"' >$t/etc/sysconfig/keepalived
cat >$t/usr/lib/systemd/system/keepalived.service <<'UNIT'
[Unit]
Description=LVS and VRRP High Availability Monitor
After=network-online.target syslog.target
[Service]
Type=notify
NotifyAccess=all
PIDFile=/run/keepalived.pid
KillMode=process
EnvironmentFile=-/etc/sysconfig/keepalived
ExecStart=/usr/sbin/keepalived --dont-fork $KEEPALIVED_OPTIONS
ExecReload=/bin/kill -HUP $MAINPID
[Install]
WantedBy=multi-user.target
UNIT
package keepalived "$(upstream keepalived)" <<SPEC
%description
VRRP and health checking.
%install
cp -a $top/keepalived/. %{buildroot}/
%post
systemctl daemon-reload >/dev/null 2>&1 || :
%preun
[ \$1 -gt 0 ] || systemctl disable --now keepalived.service >/dev/null 2>&1 || :
%files
%defattr(-,root,root)
/usr/sbin/keepalived
/usr/bin/genhash
/usr/lib/systemd/system/keepalived.service
%dir /etc/keepalived
%config(noreplace) /etc/keepalived/keepalived.conf
%config(noreplace) /etc/sysconfig/keepalived
SPEC

for version in 1.0 2.0; do
	mkdir -p labdemo/usr/share/labdemo
	echo $version >labdemo/usr/share/labdemo/version
	package labdemo $version <<SPEC
BuildArch: noarch
%description
A package to practise on.
%install
cp -a $top/labdemo/. %{buildroot}/
%files
/usr/share/labdemo
SPEC
done

t=centos-stream-release
mkdir -p $t/etc $t/usr/lib
echo 'CentOS Stream release 9' >$t/etc/centos-release
ln -s centos-release $t/etc/redhat-release
ln -s centos-release $t/etc/system-release
echo 'cpe:/o:centos:centos:9' >$t/etc/system-release-cpe
ln -s ../usr/lib/os-release $t/etc/os-release
cat >$t/usr/lib/os-release <<'RELEASE'
NAME="CentOS Stream"
VERSION="9"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="9"
PLATFORM_ID="platform:el9"
PRETTY_NAME="CentOS Stream 9"
ANSI_COLOR="0;31"
LOGO="fedora-logo-icon"
CPE_NAME="cpe:/o:centos:centos:9"
HOME_URL="https://centos.org/"
BUG_REPORT_URL="https://issues.redhat.com/"
REDHAT_SUPPORT_PRODUCT="Red Hat Enterprise Linux 9"
REDHAT_SUPPORT_PRODUCT_VERSION="CentOS Stream"
RELEASE
package centos-stream-release 9.0 <<SPEC
BuildArch: noarch
Provides: system-release = 9.0
Provides: system-release(releasever) = 9
Provides: redhat-release = 9.0
Provides: centos-release = 9.0
Provides: base-module(platform:el9)
Provides: /bin/sh
Provides: bash
Provides: systemd
Provides: coreutils
Provides: curl
Provides: sudo
Provides: iproute
Provides: procps-ng
Provides: openssh-server
Provides: openssh-clients
Provides: python3
Provides: dnf
Provides: rpm
Provides: tar
Provides: gzip
%description
Says which system this is and stands for what the image brought along.
%install
cp -a $top/centos-stream-release/. %{buildroot}/
%files
/etc/centos-release
/etc/redhat-release
/etc/system-release
/etc/system-release-cpe
/etc/os-release
/usr/lib/os-release
SPEC

createrepo_c /srv/repo
