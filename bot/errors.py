"""Every way in which the bot itself can fail; what the web does is a value, never an exception.

    BotError               exit 3   the bot failed
      ForgeError           exit 3   GitHub refused, or did not answer
      UsageError           exit 2   an option, a setting or a file cannot be used
        EditError          exit 2   an edit does not fit the bytes it names

Only `bot.cli` catches them. A message is one line: what is wrong, where, and the remedy.
"""


class BotError(Exception):
    """The bot failed; the message says at what."""

    exit_code = 3


class ForgeError(BotError):
    """GitHub refused, or did not answer; `status` is its answer's code, 0 without one, `said` its words."""

    def __init__(self, message: str, status: int = 0, said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said


class UsageError(BotError):
    """What was asked for cannot be done as asked."""

    exit_code = 2


class EditError(UsageError):
    """An edit is stale or overlaps another one."""
