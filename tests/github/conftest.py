"""Fixtures: the stand-in for GitHub, held to GitHub's own description of its API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from contract import held_to_contract
from hosted import FILES, NAME, Hosted

from bot.demo.hub.state import Hub


@pytest.fixture
def github() -> Iterator[Hosted]:
    """Serve a hub with a small catalog; at the end no request may have broken GitHub's contract."""
    with held_to_contract(Hub(NAME, FILES)) as hosted:
        yield hosted
