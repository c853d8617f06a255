"""The output formats by name. A new one is a module with `render(report, lines_at) -> str`, and a line here.

`lines_at` is the web address at which the catalog's lines can be linked to, empty if there is none.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.model.report import Report

Render = Callable[["Report", str], str]
FORMATS = {
    "text": "bot.output.text",
    "json": "bot.output.json",
    "markdown": "bot.output.markdown",
    "github": "bot.output.annotations",
}


def renderer(name: str) -> Render:
    """Return the renderer of a format; only its module is imported."""
    render: Render = import_module(FORMATS[name]).render
    return render
