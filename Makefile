# The commands of the README. Each one that needs the environment makes it first; nothing happens when it is current.
.ONESHELL:
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install run test check lock screenshots bench bench-quick chaos soak audit

PYTHON := .venv/bin/python
INSTALLED := .venv/.installed

help:  ## what there is to type
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

install: $(INSTALLED)  ## make .venv from requirements.lock

$(INSTALLED): requirements.lock pyproject.toml .python-version
	@python=
	for candidate in python3 "$$(pyenv which python3.13 2>/dev/null || true)" python3.13; do
	    if [ -n "$$candidate" ] && "$$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then
	        python=$$candidate; break
	    fi
	done
	if uv --version >/dev/null 2>&1; then uv=uv; else uv=; fi
	[ -n "$$python$$uv" ] || { echo "make: Python 3.13 is missing: LocalStack 4.14.0 needs it. Install it so that python3, python3.13 or pyenv finds it, or install uv, which brings it." >&2; exit 1; }
	rm -rf .venv
	if [ -n "$$uv" ]; then
	    uv venv --quiet --python "$${python:-3.13}" .venv
	else
	    uv=.venv/bin/uv
	    "$$python" -m venv .venv
	    sed -n '/^uv==/,/# via/p' requirements.lock | .venv/bin/pip install --quiet --disable-pip-version-check --requirement /dev/stdin
	fi
	echo "installing into .venv with $$($(PYTHON) --version)"
	"$$uv" pip sync --quiet --python $(PYTHON) --require-hashes --compile-bytecode requirements.lock
	"$$uv" pip install --quiet --python $(PYTHON) --no-deps --no-build-isolation --editable .
	touch $@

run: install  ## start a sandbox, do one run, show its report, stop everything
	@$(PYTHON) scripts/run_once.py

# Tests wait more than they compute. Each process compiles them all where Python may not keep what it has compiled.
test: install  ## all tests; those of compose when a Docker engine answers
	@PYTHONDONTWRITEBYTECODE= $(PYTHON) -m pytest --numprocesses 4

chaos: install  ## runs that meet the faults of 200 seeds, five minutes; SEED=17 plays one and shows all of it
	@$(PYTHON) -m tests.chaos $(if $(SEED),--seed $(SEED))

check: install  ## lint, format, types, and both stacks
	@$(PYTHON) -m bootstrap check
	STACK=examples.orders.stack $(PYTHON) -m bootstrap check
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

screenshots: install  ## take the README's pictures anew, of real runs; needs Chromium
	@$(PYTHON) -m tests.browser.screenshots

bench: install  ## compare speed and memory with LocalStack as it comes and MiniStack; 25 minutes
	@$(PYTHON) -m benchmarks

bench-quick: install  ## a small form of it; 5 minutes
	@$(PYTHON) -m benchmarks --quick

soak: install  ## 200 runs in turn, 20 at once, 5,000 start events, loads of the front: every report right, and what grows; 10 minutes
	@$(PYTHON) -m benchmarks.soak

LOCKS := requirements.lock requirements.image.lock benchmarks/ministack.lock
audit: install  ## look up known vulnerabilities of every locked package; needs the internet
	@for lock in $(LOCKS); do
	    echo "$$lock"
	    $(PYTHON) -m pip_audit --disable-pip --require-hashes --requirement $$lock || failed=1
	done
	[ -z "$${failed:-}" ]

COMPILE := $(PYTHON) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.13 --no-header
lock:  ## write the locks anew from pyproject.toml, keeping the versions that still fit
	@$(COMPILE) --group dev pyproject.toml --output-file requirements.lock
	$(COMPILE) --no-deps --group image --constraint requirements.lock --output-file requirements.image.lock
	$(COMPILE) --no-config benchmarks/ministack.in --output-file benchmarks/ministack.lock
