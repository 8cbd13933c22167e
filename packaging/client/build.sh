#!/usr/bin/env bash
# Builds the wheel clipzy-client into dist/, from a copy: setuptools wants what it packs beside its pyproject.toml.
set -euo pipefail
cd "$(dirname "$0")/../.."
python="${PYTHON:-.venv/bin/python}"
to="$(realpath -m "${1:-dist}")"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r clipzy_client gen/clipzy LICENSE packaging/client/pyproject.toml packaging/client/README.md "$copy"
rm -f "$copy/clipzy/clipzy.pb"
"$python" -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation --no-index --wheel-dir "$to" "$copy"
