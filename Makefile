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
PYODIDE ?= _build/pyodide
CHAPTERS := $(shell grep -lr --include='*.md' --exclude-dir='.*' '^kernelspec:' book)
# What a chapter imports; grading, homework and commands are not.
LIBRARY := $(shell find coursekit -type f \( -name '*.py' -o -name '*.pyi' -o -name '*.js' -o -name '*.css' \) \
  -not -path 'coursekit/grading/*' -not -path 'coursekit/homework/*' -not -path 'coursekit/cli/*' \
  -not -path 'coursekit/exercises/*' -not -path 'coursekit/labextension/*')
# Extensions of JupyterLab that `make lab` leaves out: nbgrader's menus and its button, MyST for what is
# plain Markdown there, and a question about news.
COMMA := ,
SPACE := $(subst ,, )
NOT_FOR_STUDENTS := @jupyter/nbgrader jupyterlab-myst @jupyterlab/apputils-extension:announcements
# What the notebooks for students are made from.
STUDENT := $(CHAPTERS) _config.yml _toc.yml $(wildcard book/_ext/*.py assignments/*.md assignments/hints/*.md) \
  $(wildcard coursekit/homework/*.py coursekit/exercises/*.py) $(wildcard coursekit/*/*.py)

export PATH := $(abspath $(BIN)):$(PATH)
export TF_CPP_MIN_LOG_LEVEL := 2
export TF_ENABLE_ONEDNN_OPTS := 0
export CUDA_VISIBLE_DEVICES := -1

.PHONY: help book pdf test lab student-kit serve notebooks release grade bench requirements system clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(not (3, 11) <= v <= (3, 13))' || \
	  { echo "error: the course needs Python 3.11, 3.12 or 3.13, and '$(PYTHON)' is `$(PYTHON) --version 2>&1`."; \
	    echo "       Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || \
	  { rm -rf $(VENV); echo "error: no virtual environment could be made. On Debian: apt install python3-venv"; exit 1; }
	@echo "Installing the pinned requirements into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements.txt)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.txt
	@rm -f $(VENV)/share/jupyter/lab/settings/overrides.json
	@mkdir -p $(VENV)/etc/ipython $(VENV)/etc/student/labconfig
	@echo 'c.IPKernelApp.log_level = "ERROR"  # no warning at each start of a kernel' \
	  > $(VENV)/etc/ipython/ipython_kernel_config.py
	@echo 'c.Validator.validate_all = True  # nbgrader would not look at checks that give no points' \
	  > $(VENV)/etc/jupyter/nbgrader_config.py
	@echo '{"disabledExtensions": {$(subst $(SPACE),$(COMMA),$(NOT_FOR_STUDENTS:%="%":true))}}' \
	  > $(VENV)/etc/student/labconfig/page_config.json
	@touch $@

# Executed notebooks and read pages are cached: a change in what they import makes both stale, one
# in what makes pages of them the pages.
_build/.library: $(READY) $(LIBRARY)
	@rm -rf _build/.jupyter_cache _build/.doctrees && mkdir -p _build && touch $@

_build/.pages: _config.yml $(wildcard book/_ext/*.py book/_templates/* coursekit/exercises/*.py)
	@rm -rf _build/.doctrees && mkdir -p _build && touch $@

book: $(READY) _build/.library _build/.pages $(if $(LIVE),$(PYODIDE))  ## build the book, LIVE=1 with Python beside it; say where to open it
	$(BIN)/jupyter-book build book --path-output . --config _config.yml --toc "$(CURDIR)/_toc.yml" -W -n --keep-going
	@$(if $(LIVE),$(BIN)/python book/_ext/live_runtime.py put $(PYODIDE) $(HTML))
	@echo; echo "The book is built. Open $(abspath $(HTML))/index.html, or run: make serve"

pdf: book  ## print the whole course as one PDF (needs Chromium)
	$(BIN)/python book/_ext/print_course.py

serve: book  ## read the book in a browser (PORT=8000)
	@$(BIN)/python book/_ext/serve.py $(PORT) $(HTML)

# A wheel that happens to hold an unpacked release of Pyodide; of its files only those are used whose
# checksums are Pyodide's own. PYODIDE=folder names a release that was unpacked by hand.
_build/pyodide: $(READY) book/_ext/live/pyodide.txt
	@echo "Fetching Pyodide ..." && rm -rf $@ $@.new
	@$(BIN)/uv pip install --quiet --target $@.new --no-deps --require-hashes -r book/_ext/live/pyodide.txt
	@mv $@.new $@ && touch $@

# Copies, so that JupyterLab saves into no page. Its menus are those of a student: an instructor starts
# `jupyter lab`, and has nbgrader's.
lab: _build/.student  ## open your copies of chapters and homework in JupyterLab, from lab/
	@$(BIN)/python -c 'import sys; sys.path.append("book/_kit"); import pathlib, start; \
	  start.copy_new(pathlib.Path("_build/student"), pathlib.Path("lab"))'
	JUPYTER_CONFIG_PATH=$(CURDIR)/$(VENV)/etc/student $(BIN)/jupyter lab --ServerApp.root_dir=lab \
	  --LabApp.default_url=/lab/tree/start.ipynb $(OPTIONS)

_build/.student: $(READY) $(STUDENT)
	@echo "Making the notebooks ..." && mkdir -p _build
	@$(BIN)/python book/_ext/student_kit.py && touch $@

student-kit: $(READY)  ## make what students get, a folder and a zip in _build/student-kit
	@$(BIN)/python book/_ext/student_kit.py kit

test: $(READY) $(if $(ONLY)$(FAST),,system $(PYODIDE))  ## run every test, or ONLY=softmax, FAST=1, RANDOM=1, COVERAGE=1
	@$(BIN)/python tests/run.py $(if $(ONLY),--only "$(ONLY)") $(if $(FAST),--fast) $(if $(RANDOM),--random) \
	  $(if $(COVERAGE),--coverage)

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
