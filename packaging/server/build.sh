#!/usr/bin/env bash
# Builds the wheel clipzy into dist/, from a copy: what an earlier build left here must not get into it.
set -euo pipefail
cd "$(dirname "$0")/../.."
python="${PYTHON:-.venv/bin/python}"
to="$(realpath -m "${1:-dist}")"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r clipzy_server clipzy_client gen pyproject.toml README.md LICENSE "$copy"
cp -r gateway "$copy/clipzy_server"
"$python" -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation --no-index --wheel-dir "$to" "$copy"
