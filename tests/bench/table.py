"""Figures as a plain table, aligned; knows nothing of what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value in a unit, and the bound that it must not exceed, if there is one."""

    what: str
    value: float
    unit: str
    bound: float | None = None

    @property
    def row(self) -> tuple[str, ...]:
        """The figure as the cells of a table."""
        if self.bound is None:
            return self.what, f"{self.value:.4g} {self.unit}", "", ""
        verdict = "ok" if self.value <= self.bound else "OVER"
        return self.what, f"{self.value:.4g} {self.unit}", f"{self.bound:g} {self.unit}", verdict


def print_figures(title: str, figures: Sequence[Figure]) -> None:
    """Print figures with their bounds."""
    print_table(title, ("", "figure", "bound", ""), [figure.row for figure in figures])


def print_table(title: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a title and a table; columns that hold numbers stand to the right, words to the left."""
    print(f"\n{title}", flush=True)
    columns = list(zip(headers, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [any(cell[:1].isdigit() for cell in column) for column in columns]
    for line in (headers, *rows):
        cells = (
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        )
        print(f"  {'  '.join(cells)}".rstrip(), flush=True)
