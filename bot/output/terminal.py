"""Printing styled lines, safely: foreign text is never read as markup."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from rich import console as rich_console
from rich.markdown import Markdown
from rich.text import Text

from bot.files import abandon
from bot.output.text import Line


class Console(rich_console.Console):
    """A console whose reader may go away without stopping the bot."""

    def on_broken_pipe(self) -> None:
        """Discard further output."""
        self.quiet = True
        abandon(self.file)


def print_text(text: str, *, error: bool = False) -> None:
    """Print text as it is."""
    stream = sys.stderr if error else sys.stdout
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        abandon(stream)


def print_lines(lines: Iterable[Line], *, error: bool = False) -> None:
    """Print styled lines; without a terminal they are plain text."""
    stream = sys.stderr if error else sys.stdout
    console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in lines:
        console.print(Text.assemble(*line), soft_wrap=True)


def print_markdown(body: str, most: int) -> int:
    """Print the first lines of Markdown as a reader would see it; return how many more there are."""
    shown = re.sub(r"<!--.*?-->|\u200d", "", body, flags=re.DOTALL)  # what GitHub hides
    shown = re.sub(r"^- \[x\]", "- ☑", shown, flags=re.MULTILINE)
    shown = re.sub(r"^- \[ \]", "- ☐", shown, flags=re.MULTILINE)
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        console.print(Markdown(shown.strip()))
    lines = capture.get().splitlines()
    print_text("".join(f"{line.rstrip()}\n" for line in lines[:most]))
    return max(0, len(lines) - most)
