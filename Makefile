# `make demo` tries the bot on a Discord of its own, `make page` builds the demo's page, `make test` checks everything.
# All of them make what they need first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Where pip takes torch from. PyTorch's own index of CPU builds (https://download.pytorch.org/whl/cpu) spares a Linux
# machine several GB of GPU libraries: make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
# Options for the demo: make demo DEMO="--faq my_faq --port 8080"
DEMO ?=
# How many processes share the tests; each holds the model, so each takes a gigabyte.
TEST_PROCESSES ?= 2
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# The demo's page: bundled by esbuild, which needs Node; without it the demo has its seat in the terminal alone.
PAGE := bot/playground/page/index.html
PAGE_SOURCES := $(wildcard playground/*.json playground/*.mjs playground/*.html playground/*.svg playground/src/* \
	playground/style/*)
NODE_MODULES := playground/node_modules/installed
HAS_NODE := node --eval 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null

export TOKENIZERS_PARALLELISM ?= false
# Anything here measures less, in under three minutes: make bench QUICK=1
QUICK ?=
# The demo and the tests take the model from its package; `make run` may fetch another one.
demo unit bench: export HF_HUB_OFFLINE = 1

.PHONY: help demo page run test check lint types imports unit bench format clean

help:
	@echo "make demo    try the bot here, without a Discord account"
	@echo "make page    build the demo's page (needs Node 20 or newer)"
	@echo "make run     run the bot (needs FAQTOTUM_TOKEN, see README.md)"
	@echo "make test    ruff, pyright, import-linter, all tests with coverage, the wheel test"
	@echo "make bench   measure speed and memory against the naive way (an hour; QUICK=1: three minutes)"
	@echo "make format  format the code"
	@echo "make clean   remove the environment and all caches"

# A page that cannot be built costs nobody the demo.
demo: $(VENV)/installed
	@if $(HAS_NODE); then $(MAKE) --no-print-directory page || echo "The page was not built, see above."; fi
	@$(BIN)/python -m bot demo $(DEMO)

page:
	@$(HAS_NODE) || { echo "The page is built with Node 20 or newer; install it from https://nodejs.org"; exit 1; }
	@$(MAKE) --no-print-directory $(PAGE)

$(PAGE): $(PAGE_SOURCES) $(NODE_MODULES)
	npm --prefix playground run --silent build

$(NODE_MODULES): playground/package.json playground/package-lock.json
	npm --prefix playground ci --no-fund --no-audit --loglevel=error
	@touch $@

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
	@if $(HAS_NODE); then $(MAKE) --no-print-directory page || echo "The page was not built, see above: its tests are skipped."; fi
	$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist worksteal --cov --cov-report=term
	$(BIN)/python tools/coverage_goals.py

bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.bench $(if $(QUICK),--quick)

format: $(VENV)/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) bot/playground/page playground/node_modules .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage build dist *.egg-info

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
