#!/usr/bin/env bash
# Writes gen/ from every .proto in this folder; with --check compares instead and fails on a difference.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-.venv/bin/python}"
# google/api/*.proto come with the package googleapis-common-protos.
site=$("$python" -c 'import google.api, pathlib; print(pathlib.Path(next(iter(google.api.__path__))).parents[1])')
mapfile -t protos < <(find proto -name '*.proto' | LC_ALL=C sort)
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

mkdir "$fresh/clipzy"
"$python" -m grpc_tools.protoc -Iproto -I"$site" --include_imports --include_source_info \
  --descriptor_set_out="$fresh/clipzy/clipzy.pb" --python_out="$fresh" --pyi_out="$fresh" --grpc_python_out="$fresh" "${protos[@]}"
find "$fresh/clipzy" -type d -exec touch {}/__init__.py {}/py.typed \;

if [[ "${1:-}" == --check ]]; then
  diff -r --exclude=__pycache__ "$fresh/clipzy" gen/clipzy || { echo "gen/ is not what proto/ says: run make gen" >&2; exit 1; }
else
  mkdir -p gen
  [[ ! -e gen/clipzy ]] || mv gen/clipzy "$fresh/old"
  mv "$fresh/clipzy" gen/clipzy
fi
