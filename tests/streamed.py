"""Two articles and their pages, as answers whose bodies httpx has not read yet."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx

from bot.demo.facts import Facts
from bot.demo.page import article_page
from bot.medium.site import MEDIUM

BERT = "https://a.medium.com/papers-explained-02-bert-31e59abc0615"
GPT = "https://a.medium.com/papers-explained-43-gpt-30b6f1e6d226"


def page(url: str, title: str) -> httpx.Response:
    address = MEDIUM.read(url)
    assert address is not None
    assert address.post_id is not None
    facts = Facts(address.post_id, title, "2024-01-01T00:00:00.000Z", url, (("0000", "h3", title),))
    return httpx.Response(200, content=article_page(facts, paragraphs=1))


class Streamed(httpx.AsyncByteStream):
    """A body as the network gives it, which httpx has not read yet."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content
