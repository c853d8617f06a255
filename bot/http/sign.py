"""What a result says about how this client is treated, rather than about the page that was asked for."""

from __future__ import annotations

from enum import Enum

from bot.medium.classify import is_challenge
from bot.model.answers import Answer, Fault, FaultKind

TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530})


class Sign(Enum):
    """How a request was received."""

    SERVED = "an answer, whatever it says"
    LIMITED = "429 Too Many Requests"
    BLOCKED = "a bot challenge or 403"
    RESET = "connection reset"
    FAILED = "the server or the network failed"

    @property
    def refused(self) -> bool:
        """Return True if it was this client that was turned away."""
        return self not in (Sign.SERVED, Sign.FAILED)


def sign_of(result: Answer | Fault) -> Sign:
    """Classify a result. A 403 without explanation may be a bot challenge without its header."""
    if isinstance(result, Fault):
        known = {FaultKind.RESET: Sign.RESET, FaultKind.ENCODING: Sign.SERVED}
        return known.get(result.kind, Sign.FAILED)
    if result.status == 429:
        return Sign.LIMITED
    if result.status == 403 or is_challenge(result):
        return Sign.BLOCKED
    return Sign.FAILED if result.status in TRANSIENT_STATUS else Sign.SERVED
