# The one list of tasks, the same by hand and in CI. `make demo` and `make test` do all the set-up themselves.
SHELL := /bin/bash
PYTHON ?= python3.11
BIN := .venv/bin
PROTO := $(shell find proto -name '*.proto')

.PHONY: setup demo test check bench up lock gen clean

setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	@command -v gcc >/dev/null || { echo "Clipzy needs a C compiler: installing Debian's gcc"; apt-get update -qq && apt-get install -y -qq gcc; }
	$(PYTHON) -m venv .venv || python3 -m venv .venv
	@echo "Installing the locked dependencies into .venv (about two minutes)"
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@echo "Compiling the kernels once"
	$(BIN)/python -m clipzy_server.app.warm
	@touch $@
