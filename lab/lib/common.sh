# shellcheck shell=bash
# shellcheck disable=SC2034
# Settings, messages, the lock and the requirements of the lab. Sourced by lab/lab.

LAB_STATE=${LAB_STATE:-/var/lib/goplay-lab} # images and keys, shared by all checkouts
LAB_NET=${LAB_NET:-}                        # empty: the machine's own network namespace
LAB_RUN=$LAB_STATE/run/${LAB_NET:-default}  # what is up in this fleet
LAB_WORK=$LAB_DIR/.work                     # key and known_hosts, for the inventory of this checkout
LAB_BRIDGE=goplay0
LAB_RULE=(DOCKER-USER -i "$LAB_BRIDGE" -o "$LAB_BRIDGE" -j ACCEPT)
LAB_GATEWAY=10.10.1.254
LAB_STAND="ha1 ha2 web1 web2"

say() { printf 'lab: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

# require_linux_root stops with advice on a machine that cannot run containers.
require_linux_root() {
	if [ "$(uname -s)" != Linux ]; then
		die "the lab needs Linux (this is $(uname -s)). Run it in a Debian 12 virtual machine, or use your own hosts: list them in inventory/hosts.ini."
	fi
	if [ "$(id -u)" != 0 ]; then
		die "the lab needs root, to boot containers. Run it with sudo, or use your own hosts: list them in inventory/hosts.ini."
	fi
	case $LAB_NET in
	*[!a-z0-9]*) die "LAB_NET may hold small letters and digits only" ;;
	esac
	mkdir -p "$LAB_RUN" "$LAB_WORK"
}

# take_lock lets one command at a time change a fleet. `lab run` holds it for as long as its command
# runs, and the lab commands started below it inherit the right (LAB_LOCKED).
take_lock() {
	[ "${LAB_LOCKED:-}" != "$LAB_RUN" ] || return 0
	exec 9>"$LAB_RUN.lock"
	if ! flock -n 9; then
		say "waiting for another command that uses this fleet: $(cat "$LAB_RUN.owner" 2>/dev/null || true)"
		flock -w "${LAB_WAIT:-1800}" 9 || die "gave up waiting; set LAB_NET=NAME for a fleet of your own"
	fi
	echo "process $$, $LAB_DIR" >"$LAB_RUN.owner"
	export LAB_LOCKED=$LAB_RUN
}

# install_tools installs the Debian packages that hold the given commands, when one is missing.
# Arguments: command:package ...
install_tools() {
	local pair missing=()
	for pair in "$@"; do
		command -v "${pair%%:*}" >/dev/null 2>&1 || missing+=("${pair##*:}")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	command -v apt-get >/dev/null 2>&1 ||
		die "missing tools: ${missing[*]}. Install them, or run the lab on Debian 12, where it installs them itself."
	say "installing ${missing[*]}"
	local patient=(-q -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300)
	DEBIAN_FRONTEND=noninteractive apt-get "${patient[@]}" install -y --no-install-recommends "${missing[@]}" >"$LAB_STATE/install.log" 2>&1 ||
		{ apt-get "${patient[@]}" update >>"$LAB_STATE/install.log" 2>&1 &&
			DEBIAN_FRONTEND=noninteractive apt-get "${patient[@]}" install -y --no-install-recommends "${missing[@]}" >>"$LAB_STATE/install.log" 2>&1; } ||
		die "cannot install ${missing[*]}; see $LAB_STATE/install.log"
}

require_host_tools() {
	install_tools debootstrap:debootstrap systemd-nspawn:systemd-container ip:iproute2 \
		ssh-keygen:openssh-client nsenter:util-linux openssl:openssl curl:curl
}
