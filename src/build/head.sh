#!/bin/sh
# Couplet @VERSION@, self-extracting: this head, then Deno @DENO@ and Couplet's program, each gzipped.
# The first start unpacks both into a folder of yours; later starts run what is there.
set -eu

fail() {
	echo "couplet: $*" >&2
	exit 1
}

# Whether this folder is ours and nobody else can put a program into it.
is_ours() {
	[ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return 1
	case $(ls -ld "$1") in
	d????-??-*) ;;
	*) return 1 ;;
	esac
}

make_folder() (
	umask 077
	mkdir -p "$1" && [ -w "$1" ]
)

# A subshell, so that umask and traps end with it. All is written aside and renamed: two that start
# together do no harm, and one that is killed half way leaves nothing that looks complete.
unpack() (
	system="$(uname -s) $(uname -m)"
	[ "$system" = "@SYSTEM@" ] || fail "this file is for @SYSTEM@, and this machine is $system."
	self=$0
	case $self in
	*/*) ;;
	*) if [ -f "./$self" ]; then self=./$self; else self=$(command -v -- "$self"); fi ;;
	esac
	umask 077
	mkdir -p "$dir"
	find "$dir" -name 'part.*' -prune -mmin +10 -exec rm -rf {} + 2>/dev/null || :
	part=$(mktemp -d "$dir/part.XXXXXX")
	trap 'rm -rf "$part"' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	{
		head -c @DENO_END@ "$self" | tail -c +@DENO_START@ | gzip -dc >"$part/deno" &&
			tail -c +@JS_START@ "$self" | gzip -dc >"$part/couplet.js"
	} || fail "$self could not be unpacked to $dir. Is it whole, and is there room for @ROOM@ MB?" \
		"COUPLET_CACHE=FOLDER names another place."
	chmod 700 "$part/deno"
	"$part/deno" --version >/dev/null 2>&1 ||
		fail "Deno @DENO@ does not run from $dir. It needs glibc, and a file system that may hold" \
			"programs (not mounted noexec): COUPLET_CACHE=FOLDER names another place."
	sync "$part/deno" "$part/couplet.js" 2>/dev/null || sync
	mv -f "$part/couplet.js" "$dir/couplet.js"
	mv -f "$part/deno" "$dir/deno"
)

if [ -n "${COUPLET_CACHE:-}" ]; then
	root=$COUPLET_CACHE/couplet
	make_folder "$root" || fail "$root cannot be made or written to. Set COUPLET_CACHE to another folder."
else
	root=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
	root=${root:+$root/couplet}
	if [ -z "$root" ] || ! make_folder "$root" 2>/dev/null; then
		root=${TMPDIR:-/tmp}/couplet-$(id -u)
		make_folder "$root" || fail "$root cannot be made or written to. Set COUPLET_CACHE to another folder."
	fi
fi
is_ours "$root" ||
	fail "$root belongs to somebody else, or others may write to it." \
		"Set COUPLET_CACHE to a folder of your own."

dir=$root/@ID@
if [ ! -x "$dir/deno" ] || [ ! -f "$dir/couplet.js" ]; then unpack; fi
export DENO_DIR="$dir/cache" DENO_NO_UPDATE_CHECK=1
# One arena, and memory that is freed goes back: the daemon has one busy thread.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}" MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-65536}"
exec "$dir/deno" run @FLAGS@ "$dir/couplet.js" "$@"
