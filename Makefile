# Three commands: make book, make test, make lab; and make pdf. Each makes what it needs first.
# Debian and Ubuntu; macOS with its command line tools. Windows: see README.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: help book test lab pdf links lint lock clean

help:
	@echo "make book   build the book and say where to open it"
	@echo "make test   run every test"
	@echo "make lab    do the exercises in JupyterLab"
	@echo "make pdf    print the whole book into a PDF file"

book: $(READY)
	@$(BIN)/dlbook build

test: $(READY)
	@echo "Running every test, about half an hour. First the modules, their doctests and the built book."
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/python -m pytest -n 2 --dist loadfile --ignore-glob='*/test_grading_*' $(PYTEST_OPTIONS)
	@echo "Running the tests of grading, one at a time: they start workers of their own."
	@$(BIN)/python -m pytest tests/test_grading_*.py $(PYTEST_OPTIONS)
	@echo "Running the solutions: nbval holds each one to its stored outputs."
	@$(BIN)/python -m pytest --nbval solutions $(PYTEST_OPTIONS)

lab: $(READY)
	@$(BIN)/dlbook lab

# One file for paper and for e-readers, printed by Chromium.
pdf: $(READY)
	@$(BIN)/dlbook pdf

# For authors: does every link out of the book still lead somewhere? Needs a network.
links: $(READY)
	@$(BIN)/dlbook links

# The environment: made once, and again when the requirements change.
$(READY): requirements.txt requirements-headless.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "This book needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Install a newer one, then for example: make book PYTHON=python3.12"; exit 1; }
	@echo "1 of 3: making the environment $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  rm -rf $(VENV); \
	  echo "Python could not make an environment. On Debian or Ubuntu: sudo apt install python3-venv"; \
	  exit 1; }
	@echo "2 of 3: installing the pinned packages from PyPI, about two minutes"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@echo "3 of 3: trying OpenCV"
	@$(BIN)/python -m dlbook.opencv || { \
	  echo "Going on without it: installing the same OpenCV without windows, which needs no system library."; \
	  $(BIN)/python -m pip uninstall --quiet --yes opencv-python && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall \
	    --require-hashes -r requirements-headless.txt && \
	  $(BIN)/python -m dlbook.opencv; }
	@touch $(READY)

# For authors: write the two locks anew from pyproject.toml.
lock: $(READY)
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --extra test pyproject.toml -o requirements.txt
	@version=$$(sed -n 's/^opencv-python==\([^ ]*\).*/\1/p' requirements.txt); \
	  echo "opencv-python-headless==$$version" | $(BIN)/uv pip compile --quiet --universal \
	  --python-version 3.11 --generate-hashes --no-header --no-deps - -o requirements-headless.txt

clean:
	@rm -rf _build
