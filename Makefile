# make audit   the answer, from a fresh checkout; needs Python 3.11 or newer and nothing else
# make test    style, types and tests
# The environment is .venv. Stamp files inside it make a second run quick; a change of pyproject.toml or
# constraints.txt installs again.

PYTHON ?= python3
CLAIM ?= deepseek-v3-5.576m
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --constraint constraints.txt
CORE := $(VENV)/.core.stamp
TEST := $(VENV)/.test.stamp
BENCH := $(VENV)/.bench.stamp

.PHONY: help audit test lint format dashboard bench docs clean

help:
	@echo "make audit      install and audit a claim (CLAIM=$(CLAIM))"
	@echo "make test       style, types and tests with coverage"
	@echo "make lint       style and types alone"
	@echo "make format     put the code into the project's format"
	@echo "make dashboard  serve the dashboard on this computer alone"
	@echo "make bench      run the benchmarks"
	@echo "make docs       build the documentation as a site in build/docs"
	@echo "make clean      remove .venv and what tools left behind"

audit: $(CORE)
	@$(BIN)/costclaim audit $(CLAIM)

test: lint
	$(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report=term

lint: $(TEST)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

format: $(TEST)
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

dashboard: $(TEST)
	$(BIN)/costclaim dashboard

bench: $(BENCH)
	$(BIN)/python -m benchmarks.bench

docs: $(TEST)
	$(BIN)/python docs/reference.py --check
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -b html docs build/docs
	@echo "build/docs/index.html"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("costclaim needs Python 3.11 or newer: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

# The build tools come first, so that they too are of the versions in constraints.txt.
$(CORE): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) hatchling editables
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(TEST): $(CORE)
	$(PIP) --no-build-isolation --editable '.[all,docs,test]'
	@touch $@

$(BENCH): $(TEST)
	$(PIP) --no-build-isolation --editable '.[bench]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
