"""A month of nights against stand-ins for Medium and GitHub, with the faults that a month brings."""

import sys
from pathlib import Path

# The stand-in for GitHub is part of the tests.
sys.path.append(str(Path(__file__).parents[2] / "tests"))
