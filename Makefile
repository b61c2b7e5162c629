# Two commands do everything on a fresh machine: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test test-long lint bench quality clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "genverify needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.11 demo"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

demo: $(VENV)/.installed  ## install and critique the shipped samples
	@$(BIN)/genverify critique datasets/samples/critique.jsonl; code=$$?; \
	  if [ $$code -gt 1 ]; then echo "make demo: genverify ended with exit code $$code"; exit $$code; fi

test: lint  ## install and run all checks and tests
	$(BIN)/python -m pytest -q -n 2 -m "not long"

test-long: $(VENV)/.installed-test  ## run the tests that take minutes
	$(BIN)/python -m pytest -q -m long

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd sandbox && ../$(BIN)/mypy --config-file ../pyproject.toml *.py

bench: $(VENV)/.installed-test  ## measure speed; results go to benchmarks/results/
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python benchmarks/claims.py
	$(BIN)/python benchmarks/workers.py
	$(BIN)/python benchmarks/kernels.py
	$(BIN)/python benchmarks/cold_start.py

quality: $(VENV)/.installed-test  ## judge the labelled data in $GENVERIFY_DATA; figures go to benchmarks/results/
	$(BIN)/python benchmarks/quality.py

clean:  ## remove the virtual environment and all caches
	rm -rf $(VENV) build dist .mypy_cache sandbox/.mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
