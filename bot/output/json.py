"""The report as JSON, from which `fix` and `publish` run the rules again; its fields are in `bot.model.documents`."""

from bot.model.documents import encode_report
from bot.model.report import Report


def render(report: Report, lines_at: str = "") -> str:
    """Render a report as JSON in ASCII."""
    del lines_at
    return encode_report(report).decode()
