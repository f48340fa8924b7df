# `make demo` and `make test` need Python 3.11 or later and make; they set up everything else in .venv,
# with uv where it is there, which is faster, else with pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
VENV_OF_UV := $(UV) venv --quiet --seed --python $(PYTHON) $(VENV)
INSTALL_OF_UV := $(UV) pip install --quiet --python $(BIN)/python
INSTALL_OF_PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
MAKE_VENV := $(if $(UV),$(VENV_OF_UV),$(PYTHON) -m venv $(VENV))
INSTALL := $(if $(UV),$(INSTALL_OF_UV),$(INSTALL_OF_PIP))
READY := $(VENV)/.run
STAMP := $(VENV)/.installed

# Python keeps what it compiles, even where the environment forbids it (images of containers do): commands that
# the tests start would compile all their libraries each time anew
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup demo test test-all lint types unit unit-all docs docs-site lock wheel clean

setup: $(STAMP)

# what running needs: hashes are checked; the package itself is installed editable
$(READY): requirements/run.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("faultlore needs Python 3.11 or later, this is " + sys.version.split()[0] + "; set PYTHON=") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(MAKE_VENV)
	$(INSTALL) --require-hashes -r requirements/run.lock
	$(INSTALL) --no-deps --editable .
	@touch $@

# and what checks, trains and builds
$(STAMP): requirements/dev.lock $(READY)
	$(INSTALL) --require-hashes -r requirements/dev.lock
	@touch $@

demo: $(READY)
	$(BIN)/faultlore demo

# real parsers of two export targets and axe; without npm the tests that use them say that they are skipped, and why
TARGETS := tests/targets/node_modules/.package-lock.json
$(TARGETS): tests/targets/package-lock.json
	@if command -v npm >/dev/null; then cd tests/targets && npm ci --silent --no-audit --no-fund || echo "npm ci failed: the tests of MDX and Astro are skipped"; \
	else echo "no npm: the tests of MDX and Astro are skipped"; fi

# site generators that build the exported pages; without npm or apt the tests that use them are skipped and say why
GENERATORS := tests/targets/sites/node_modules/.package-lock.json tests/targets/docusaurus/node_modules/.package-lock.json
tests/targets/%/node_modules/.package-lock.json: tests/targets/%/package-lock.json
	@if command -v npm >/dev/null; then cd tests/targets/$* && npm ci --silent --no-audit --no-fund || echo "npm ci failed: the tests of tests/targets/$* are skipped"; \
	else echo "no npm: the tests of tests/targets/$* are skipped"; fi

# all but what trains models and what takes long; `make test-all` has that too
test:
	@$(MAKE) --no-print-directory -j3 setup $(TARGETS) chromium
	@$(MAKE) --no-print-directory -j2 lint types
	@$(MAKE) --no-print-directory unit

test-all:
	@$(MAKE) --no-print-directory -j3 setup $(TARGETS) $(GENERATORS) chromium jekyll
	@$(MAKE) --no-print-directory -j2 lint types
	@$(MAKE) --no-print-directory unit-all

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

# the notebooks and the README's commands are run by tests of their own in tests/
unit: setup $(TARGETS) chromium
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not slow"

unit-all: setup $(TARGETS) $(GENERATORS) chromium jekyll
	$(BIN)/python -m pytest -n auto --dist loadgroup

# a browser for the tests of the pages, from the system's packages where this user may install them
.PHONY: chromium
chromium:
	@if command -v chromium >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing chromium for the tests of the pages"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 \
		|| echo "chromium could not be installed: the tests of the pages in a browser are skipped"; \
	else echo "no chromium: the tests of the pages in a browser are skipped; install it to run them"; fi

.PHONY: jekyll
jekyll: | chromium
	@if command -v jekyll >/dev/null && command -v kramdown >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing jekyll for the tests of the pages"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends jekyll kramdown ruby-jekyll-redirect-from; } >/dev/null 2>&1 \
		|| echo "jekyll could not be installed: the test that builds its site is skipped"; \
	else echo "no jekyll: the test that builds its site is skipped; install it to run it"; fi

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --output-file requirements/run.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --group dev --constraint requirements/run.lock --output-file requirements/dev.lock pyproject.toml

wheel: setup
	$(BIN)/python -m build --wheel --no-isolation

docs: setup
	$(BIN)/python -m tools.write_docs

# the pictures of the README, in docs/images/
.PHONY: screenshots
screenshots: setup chromium
	$(BIN)/python -m tools.screenshots

# the documentation as a site, in site/
docs-site: setup
	$(BIN)/zensical build --clean --strict

clean:
	rm -rf $(VENV) build dist site demo-out .mypy_cache .ruff_cache .hypothesis

.PHONY: bench-faults
bench-faults: setup
	$(BIN)/python benchmarks/bench_faults.py

# LABELS: a folder of labelled threads, as miner.training reads them
LABELS := data/labels
.PHONY: bench-judge
bench-judge: setup
	$(BIN)/python benchmarks/bench_judge.py $(LABELS) --only ""

.PHONY: bench bench-large
bench: setup
	$(BIN)/python benchmarks/run.py

# other programs to measure beside, in an environment of their own
PEERS := .venv-peers/.installed
$(PEERS): requirements/peers.txt
	$(if $(UV),$(UV) venv --quiet --python $(PYTHON) .venv-peers,$(PYTHON) -m venv .venv-peers)
	$(if $(UV),$(UV) pip install --quiet --python .venv-peers/bin/python,.venv-peers/bin/python -m pip install --quiet) -r requirements/peers.txt
	@touch $@

bench-large: setup $(PEERS)
	$(BIN)/python benchmarks/run.py --large --out bench-large.json $(if $(CORPUS),--corpus $(CORPUS)) $(if $(LINES),--lines $(LINES))
