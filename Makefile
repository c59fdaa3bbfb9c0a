# Every target sets up what it needs the first time; a machine needs python3 (3.11 or later) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Set in many containers; without compiled files every process would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install demo test lint audit bench pictures lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.run ## claimbot itself, as .venv/bin/claimbot

demo: $(VENV)/.run ## a local Slack, the bot and a database; prints one URL
	@$(BIN)/claimbot demo $(ARGS)

test: $(VENV)/.dev ## the whole suite
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: $(VENV)/.dev ## style, types, the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(VENV)/.dev ## known vulnerabilities of the locked dependencies, as PyPI knows them
	$(BIN)/pip-audit --disable-pip --require-hashes -r requirements.txt -r requirements-dev.txt $(ARGS)

bench: $(VENV)/.dev ## the benchmarks, as ratios against a baseline of the same run
	$(BIN)/python -m benchmarks $(ARGS)

pictures: $(VENV)/.dev ## the pictures of the documentation, taken anew in the demo (needs Chromium)
	$(BIN)/python -m tests.pictures $(ARGS)

lock: ## renew the two lock files after a change of dependencies (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --extra build -o requirements.txt $(ARGS)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --all-extras -c requirements.txt -o requirements-dev.txt $(ARGS)

clean: ## remove what the targets above made, the local database too
	rm -rf $(VENV) .data .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
