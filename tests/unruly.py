"""A world in which many articles misbehave, for tests and benchmarks."""

from __future__ import annotations

import random
from collections.abc import Mapping

from bot.demo.facts import fitting
from bot.demo.world import Fault, World
from bot.markdown.catalog import Catalog


def unruly_world(catalog: Catalog, shares: Mapping[Fault, float], seed: int = 0) -> World:
    """Return a world in which the given shares of the articles misbehave, at least one article for each."""
    facts, others = fitting(catalog)
    ids = sorted(facts)
    random.Random(seed).shuffle(ids)  # the same world every time
    world = World(facts, others)
    for fault, share in shares.items():
        for _ in range(max(1, round(share * len(facts)))):
            if ids:
                world.faults[ids.pop()] = fault
    return world
