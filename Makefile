# Everything a newcomer, an operator or a developer types. From a bare clone each target first makes what it needs.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# The first Python that is new enough; another one: make demo PYTHON=/path/to/python
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; echo python3)
PY := .venv/bin/python
OURS := hub core bots scheduler storage playground tests $(wildcard bench)
# Tests run in that many processes: many of them wait, so two cores are busy with three. Those marked with a group share
# a process, for they share something dear. What they compile is kept, whatever else is wanted: they start many processes.
JOBS ?= 3
TESTED = PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -n $(JOBS) --dist loadgroup
# Where the demo's page is: make demo PORT=8095
PORT ?= 8090
# Which tests: make test TESTS=tests/core
TESTS ?= tests
# AUDIT=no leaves out the look-up of known vulnerabilities, which needs the network.
AUDIT ?= yes

.PHONY: help setup demo run test check audit bench soak format lock migration

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do \
		printf '  make %-10s %s\n' "$$name" "$$what"; done

setup: .venv/ready-dev ## Make the environment with everything, tools included

demo: .venv/ready ## Try the hub on this machine: a page with both messengers, no tokens, nothing to sign up for (PORT=8095 when 8090 is taken)
	@.venv/bin/python -m hub demo --port $(PORT)

run: .venv/ready ## Run the hub with the messengers that have tokens in .env
	@.venv/bin/python -m hub run

test: .venv/ready-dev ## Run every test, on SQLite and on PostgreSQL (which comes with the packages)
	@$(TESTED) $(TESTS)

check: .venv/ready-dev ## Everything that judges the code without running the hub
	@echo '— ruff: style and habits';            $(PY) -m ruff check .
	@echo '— ruff: formatting';                  $(PY) -m ruff format --check .
	@echo '— mypy: types';                       $(PY) -m mypy $(OURS)
	@echo '— import-linter: who may import whom'; .venv/bin/python .venv/bin/lint-imports
	@echo '— migrations: every table has one';   $(PY) -m storage.migrations check
	@echo '— content';                           $(PY) -m hub content check
	@echo '— core without any messenger library'; \
		$(TESTED) tests/core -q -p tests.without_messengers --durations=0 --durations-min=5
	@if [ '$(AUDIT)' = yes ]; then echo '— pip-audit: known vulnerabilities'; .ci/audit; fi
	@echo 'All checks passed.'

audit: .venv/ready-dev ## Look the pinned packages up among known vulnerabilities (needs the network)
	@.ci/audit

bench: .venv/ready-dev ## Measure: ratios of two things side by side, see bench/README.md
	@$(PY) -m bench

soak: .venv/ready-dev ## The long tests
	@$(PY) -m pytest $(TESTS) -m soak

format: .venv/ready-dev ## Put every file into shape
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

lock: .venv/ready-dev ## Pin every package again, with hashes
	$(PY) -m uv pip compile pyproject.toml --group dev --universal --generate-hashes --python-version 3.11 --no-annotate --no-header --quiet -o requirements-dev.lock
	$(PY) -m uv pip compile pyproject.toml --group build --universal --generate-hashes --python-version 3.11 --no-annotate --no-header --quiet -c requirements-dev.lock -o requirements.lock

migration: .venv/ready-dev ## Write the migration for what changed in the tables: make migration m='what changed'
	@test -n "$(m)" || { echo "Say what changed: make migration m='Accounts have an owner'"; exit 2; }
	@$(PY) -m storage.migrations new "$(m)"
	@$(PY) -m ruff format --quiet storage/migrations/versions

# $(1): the lock file. Nothing is built in isolation, so that nothing unpinned is fetched.
define install
	@echo 'Installing packages (a minute, the first time) …'
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
endef

.venv/ready: requirements.lock pyproject.toml | .venv/bin/pip
	$(call install,requirements.lock)

.venv/ready-dev: requirements-dev.lock pyproject.toml | .venv/bin/pip
	$(call install,requirements-dev.lock)
	@touch .venv/ready

.venv/bin/pip:
	@command -v $(PYTHON) >/dev/null || { \
		echo 'Python is missing. The hub needs 3.11 or newer: on Debian or Ubuntu, apt install python3 python3-venv'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "The hub needs Python 3.11 or newer, and this is $$($(PYTHON) --version). If there is another: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo 'Python cannot make an environment here: on Debian or Ubuntu, apt install python3-venv'; exit 1; }
	@echo 'Making .venv …'
	@$(PYTHON) -m venv --clear .venv
