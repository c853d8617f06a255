# make demo   the main job, on the real catalog, against a stand-in for Medium on this machine
# make test   lint, types, workflow checks and tests
# make bench  the figures of the README, beside those of other link checkers
# make month  a month of nights, and what became of each promise
# Each sets up what it needs in .venv; the second time that takes no time.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint types workflows pytest bench month readme requirements clean

demo: $(STAMP)
	$(BIN)/bot demo

test: lint types workflows pytest

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

workflows: $(STAMP)
	$(BIN)/actionlint
	$(BIN)/zizmor --offline --quiet .github

pytest: $(STAMP)
	$(BIN)/pytest --cov --cov-report=term:skip-covered --cov-fail-under=95 -q

bench: $(STAMP)
	$(BIN)/python -m bench

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

# A month of nights against stand-ins, with the faults that a month brings; fails if a promise is broken.
month: $(STAMP)
	$(BIN)/python -m bench.month

# Fill the README's blocks from what the commands print.
readme: $(STAMP)
	$(BIN)/python tools/readme.py

# Needs uv. Hashes pin what is installed; no address is written, so any registry will do.
requirements:
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-annotate --no-header --upgrade -o requirements.txt
	echo 'flit-core>=3.11' | uv pip compile pyproject.toml - -c requirements.txt --universal --generate-hashes --no-annotate --no-header -o requirements-run.txt

clean:
	rm -rf $(VENV) .bench demo-output .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
