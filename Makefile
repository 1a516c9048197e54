# From a fresh clone to a finished project (`make demo`) or to passed tests (`make test`).
# Needs Python >= 3.11, a C++ compiler, make and git; everything else goes into .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SAMPLE := gpiot_cli/data/ecg_sample/mitdb_119.hea

# How llama.cpp is compiled (7-8 minutes on two cores, once). LLAVA is the part for images, not
# needed here. The other flags keep GCC 12 from dropping stores that set up Intel's AMX tiles:
# without them the first decode on such a CPU ends in a general protection fault.
# With an NVIDIA GPU: make demo GPU=-DGGML_CUDA=on
CMAKE_ARGS ?= $(GPU) -DLLAVA_BUILD=OFF -DCMAKE_CXX_FLAGS='-fno-tree-dse -fno-dse'
export CMAKE_ARGS

.PHONY: help demo test check docs models venv clean

help:
	@echo "make demo    install, fetch the default model, make a project from the sample ECG"
	@echo "make test    install with test tools, fetch the test models, then make check"
	@echo "make check   ruff, mypy and pytest: what make test runs after its set-up"
	@echo "make docs    write docs/cli.md anew from the commands' --help"
	@echo "make venv    install only"
	@echo "make clean   remove the demo project and caches; .venv stays"

# A demo that was interrupted goes on where it stopped.
demo: $(VENV)/.installed models
	if [ -d demo/ecg ]; then $(BIN)/gpiot resume demo/ecg; \
	else $(BIN)/gpiot new "ECG R-peak detection" --data $(SAMPLE) --out demo/ecg; fi

test: models
	$(BIN)/gpiot model pull smollm2-135m
	$(MAKE) --no-print-directory check

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

docs: $(VENV)/.installed
	$(BIN)/python docs/generate_cli.py

models: $(VENV)/.installed
	$(BIN)/gpiot model pull

venv: $(VENV)/.installed

# pip leaves a llama-cpp-python of the pinned version alone, so only the first install compiles. Its
# cache of what was compiled does not know the flags, so each set of flags has a cache of its own.
LLAMA = $(shell grep -o 'llama-cpp-python==[0-9.]*' pyproject.toml)
CACHE = $${XDG_CACHE_HOME:-$$HOME/.cache}/gpiot/pip-$$(echo "$$CMAKE_ARGS" | cksum | cut -d' ' -f1)
$(VENV)/.installed: pyproject.toml | $(VENV)/.created
	@echo "Installing into $(VENV); compiling llama.cpp takes some minutes the first time."
	$(BIN)/pip install --quiet --cache-dir "$(CACHE)" $(LLAMA)
	$(BIN)/pip install --quiet --editable .
	@touch $@

# Training is tested too, on tiny models. On Linux the index's torch brings CUDA along (gigabytes); for
# these tests a CPU build does: make test TORCH='torch --index-url https://download.pytorch.org/whl/cpu'
TORCH ?= torch==2.13.0
$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/pip install --quiet $(TORCH)
	$(BIN)/pip install --quiet --editable '.[dev,bench,train]'
	@touch $@

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; '$(PYTHON)' is not. Name one: make PYTHON=python3.12" >&2; \
	  exit 1; }
	@for tool in c++ git; do command -v $$tool >/dev/null || { \
	  echo "'$$tool' is needed. On Debian or Ubuntu: sudo apt install g++ git" >&2; exit 1; }; done
	$(PYTHON) -m venv $(VENV)
	@touch $@

clean:
	rm -rf demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
