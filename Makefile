# OnDijon: `make run` shows the city, `make check` judges a change in a minute, `make test` proves all of it.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

PYTHON ?= python3
CITY ?= dijon
SPOT ?= var/$(CITY)
PORT ?= 8064

BIN := .venv/bin
STAMPS := .venv/stamps
CONSOLE := frontend/console
STATIC := src/ondijon/apps/console/static
CODE := $(wildcard src tests bench scripts conftest.py)
SLOW := engines or journey or faults or install
# What watches the clock or a screen gets the whole machine; the rest shares its cores.
ALONE := journey or faults or quiet
PIP_INSTALL := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --no-deps
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(CONSOLE)

CONSOLE_SOURCES := $(shell find $(CONSOLE) -name node_modules -prune -o -type f -print 2>/dev/null)
CONSOLE_STAMP := $(if $(wildcard $(CONSOLE)/package.json),$(STAMPS)/console)
NPM_STAMP := $(if $(wildcard $(CONSOLE)/package.json),$(STAMPS)/npm)
ifeq ($(wildcard $(STATIC)/*),)
STALE_CONSOLE := always
endif

.PHONY: help install run check lint lint-python lint-console unit test browser bench faults mutants bare lock licences sbom clean always

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile | expand -t 16

install: $(STAMPS)/project $(CONSOLE_STAMP) ## Install everything into .venv from the locks, build the console

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "OnDijon needs Python 3.11 or newer: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }

$(STAMPS)/locked: requirements/build.txt requirements/dev.txt | $(BIN)/python
	@echo "installing the locked dependencies (checked by hash)"
	@$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/build.txt
	@$(PIP_INSTALL) --require-hashes --no-build-isolation -r requirements/dev.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/project: pyproject.toml $(STAMPS)/locked
	@$(PIP_INSTALL) --no-build-isolation --no-index -e .
	@touch $@

$(STAMPS)/npm: $(wildcard $(CONSOLE)/package.json $(CONSOLE)/package-lock.json) $(STAMPS)/locked
	@echo "installing the console's locked dependencies"
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/console: $(STAMPS)/npm $(CONSOLE_SOURCES) $(STALE_CONSOLE)
	@$(NPM) run build
	@touch $@

run: install ## Show the city: CITY=dijon PORT=8064
	@exec $(BIN)/ondijon run --city $(CITY) --home $(SPOT) --port $(PORT)

lint: $(STAMPS)/project $(NPM_STAMP)
	@$(MAKE) --no-print-directory -j2 --output-sync lint-python lint-console

lint-python:
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo

lint-console:
ifneq ($(NPM_STAMP),)
	$(NPM) run check --if-present
endif

unit: $(STAMPS)/project
	$(BIN)/python -m pytest -q -m "not ($(SLOW))"

check: lint unit ## Format, lint, types, contracts, budgets and unit tests: under a minute

browser:
	@bash scripts/browser.sh

test: install lint browser ## Everything that `check` does, then engines, faults, journeys and installation
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile -m "not ($(ALONE))"
	$(BIN)/python -m pytest -m "$(ALONE)"

bench: install ## Measure: make bench NAME=ingest
	@test -n "$(NAME)" || { echo "name one: make bench NAME=x, of: $(patsubst bench/%.py,%,$(filter-out bench/_%,$(wildcard bench/*.py)))"; exit 2; }
	$(BIN)/python -m bench.$(NAME) $(ARGS)

faults: install ## Break a running post in every way we know and write what came of it into docs/reliability.md (30 min)
	ONDIJON_FAULTS=long $(BIN)/python -m pytest -s -m faults tests/faults tests/several_hosts

mutants: install ## Break the laws of the room's machines one change at a time; 80 % at least must be noticed
	$(BIN)/python -m scripts.mutants $(ARGS)

bare: ## Prove the installation on a bare Debian 12 (root, debootstrap)
	@bash scripts/bare_debian.sh

lock: $(STAMPS)/project ## Resolve the dependencies again into requirements/ (UPGRADE=1 takes the newest)
	@UPGRADE="$(UPGRADE)" bash scripts/lock.sh

licences: $(STAMPS)/project ## Check that every locked dependency may be used with the EUPL
	@$(BIN)/python scripts/licences.py

sbom: $(STAMPS)/project ## Write what is locked, with hashes and licences, as CycloneDX 1.6 into dist/sbom.cdx.json
	@$(BIN)/python -m scripts.sbom dist/sbom.cdx.json

clean: ## Remove the environment and what was built (never var/, the city's memory)
	rm -rf .venv $(STATIC) $(CONSOLE)/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
