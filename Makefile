# The one list of tasks, the same by hand and in CI. `make demo` and `make test` do all the set-up themselves.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: setup demo test check format gen examples cases lock sbom bench client server docs up clean

setup: .venv/.ready  ## what every other task stands on: .venv with the locked packages and compiled kernels

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Clipzy needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test $$(df --output=avail -m . | tail -1) -ge 3000 || { echo "Clipzy needs 3 GB of disk for its packages; $$(df --output=avail -m . | tail -1) MB are free here" >&2; exit 1; }
	@command -v gcc >/dev/null || { echo "Clipzy needs a C compiler: installing Debian's gcc"; apt-get update -qq && apt-get install -y -qq gcc libc6-dev; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Clipzy needs Debian's python3-venv: installing it"; apt-get update -qq && apt-get install -y -qq python3-venv; }
	$(PYTHON) -m venv .venv
	@echo "Installing the locked packages into .venv (about two minutes)"
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock || { echo "The packages could not be downloaded: is there a network, or a proxy that pip must be told of? Then give the same command again" >&2; exit 1; }
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@echo "Compiling the kernels, once"
	@$(BIN)/python -m compileall -q clipzy_server clipzy_client
	@$(BIN)/python -m clipzy_server.app.warm
	@touch $@

demo: setup  ## one whole transfer on real clips through REST; FOOTAGE=a.mp4 TEMPLATE=b.mp4 takes yours
	@$(BIN)/python -m demo $(if $(FOOTAGE),--footage "$(FOOTAGE)") $(if $(TEMPLATE),--template "$(TEMPLATE)")

test: setup  ## every test, with the coverage
	@command -v chromium >/dev/null || { echo "The console is tested in Debian's chromium: installing it (some 400 MB)"; apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }
	@rm -f .coverage .coverage.*
	$(BIN)/pytest --cov --cov-report=term:skip-covered

check: setup  ## style, types, architecture, contract, generated code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint
	$(BIN)/buf breaking proto --against proto/released/clipzy.v1.binpb
	@proto/generate.sh --check
	@$(BIN)/python packaging/client/make_sync.py --check
	@$(BIN)/python -m clipzy_server.rest.openapi | diff docs/openapi.json - || { echo "docs/openapi.json is not what the routes say: run make gen" >&2; exit 1; }
	$(BIN)/openapi-spec-validator docs/openapi.json
	.venv/lib/python3.11/site-packages/vacuum/lib/vacuum lint --no-banner --no-style --details --fail-severity warn --ruleset docs/openapi-rules.yaml docs/openapi.json

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

gen: setup  ## generated code, the blocking client and the OpenAPI document, from proto/, clipzy_client/aio and the routes
	proto/generate.sh
	$(BIN)/python packaging/client/make_sync.py
	$(BIN)/python -m clipzy_server.rest.openapi > docs/openapi.json.new
	mv docs/openapi.json.new docs/openapi.json

examples: setup  ## the examples of the OpenAPI document, recorded from a running Clipzy
	$(BIN)/python -m tests.acceptance.record_examples
	$(MAKE) gen

CASES ?= 100
cases: setup  ## schemathesis against the whole of Clipzy, CASES for each operation: some 2,000 and more by default
	CLIPZY_CASES=$(CASES) $(BIN)/pytest -n 0 -s tests/acceptance/test_openapi.py -k generated_case

lock:  ## requirements.lock from requirements*.in; needs `uv`
	( uv pip compile -q --generate-hashes --no-header --python-version 3.11 requirements.in && \
	  uv pip compile -q --no-deps --generate-hashes --no-header --python-version 3.11 requirements-nodeps.in ) > requirements.lock.new
	mv requirements.lock.new requirements.lock
	uv pip compile -q --generate-hashes --no-header --python-version 3.11 docs/requirements.in > docs/requirements.lock.new
	mv docs/requirements.lock.new docs/requirements.lock

sbom: setup  ## what a release is made of: sbom.cdx.json (CycloneDX), from the lock and the installed packages
	$(BIN)/python -m clipzy_server.app.materials requirements.lock > sbom.cdx.json

bench: setup  ## ratios against a baseline in the same run
	$(BIN)/python -m benchmarks

docs: setup .venv-docs/.ready  ## the documentation, into site/; a broken link or anchor fails
	$(BIN)/python packaging/docs/assemble.py
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict

.venv-docs/.ready: docs/requirements.lock
	$(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/pip install -q --disable-pip-version-check --no-deps --require-hashes -r docs/requirements.lock
	@touch $@

client: setup  ## the wheel clipzy-client, into dist/
	packaging/client/build.sh

server: setup  ## the wheel clipzy, into dist/; the packages it needs are those of requirements.lock
	packaging/server/build.sh

up: setup  ## Clipzy on port 8000, everything under ./data
	$(BIN)/clipzy up --data-dir data --port 8000

clean:
	rm -rf .venv .venv-docs sbom.cdx.json build dist site demo-output data .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
