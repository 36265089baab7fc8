# `make demo` tries the bot on a Discord of its own, `make test` checks everything. Both make their environment first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Where pip takes torch from. PyTorch's own index of CPU builds (https://download.pytorch.org/whl/cpu) spares a Linux
# machine several GB of GPU libraries: make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
# How many processes share the tests; each holds the model, so each takes a gigabyte.
TEST_PROCESSES ?= 2
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

export TOKENIZERS_PARALLELISM ?= false
# Anything here measures less, in under three minutes: make bench QUICK=1
QUICK ?=
# The demo and the tests take the model from its package; `make run` may fetch another one.
demo unit bench: export HF_HUB_OFFLINE = 1

.PHONY: help demo run test check lint types imports unit bench format clean

help:
	@echo "make demo    try the bot here, without a Discord account"
	@echo "make run     run the bot (needs FAQTOTUM_TOKEN, see README.md)"
	@echo "make test    ruff, pyright, import-linter, all tests with coverage, the wheel test"
	@echo "make bench   measure speed and memory against the naive way (an hour; QUICK=1: three minutes)"
	@echo "make format  format the code"
	@echo "make clean   remove the environment and all caches"

demo: $(VENV)/installed
	@$(BIN)/python -m bot demo

run: $(VENV)/installed
	@$(BIN)/python -m bot run

test check: lint types imports unit

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-dev
	$(BIN)/pyright

imports: $(VENV)/installed-dev
	$(BIN)/lint-imports

unit: $(VENV)/installed-dev
	$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist worksteal --cov --cov-report=term
	$(BIN)/python tools/coverage_goals.py

bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.bench $(if $(QUICK),--quick)

format: $(VENV)/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage build dist *.egg-info

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/python constraints.txt pyproject.toml
	@echo "Installing the dependencies into $(VENV) (once; torch is the big one)"
	@# torch first and by its exact version: a looser request takes the newest build with its GPU libraries.
	$(PIP_INSTALL) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch==2.13.0
	@$(BIN)/python tools/requirements.py offline > $(VENV)/requirements.txt
	$(PIP_INSTALL) --requirement $(VENV)/requirements.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@$(BIN)/python tools/requirements.py offline large dev > $(VENV)/requirements-dev.txt
	$(PIP_INSTALL) --requirement $(VENV)/requirements-dev.txt
	@touch $@
