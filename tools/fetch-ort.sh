#!/usr/bin/env bash
# Usage: fetch-ort.sh FILE
# Puts an ONNX Runtime shared library for this machine at FILE, taken from a package
# that carries one: onnxruntime-node (npm), else onnxruntime (PyPI). The package
# clients check what they download.
set -euo pipefail

node_package=onnxruntime-node@1.30.0
python_package=onnxruntime==1.30.0

library=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

from_npm() {
	command -v npm >/dev/null || return 1
	local arch
	case $(uname -m) in
	x86_64) arch=x64 ;;
	aarch64 | arm64) arch=arm64 ;;
	*) return 1 ;;
	esac
	(cd "$work" && npm pack --silent "$node_package" >/dev/null) || return 1
	tar -xzf "$work"/onnxruntime-node-*.tgz -C "$work" "package/bin/napi-v6/linux/$arch" || return 1
	found=$work/package/bin/napi-v6/linux/$arch/libonnxruntime.so.1
}

from_pypi() {
	command -v python3 >/dev/null || return 1
	python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$work" "$python_package" || return 1
	python3 -m zipfile -e "$work"/onnxruntime-*.whl "$work/wheel" || return 1
	found=$(find "$work/wheel/onnxruntime/capi" -name 'libonnxruntime.so.*' | head -1)
}

found=
from_npm || from_pypi || true
if [ ! -f "$found" ]; then
	echo "fetch-ort: no ONNX Runtime library from the npm package $node_package or the PyPI package $python_package; install npm, or python3 with pip, and try again" >&2
	exit 1
fi
mkdir -p "$(dirname "$library")"
cp "$found" "$library.part"
mv "$library.part" "$library"
echo "fetch-ort: $library"
