#!/usr/bin/env bash
# Usage: fuzz.sh TIME PACKAGE...
# Runs every fuzz target of the packages for TIME, one after the other, and fails
# where one of them fails. `go test -fuzz` takes one target of one package at a
# time, so the targets are listed first.
set -euo pipefail

go=${GO:-go}
time=$1
shift

# `go test -list` prints the names, then a line "ok PACKAGE SECONDS".
targets=$("$go" test -list '^Fuzz' "$@" | awk '
	/^Fuzz/      { names[n++] = $1 }
	$1 == "ok"   { for (i = 0; i < n; i++) print $2, names[i]; n = 0 }')
if [ -z "$targets" ]; then
	echo "fuzz: no fuzz target in $*"
	exit 0
fi

failed=0
while read -r package name; do
	echo "fuzz: $package $name for $time"
	"$go" test -run '^$' -fuzz "^$name\$" -fuzztime "$time" "$package" </dev/null || failed=1
done <<<"$targets"
exit $failed
