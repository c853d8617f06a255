"""Make small changes to the modules that decide, one at a time, and print the share that the tests notice.

mutmut makes each change and runs the tests that reach it; pyproject.toml names the modules and the tests. Its progress
goes to mutants/log.txt.

    python tests/mutants.py                       all mutants
    python tests/mutants.py 'bot.rules.markers*'  those of one module
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MUTMUT = str(Path(sys.executable).parent / "mutmut")
SETTINGS = ROOT / "pyproject.toml"
LOG = ROOT / "mutants" / "log.txt"
NOTICED = ("killed", "timeout", "suspicious")
UNNOTICED = ("survived", "no tests")


def outcomes() -> dict[str, str]:
    """Return the outcome of each mutant by its name."""
    command = [MUTMUT, "results", "--all", "true"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return dict(line.strip().rsplit(": ", 1) for line in said.splitlines() if ": " in line)


def summary(found: dict[str, str]) -> str:
    """List the mutants that no test noticed, then the share noticed for each module and overall."""
    modules: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    unnoticed = []
    for name, outcome in found.items():
        if outcome in NOTICED or outcome in UNNOTICED:
            modules[name.partition(".x")[0]][outcome in NOTICED] += 1
        if outcome in UNNOTICED:
            unnoticed.append(f"{outcome:<9} {name}")
    rows = [*unnoticed, ""] if unnoticed else []
    rows += [_row(module, counts) for module, counts in sorted(modules.items())]
    return "\n".join([*rows, _row("overall", sum(modules.values(), Counter()))])


def _row(name: str, counts: Counter[bool]) -> str:
    share = counts[True] / counts.total() if counts else 1.0
    return f"{share:7.1%}  {counts[True]:5} of {counts.total():5}  {name}"


def main() -> int:
    """Run the mutants that the arguments name (all by default), and print the summary."""
    if LOG.exists() and LOG.stat().st_mtime < SETTINGS.stat().st_mtime:
        shutil.rmtree(LOG.parent)  # mutmut goes on from what is there, whatever its settings were then
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("wb") as log:
        code = subprocess.run(
            [str(MUTMUT), "run", *sys.argv[1:]], cwd=ROOT, stdout=log, stderr=log, check=False
        ).returncode
    if code:
        sys.stderr.write(f"mutmut failed with exit code {code}; see {LOG}\n")
        return code
    sys.stdout.write(f"{summary(outcomes())}\n\nTo see a change: .venv/bin/mutmut show NAME\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
