"""What may be asked of one place, when, and when no more: a pace and a circuit that learn from every answer.

A place is all of Medium's hosts together, or another host. Knows nothing of pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.http import retry
from bot.http.circuit import LONGEST_SILENCE, Circuit, Refusal
from bot.http.pace import Pace, Turn
from bot.http.retry import Sign
from bot.medium.classify import judge, judge_fault
from bot.medium.site import MEDIUM
from bot.model.answers import Answer, Fault, NotAsked
from bot.model.pages import Alive, Moved

# How long an open circuit waits at first: a minute, or in seconds a second where the pace is a simulation's.
_WAIT, _BEATS, _NO_WAIT = 60.0, 300, 1.0
_WELL = 2  # answers between two refusals of a page, after which the second is no sign of haste


@dataclass(slots=True)
class Budget:
    """The budget of `name`. `left` tells the seconds that are left of the run, None without limit."""

    name: str
    pace: Pace
    left: Callable[[], float | None]
    now: Callable[[], datetime]
    circuit: Circuit = field(init=False)
    _known: set[str] = field(default_factory=set, init=False)
    _well: int = field(default=0, init=False)
    _on_their_way: int = field(default=0, init=False)
    _landed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def __post_init__(self) -> None:
        wait = min(_WAIT, max(_BEATS / self.pace.rate, _NO_WAIT)) if self.paced else _NO_WAIT
        # Who sets no pace brings limits and resets upon itself: those are no sign that nobody is let in.
        self.circuit = Circuit(self.name, wait, walls_only=not self.paced)

    @property
    def paced(self) -> bool:
        """Tell whether there is a pace, which then sees to it that a refused request waits."""
        return self.pace.rate > 0

    async def ask(
        self, url: str, send: Callable[[], Awaitable[Answer | Fault]], *, again: bool = False, telling: bool = True
    ) -> Answer | Fault | NotAsked:
        """Send a request when it is its turn, and learn from what comes.

        `again`: its page was refused before, so that another refusal says more of the page than of the place.
        `telling`: an answer shows that pages are served; a robots.txt file is for everybody.
        """
        turn = await self._turn()
        if turn is None:
            return NotAsked(self.circuit.over or "")
        self._on_their_way += 1
        try:
            result = await send()
        finally:
            self._on_their_way -= 1
            self._landed.set()
        self._learn(turn, url, result, again=again, telling=telling)
        return result

    async def _turn(self) -> Turn | None:
        while self.circuit.over is None:
            turn = await self.pace.turn()
            if self._on_their_way < self.circuit.at_once and self.circuit.over is None:
                self.circuit.asking(turn)
                return turn
            while self._on_their_way >= self.circuit.at_once:
                self._landed.clear()
                await self._landed.wait()
        return None

    def _learn(self, turn: Turn, url: str, result: Answer | Fault, *, again: bool, telling: bool) -> None:
        sign = retry.sign_of(result)
        if sign is Sign.SERVED:
            self._well += 1
            self.pace.answered(turn)
            if telling and self.circuit.answered():
                self.pace.resume()
            return
        walled = sign is Sign.REFUSED and isinstance(result, Answer)
        # A page that is refused again where others were not is at fault itself.
        own = sign is Sign.REFUSED and self._well >= _WELL and (again or url in self._known)
        counts = not own and not again
        if sign is not Sign.FAILED and not own:
            first = self.pace.refused(turn, limited=sign is Sign.LIMITED, walled=walled)
            counts = counts and (first or walled)
        self._well = 0
        self._known.add(url)
        if sign is Sign.LIMITED and isinstance(result, Answer):
            self._be_silent(result)
        passing = not walled and sign is not Sign.FAILED
        refusal = Refusal(url, _words(url, result), walled, passing, counts)
        self.pace.hold(self.circuit.refused(turn, refusal, self.left()) or 0.0)

    def _be_silent(self, answer: Answer) -> None:
        """Wait as long as a server asks, or end where it asks for more than there is."""
        seconds = retry.retry_after(answer, self.now())
        if not seconds or not self.paced:
            return
        left = self.left()
        if seconds < (LONGEST_SILENCE if left is None else left):
            self.pace.hold(seconds)
            return
        rest = "" if left is None else f", and {left:.0f} s of the run were left"
        self.circuit.end(f"not asked, since {self.name} asks for {seconds:.0f} s of silence (Retry-After){rest}")


def _words(url: str, result: Answer | Fault) -> str:
    outcome = judge_fault(result) if isinstance(result, Fault) else judge(None, url, result, MEDIUM)
    return "" if isinstance(outcome, Alive | Moved) else outcome.reason
