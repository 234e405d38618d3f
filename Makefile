# Every command of the course. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
HTML := _build/html
CHAPTERS := $(shell grep -lr --include='*.md' --exclude-dir='.*' '^kernelspec:' book)
# What a chapter imports; grading, homework and commands are not.
LIBRARY := $(shell find coursekit -type f \( -name '*.py' -o -name '*.pyi' -o -name '*.js' -o -name '*.css' \) \
  -not -path 'coursekit/grading/*' -not -path 'coursekit/homework/*' -not -path 'coursekit/cli/*')

export PATH := $(abspath $(BIN)):$(PATH)
export TF_CPP_MIN_LOG_LEVEL := 2
export TF_ENABLE_ONEDNN_OPTS := 0
export CUDA_VISIBLE_DEVICES := -1

.PHONY: help book pdf test lab serve notebooks release grade bench requirements system clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "%-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(not (3, 11) <= v <= (3, 13))' || \
	  { echo "error: the course needs Python 3.11, 3.12 or 3.13, and '$(PYTHON)' is `$(PYTHON) --version 2>&1`."; \
	    echo "       Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || \
	  { rm -rf $(VENV); echo "error: no virtual environment could be made. On Debian: apt install python3-venv"; exit 1; }
	@echo "Installing the pinned requirements into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements.txt)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.txt
	@mkdir -p $(VENV)/share/jupyter/lab/settings
	@printf '{"@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Jupytext Notebook"}}}\n' \
	  > $(VENV)/share/jupyter/lab/settings/overrides.json
	@mkdir -p $(VENV)/etc/ipython
	@echo 'c.IPKernelApp.log_level = "ERROR"  # no warning at each start of a kernel' \
	  > $(VENV)/etc/ipython/ipython_kernel_config.py
	@touch $@

# Executed notebooks and read pages are cached: a change in what they import makes both stale, one
# in what makes pages of them the pages.
_build/.library: $(READY) $(LIBRARY)
	@rm -rf _build/.jupyter_cache _build/.doctrees && mkdir -p _build && touch $@

_build/.pages: _config.yml $(wildcard book/_ext/*.py book/_templates/*)
	@rm -rf _build/.doctrees && mkdir -p _build && touch $@

book: $(READY) _build/.library _build/.pages  ## build the book and say where to open it
	$(BIN)/jupyter-book build book --path-output . --config _config.yml --toc "$(CURDIR)/_toc.yml" -W -n --keep-going
	@echo; echo "The book is built. Open $(abspath $(HTML))/index.html, or run: make serve"

pdf: book  ## print the whole course as one PDF (needs Chromium)
	$(BIN)/python book/_ext/print_course.py

serve: book  ## read the book in a browser (PORT=8000)
	@echo "Serving on port $(PORT) of this machine (localhost); Ctrl-C stops."
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(HTML) $(PORT) || \
	  { echo "error: port $(PORT) cannot be used, see above; name another one: make serve PORT=8001"; exit 1; }

lab: $(READY)  ## open the chapters and a homework copy in JupyterLab
	@$(BIN)/coursekit copy
	$(BIN)/jupyter lab --notebook-dir=.

test: $(READY) $(if $(ONLY)$(FAST),,system)  ## run every test, or ONLY=softmax, FAST=1, RANDOM=1
	@$(BIN)/python tests/run.py $(if $(ONLY),--only "$(ONLY)") $(if $(FAST),--fast) $(if $(RANDOM),--random)

system:
	@missing=""; command -v chromium chromium-browser google-chrome chrome >/dev/null || missing="chromium"; \
	command -v bwrap >/dev/null || missing="$$missing bubblewrap"; \
	command -v pg_ctl /usr/lib/postgresql/*/bin/pg_ctl >/dev/null || missing="$$missing postgresql"; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing the system packages that the tests need: $$missing ..."; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; } || \
	    echo "note: they could not be installed. The tests that need them are skipped and say so."; \
	else \
	  echo "note: not installed: $$missing. The tests that need them are skipped and say so."; \
	  echo "      On Debian or Ubuntu: sudo apt install $$missing"; \
	fi

notebooks: $(READY)  ## run the chapters and record what they print, for the tests
	$(BIN)/python tests/record.py $(CHAPTERS)

release: $(READY)  ## make the students' version of a homework (HW=gradient-descent)
	@$(BIN)/coursekit release $(HW)

grade: $(READY)  ## grade what was submitted, in a sandbox (HW=gradient-descent)
	@$(BIN)/coursekit grade $(HW)

bench: $(READY)  ## measure what we claim about speed
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; echo; done

requirements: $(READY)  ## pin the dependencies of pyproject.toml anew
	@{ echo "-e ."; $(BIN)/uv pip compile pyproject.toml --all-extras --universal --upgrade \
	  --python-version 3.11 --no-emit-index-url --no-annotate --no-header --quiet; } > requirements.new
	@mv requirements.new requirements.txt && echo "requirements.txt is new; try: make test"

clean:  ## remove what was built (never submissions, grades or the environment)
	rm -rf _build .pytest_cache .ruff_cache .hypothesis .coverage assignments/source assignments/release
