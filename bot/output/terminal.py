"""Printing styled lines, safely: foreign text is never read as markup."""

import sys
from collections.abc import Iterable

from rich import console as rich_console
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
