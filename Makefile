PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TRIAL := .venv-trial
DOCS := .venv-docs
# A file of tests stays in one process, as its tests share an audit. Three processes on two cores, as part of a test waits.
PYTEST := POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile
LOCKED := --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow test-all coverage smoke sbom docs test-trial check lint bench lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.ready ## virtual environment with the pinned dependencies

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "auditor needs Python 3.11 or newer; try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib auditor checks reports > /dev/null || true
	@touch $@

demo: setup ## make the 80,000-row sample, audit it, print where the report is
	$(BIN)/python -m sample_data.generate --out build/sample
	$(BIN)/auditor run build/sample/denials.parquet --config sample_data/audit.toml --out build/demo --force

test: setup ## the tests of a change, on two cores in some minutes
	$(PYTEST) -m "not slow"

test-slow: setup ## the other tests: planted defects, odd files, real data, a thousand random exports
	$(PYTEST) -m slow

test-all: test test-slow ## all tests

coverage: setup ## the share of lines that the tests of a change run, and which they do not; fails under 95 %
	$(PYTEST) -m "not slow" --cov --cov-report=term-missing:skip-covered

test-trial: $(TRIAL)/.ready ## tests of `auditor trial`, in an environment with torch
	$(TRIAL)/bin/python -m pytest tests/trial

# The build of torch differs by machine, so that it is pinned but stands in no lock; 6 GB where it is made for CUDA.
$(TRIAL)/.ready: requirements-trial.lock pyproject.toml
	$(PYTHON) -m venv $(TRIAL)
	$(TRIAL)/bin/python -m pip install --quiet torch==2.13.0
	$(TRIAL)/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(TRIAL)/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements-trial.lock
	$(TRIAL)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

docs: setup $(DOCS)/.ready ## build/site: the documentation, where a warning is an error and nothing is loaded from elsewhere
	$(BIN)/python -m benchmarks.site pages build/pages
	$(DOCS)/bin/zensical build --strict --clean
	$(BIN)/python -m benchmarks.site asks build/site

$(DOCS)/.ready: requirements-docs.lock
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --no-compile --no-deps --require-hashes -r requirements-docs.lock
	@touch $@

lint: setup ## ruff, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint docs test-all smoke ## everything that CI runs

smoke: setup ## the wheel, built and installed elsewhere, audits a small export; on each Python at hand
	$(BIN)/python -m benchmarks.wheel

sbom: setup ## build/sbom.json: what the lock installs, in CycloneDX
	$(BIN)/python -m benchmarks.supply

bench: setup ## benchmarks on the data under AUDITOR_DATA
	$(BIN)/python -m benchmarks.speed

lock: ## pin the dependencies anew, hashes only
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group dev $(LOCKED) -o requirements.lock
	$(BIN)/uv pip compile --group docs $(LOCKED) -o requirements-docs.lock
	$(BIN)/uv pip compile pyproject.toml --extra trial --group trial -c requirements.lock $(LOCKED) -o requirements-trial.lock

clean: ## remove what the targets made
	rm -rf $(VENV) $(TRIAL) $(DOCS) build
