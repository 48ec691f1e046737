# shellcheck shell=bash
# The lab's root file system as an image for Docker. Sourced by lab/lab.

# docker_image FLAVOUR imports the flavour's tree into the Docker engine, once, and prints the image's name.
docker_image() {
	local flavour=${1:-el} tree name
	need_images
	tree=$(image_dir "$flavour")
	[ -d "$tree" ] || die "no flavour '$flavour': el (CentOS Stream 9) or deb (Debian 12 without Python)"
	command -v docker >/dev/null 2>&1 || die "there is no docker here; on Debian: apt-get install docker.io docker-compose"
	name=goplay-lab:$flavour-$(basename "$(dirname "$tree")" | cut -d- -f2)
	if ! docker image inspect "$name" >/dev/null 2>&1; then
		say "importing $tree into Docker as $name"
		tar -C "$tree" --numeric-owner -c . | docker import - "$name" >/dev/null || die "cannot import it; does the Docker engine run?"
	fi
	echo "$name"
}
