#!/usr/bin/env bash
# Runs `go generate` and fails where that changes a file, whatever the state of the
# tree was before: the checksums of all tracked and new files are compared.
set -euo pipefail

go=${GO:-go}
sums() {
	git ls-files -z --cached --others --exclude-standard | sort -zu |
		while IFS= read -r -d '' file; do
			if [ -f "$file" ]; then sha256sum "$file"; fi
		done
}

before=$(sums)
"$go" generate ./...
(cd runtime/kernel/asm && "$go" generate ./...)
after=$(sums)
if [ "$before" != "$after" ]; then
	echo "generate-check: these files differ from what their generator writes; run make generate and commit them:"
	diff <(echo "$before") <(echo "$after") | awk '/^[<>]/ { print "  " $3 }' | sort -u
	exit 1
fi
