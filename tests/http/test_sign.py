"""What a result says about how this client is treated."""

from __future__ import annotations

import pytest

from bot.demo import page as stand_in
from bot.medium.classify import Sign, sign_of
from bot.model.answers import Answer, Fault, FaultKind

HEADER = {"cf-mitigated": "challenge"}


@pytest.mark.parametrize(
    ("answer", "sign"),
    [
        (Answer(429), Sign.LIMITED),
        (Answer(429, HEADER, stand_in.CHALLENGE), Sign.LIMITED),
        (Answer(403), Sign.BLOCKED),
        (Answer(403, body=b"<title>Forbidden</title>"), Sign.BLOCKED),
        (Answer(503, HEADER), Sign.BLOCKED),
        (Answer(503, body=stand_in.CHALLENGE), Sign.BLOCKED),
        (Answer(200, body=stand_in.CHALLENGE), Sign.BLOCKED),
        (Answer(503), Sign.FAILED),
        (Answer(503, body=b"<title>Just a moment, we are busy</title>"), Sign.FAILED),
        (Answer(530), Sign.FAILED),
        (Answer(200), Sign.SERVED),
        (Answer(200, body=b"<title>A story</title><p>Just a moment..."), Sign.SERVED),
        (Answer(302, {"location": "/"}), Sign.SERVED),
        (Answer(401), Sign.SERVED),
        (Answer(404), Sign.SERVED),
        (Answer(451), Sign.SERVED),
        (Answer(501), Sign.SERVED),
    ],
)
def test_an_answer_is_a_refusal_only_if_it_turns_this_client_away(answer: Answer, sign: Sign) -> None:
    assert sign_of(answer) is sign


@pytest.mark.parametrize("kind", FaultKind)
def test_only_a_reset_is_a_refusal_and_an_unknown_encoding_is_an_answer(kind: FaultKind) -> None:
    expected = {FaultKind.RESET: Sign.RESET, FaultKind.ENCODING: Sign.SERVED}
    assert sign_of(Fault(kind)) is expected.get(kind, Sign.FAILED)


def test_429_challenges_and_resets_are_refusals() -> None:
    assert [sign for sign in Sign if sign.refused] == [Sign.LIMITED, Sign.BLOCKED, Sign.RESET]
