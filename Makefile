# make demo   the main job, on the real catalog, against a stand-in for Medium on this machine
# make test   lint, types, workflow checks and tests
# make bench  the figures of the README, beside those of other link checkers
# make month  a month of nights, and what became of each promise
# Each sets up what it needs in .venv; the second time that takes no time.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run
DEV := $(VENV)/.dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.PHONY: demo test lint types workflows pytest bench month readme requirements clean

demo: $(RUN)
	$(BIN)/bot demo

test: lint types workflows pytest

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy

workflows: $(DEV)
	$(BIN)/actionlint
	$(BIN)/zizmor --offline --quiet .github

pytest: $(DEV)
	$(BIN)/pytest --cov --cov-report=term:skip-covered --cov-fail-under=95 -q

bench: $(DEV)
	$(BIN)/python -m bench

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

# A month of nights against stand-ins, with the faults that a month brings; fails if a promise is broken.
month: $(DEV)
	$(BIN)/python -m bench.month

# Fill the README's blocks from what the commands print.
readme: $(DEV)
	$(BIN)/python tools/readme.py

# Needs uv. Hashes pin what is installed; no address is written, so any index will do.
COMPILE := uv pip compile --universal --generate-hashes --no-strip-extras --no-annotate --no-header
requirements:
	$(COMPILE) pyproject.toml --group dev --upgrade -o requirements/dev.txt
	echo 'flit-core>=3.11' | $(COMPILE) pyproject.toml - -c requirements/dev.txt -o requirements/run.txt

clean:
	rm -rf $(VENV) .bench demo-output .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
