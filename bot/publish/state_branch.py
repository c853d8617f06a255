"""The branch that keeps the history between runs: it shares no commits with others, and is never force-pushed."""

from __future__ import annotations

from collections.abc import Callable

from bot.errors import ForgeError
from bot.publish.forge import Forge, blob_id

BRANCH, FILE = "bot-state", "state.json"
_TRIES = 4


def keep_state(forge: Forge, mine: bytes, join: Callable[[bytes], bytes], message: str) -> bool:
    """Commit a state to its branch; return True if anything was written.

    A concurrent run may have written since this state was read, so the two are joined, and the branch moves only
    from what was read (compare and swap).
    """
    for _ in range(_TRIES):
        tip = forge.tip(BRANCH)
        there = forge.files(tip.tree).get(FILE) if tip is not None else None
        new = mine if there is None or there.sha == blob_id(mine) else join(forge.content(there.sha))
        if there is not None and there.sha == blob_id(new):
            return False
        commit = forge.make_commit(tip, {FILE: new}, {}, message)
        try:
            forge.point(BRANCH, commit.sha, new=tip is None, force=False)
        except ForgeError as error:
            if error.status not in (409, 422):
                raise
        else:
            return True
    raise ForgeError(f"the branch {BRANCH} keeps moving; the history of this run was not saved")
