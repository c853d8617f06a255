# make demo      the main job, on the real catalog, against a stand-in for Medium on this machine
# make test      lint, types, workflow checks and tests
# make coverage  the tests with coverage; fails below 95 %
# make fuzz      numbered fuzz cases: ten times as many as make test runs; BLOCKS=50 for fifty times
# make mutants   mutation testing of the modules that decide: the share of small changes that the tests notice.
#                Takes an hour; ONLY='bot.rules.markers*' for one module takes a minute
# make bench     the figures of the README, beside those of other link checkers
# make month     a month of nightly runs, and what became of each promise
# Each sets up what it needs in .venv; the second time that takes no time.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run
DEV := $(VENV)/.dev
MUTANTS := $(VENV)/.mutants
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

# One process per core. worksteal keeps the tests of a file together until a process runs out of work.
PYTEST := $(BIN)/pytest -q -n auto --dist worksteal

.PHONY: demo test lint types workflows pytest coverage fuzz mutants bench month readme requirements clean

demo: $(RUN)
	$(BIN)/bot demo

# The quick checks go first; types are checked while the tests run.
test: lint workflows
	@$(MAKE) --no-print-directory -j2 types pytest

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy

workflows: $(DEV)
	$(BIN)/actionlint
	$(BIN)/zizmor --offline --quiet .github

pytest: $(DEV)
	$(PYTEST)

coverage: $(DEV)
	$(PYTEST) --cov --cov-report=term:skip-covered --cov-fail-under=95

BLOCKS ?= 10
fuzz: $(DEV)
	FUZZ_BLOCKS=$(BLOCKS) $(PYTEST) tests/fuzz

mutants: $(MUTANTS)
	$(BIN)/python tests/mutants.py $(ONLY)

bench: $(DEV)
	PYTHONPATH=tests $(BIN)/python -m bench

# A locked set is complete, so nothing is resolved (--no-deps): some pips look for a newer release of whatever a
# package asks for with an extra, as in coverage[toml], and then miss its hash.
$(RUN): requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python")'
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --no-build-isolation --no-index -e .
	@touch $@

$(DEV): $(RUN) requirements/dev.txt
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(MUTANTS): $(DEV) requirements/mutants.txt
	$(PIP) --require-hashes -r requirements/mutants.txt
	@touch $@

# A month of nightly runs against stand-ins, with the faults that a month brings; fails if a promise is broken.
month: $(DEV)
	PYTHONPATH=tests $(BIN)/python -m month

# Fill the README's blocks from what the commands print.
readme: $(DEV)
	$(BIN)/python docs/readme.py

# Needs uv. Hashes pin what is installed; no address is written, so any index will do.
COMPILE := uv pip compile --universal --generate-hashes --no-strip-extras --no-annotate --no-header
requirements:
	$(COMPILE) pyproject.toml --group dev --upgrade -o requirements/dev.txt
	$(COMPILE) pyproject.toml --group mutants -c requirements/dev.txt --upgrade -o requirements/mutants.txt
	echo 'flit-core>=3.11' | $(COMPILE) pyproject.toml - -c requirements/dev.txt -o requirements/run.txt

clean:
	rm -rf $(VENV) .bench demo-output .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants
