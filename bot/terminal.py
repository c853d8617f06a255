"""Printing styled lines, safely: foreign text is never read as markup."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from bot.report.as_text import Line


def print_lines(lines: Iterable[Line], *, error: bool = False) -> None:
    """Print styled lines; without a terminal they are plain text."""
    stream = sys.stderr if error else sys.stdout
    console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in lines:
        console.print(Text.assemble(*line), soft_wrap=True)
