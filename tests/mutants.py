"""Change the modules that decide, one small change at a time, and print the share that the tests notice.

mutmut makes the changes and runs the tests that reach each; pyproject.toml names both. Its progress goes to a log.

    python tests/mutants.py                     all of them
    python tests/mutants.py 'bot.rules.markers*'  those of one module
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MUTMUT = str(Path(sys.executable).parent / "mutmut")
LOG = ROOT / "mutants" / "log.txt"
NOTICED = ("killed", "timeout", "suspicious")
UNNOTICED = ("survived", "no tests")


def outcomes() -> dict[str, str]:
    """Return what became of each mutant, by its name."""
    command = [str(MUTMUT), "results", "--all", "true"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return dict(line.strip().rsplit(": ", 1) for line in said.splitlines() if ": " in line)


def summary(found: dict[str, str]) -> str:
    """Return the mutants that nobody noticed, and the share that was noticed by module and in all."""
    modules: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    unnoticed = []
    for name, outcome in found.items():
        if outcome in NOTICED or outcome in UNNOTICED:
            modules[name.partition(".x")[0]][outcome in NOTICED] += 1
        if outcome in UNNOTICED:
            unnoticed.append(f"{outcome:<9} {name}")
    rows = [*unnoticed, ""] if unnoticed else []
    rows += [_row(module, counts) for module, counts in sorted(modules.items())]
    return "\n".join([*rows, _row("in all", sum(modules.values(), Counter()))])


def _row(name: str, counts: Counter[bool]) -> str:
    share = counts[True] / counts.total() if counts else 1.0
    return f"{share:7.1%}  {counts[True]:5} of {counts.total():5}  {name}"


def main() -> int:
    """Run the mutants that the arguments name, all without any; print the summary."""
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("wb") as log:
        code = subprocess.run(
            [str(MUTMUT), "run", *sys.argv[1:]], cwd=ROOT, stdout=log, stderr=log, check=False
        ).returncode
    if code:
        sys.stderr.write(f"mutmut ended with {code}; {LOG} says why\n")
        return code
    sys.stdout.write(f"{summary(outcomes())}\n\nmutmut show NAME prints a change.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
