"""GitHub's workflow expressions, as far as our workflows use them; anything else is an error, never a guess."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Value = str | bool | None
Context = Mapping[str, "Value | Context"]
STATUS = ("always", "cancelled", "failure", "success")
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)|(?P<sign>&&|\|\||==|!=|!|\(|\)|,))"
)
_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


class UnknownError(Exception):
    """An expression holds what this evaluator, or the job, does not know."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression can name. `status` are the functions that tell how the job goes."""

    contexts: Context
    status: Mapping[str, bool]

    def filled(self, text: str) -> str:
        """Return a text with every `${{ … }}` replaced."""
        return _HOLE.sub(lambda match: shown(self.value(match[1])), text)

    def holds(self, condition: Value) -> bool:
        """Tell whether a step or job with this `if:` runs; without a status function that asks for success."""
        source = shown(condition)
        whole = _HOLE.fullmatch(source.strip())
        source = whole[1] if whole else source
        if not any(re.search(rf"\b{name}\s*\(", source) for name in STATUS):
            source = f"success() && ({source})" if source.strip() else "success()"
        return bool(self.value(source))

    def value(self, source: str) -> Value:
        """Return an expression's value."""
        tokens = _tokens(source)
        value = _Reader(self, tokens).either()
        if tokens:
            raise UnknownError(f"{source!r}: what follows {tokens[0]!r} is not understood")
        return value


def shown(value: Value | int) -> str:
    """Return a value as GitHub writes it into a text."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _tokens(source: str) -> list[str]:
    tokens: list[str] = []
    place = 0
    source = source.rstrip()
    while place < len(source):
        match = _TOKEN.match(source, place)
        if match is None:
            raise UnknownError(f"{source!r}: {source[place:]!r} is not understood")
        tokens.append(match[0].strip())
        place = match.end()
    return tokens


@dataclass(slots=True)
class _Reader:
    """Reads tokens from the left, loosest operator first. As on GitHub, `&&` and `||` give one of their sides."""

    scope: Scope
    tokens: list[str]

    def either(self) -> Value:
        value = self.both()
        while self._took("||"):
            other = self.both()
            value = value or other
        return value

    def both(self) -> Value:
        value = self.compared()
        while self._took("&&"):
            other = self.compared()
            value = other if value else value
        return value

    def compared(self) -> Value:
        value = self.single()
        for sign in ("==", "!="):
            if self._took(sign):
                return _same(value, self.single()) == (sign == "==")
        return value

    def single(self) -> Value:
        if self._took("!"):
            return not self.single()
        if self._took("("):
            value = self.either()
            self._expect(")")
            return value
        token = self.tokens.pop(0) if self.tokens else ""
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[token]
        if self._took("("):
            return self._called(token)
        return _found(token, self.scope.contexts)

    def _called(self, name: str) -> Value:
        arguments: list[Value] = []
        while not self._took(")"):
            arguments.append(self.either())
            if not self._took(","):
                self._expect(")")
                break
        if name in self.scope.status and not arguments:
            return self.scope.status[name]
        if name == "format" and arguments:
            return _format(shown(arguments[0]), [shown(each) for each in arguments[1:]])
        raise UnknownError(f"the function {name} with {len(arguments)} arguments")

    def _took(self, token: str) -> bool:
        if self.tokens[:1] != [token]:
            return False
        del self.tokens[0]
        return True

    def _expect(self, token: str) -> None:
        if not self._took(token):
            raise UnknownError(f"{token!r} is missing before {self.tokens[:1]}")


def _format(pattern: str, values: Sequence[str]) -> str:
    if re.search(r"\{(?!\d+\})|\{\{|\}\}", pattern):
        raise UnknownError(f"format({pattern!r})")
    return re.sub(r"\{(\d+)\}", lambda match: values[int(match[1])], pattern)


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    if type(left) is not type(right):
        raise UnknownError(f"{left!r} compared with {right!r}: GitHub would make numbers of them")
    return left == right


def _found(name: str, contexts: Context) -> Value:
    found: Value | Context = contexts
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise UnknownError(f"{name}: there is no {part!r}")
        found = found[part]
    if isinstance(found, Mapping):
        raise UnknownError(f"{name}: is no value")
    return found
