# Songhe. `make` lists everything; each target says what it does in one line.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv/bin
BOOT := $(PYTHON) scripts/bootstrap.py
ARGS ?=
.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check format bench lock vendor messages setup-system clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install everything the product and its demo need into .venv (no root needed)
	@$(BOOT) runtime planning sheets demo

demo: setup ## load the demo city and serve it on http://127.0.0.1:8000 (ARGS="--people 20000")
	@$(VENV)/songhe demo $(ARGS)

serve: setup ## serve what is in the database, without loading anything
	@$(VENV)/songhe serve $(ARGS)

test: ## run unit, house and browser tests (ARGS="tests/core -x")
	@$(BOOT) runtime planning sheets demo dev
	@$(VENV)/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

check: ## what CI checks: ruff, floors, migrations, doors lint, docs current, translations complete
	@$(BOOT) runtime planning sheets demo dev
	@$(VENV)/python scripts/check.py

format: ## rewrite the code in house style
	@$(BOOT) runtime planning sheets demo dev
	@$(VENV)/ruff check --fix . ; $(VENV)/ruff format .

bench: ## measure against the baselines of MEASURES and print JSON (ARGS="--people 200000")
	@$(BOOT) runtime planning sheets demo dev
	@$(VENV)/python -m bench$(if $(filter plan,$(MAKECMDGOALS)),.planning) $(ARGS)

plan: # a word of `make bench plan`; alone it does nothing
	@:

lock: ## pin every requirement again, with hashes, wheels only, no addresses
	@$(BOOT) runtime planning sheets demo dev lock
	@$(VENV)/python scripts/lock.py $(ARGS)

vendor: ## fetch the front-end files again and write their versions, licences and hashes
	@$(VENV)/python scripts/vendor.py $(ARGS)

messages: ## gather new sentences and compile the translations
	@$(BOOT) runtime planning sheets demo dev
	@$(VENV)/python scripts/translations.py $(ARGS)

setup-system: ## optional, as root: browser, Chinese fonts, PDF libraries, PostgreSQL from Debian
	apt-get update
	apt-get install -y --no-install-recommends chromium fonts-noto-cjk fonts-arphic-ukai \
	  libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 postgresql

clean: ## remove caches and compiled files; keeps .venv and var/ (the data)
	rm -rf .boot build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
	find songhe tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
