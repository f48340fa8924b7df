# `make demo` and `make test` need Python 3.11 or later, make and git; they set up everything else in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test lint types unit notebooks readme lock wheel bench clean

setup: $(STAMP)

# hashes are checked; the package itself is installed editable, without a second resolution
$(STAMP): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("faultlore needs Python 3.11 or later, this is " + sys.version.split()[0] + "; set PYTHON=") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

# real parsers of two export targets; without npm the tests that use them say that they are skipped, and why
TARGETS := tests/targets/node_modules/.package-lock.json
$(TARGETS): tests/targets/package-lock.json
	@if command -v npm >/dev/null; then cd tests/targets && npm ci --silent --no-audit --no-fund || echo "npm ci failed: the tests of MDX and Astro are skipped"; \
	else echo "no npm: the tests of MDX and Astro are skipped"; fi

demo: setup
	$(BIN)/faultlore demo

test: setup lint types unit

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

# the notebooks and the README's commands are run by tests of their own in tests/
unit: setup $(TARGETS)
	$(BIN)/python -m pytest -n auto

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --output-file requirements/run.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --group dev --constraint requirements/run.lock --output-file requirements/dev.lock pyproject.toml

wheel: setup
	$(BIN)/python -m build --wheel --no-isolation

clean:
	rm -rf $(VENV) build dist demo-out .mypy_cache .ruff_cache .hypothesis

.PHONY: docs
docs: setup
	$(BIN)/python -m miner.cli.reference > docs/cli.md
	$(BIN)/python -m kb.settings > docs/configuration.md
