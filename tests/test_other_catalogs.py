"""Catalogs of other kinds work unchanged: bullets without dates, links in the third column, reference links."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Cli, StandIn

from bot.demo.facts import Facts
from bot.demo.world import World

AWESOME = """\
# Awesome Things [![Badge](https://img.example/b.svg)](https://example.org)

## Contents

- [Things](#things)
- [More](docs/more.md)

## Things

- [First](https://a.medium.com/first-aaaaaaaa0001) - The first thing.
- [Second](https://a.medium.com/second-aaaaaaaa0002?source=rss) - With [details](https://a.medium.com/second-aaaaaaaa0002#0a0a).
  - [Third](https://medium.com/@a/third-aaaaaaaa0003)
- **Fourth**: [article](https://a.medium.com/fourth-aaaaaaaa0004), [code](https://github.example/x)
"""
THIRD = """\
# List

| # | Title | Link | Published |
|--:|:------|------|-----------|
| 1 | First | [read](https://a.medium.com/first-aaaaaaaa0001) | 2020-01-02 |
| 2 | Second | [read](http://a.medium.com/second-aaaaaaaa0002) | 2020-02-03 |

**More**

| Model | Year | Where |
|---|---|---|
| Third | 2019 | <https://a.medium.com/third-aaaaaaaa0003> |
"""
REFERENCES = """\
Read [First][1], [Second] and [the first again][1].

[1]: https://a.medium.com/first-aaaaaaaa0001 "One"
[second]: <http://a.medium.com/second-aaaaaaaa0002>
"""


def world() -> World:
    names = {"first": 1, "second": 2, "third": 3, "fourth": 4}
    facts = [
        Facts(
            f"aaaaaaaa000{number}",
            f"My Series: {name.title()}",
            "2021-01-01T00:00:00.000Z",
            f"https://a.medium.com/{name}-aaaaaaaa000{number}",
            (("0000", "h3", name.title()), ("0a0a", "h3", "Details")),
        )
        for name, number in names.items()
    ]
    return World({each.post_id: each for each in facts}, paragraphs=1)


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        (AWESOME, AWESOME.replace("?source=rss", "").replace("medium.com/@a/third", "a.medium.com/third")),
        (THIRD, THIRD.replace("http://", "https://")),
        (REFERENCES, REFERENCES.replace("http://", "https://")),
    ],
)
def test_only_what_is_wrong_is_found_and_fixed(
    cli: Cli, stand_in: StandIn, tmp_path: Path, text: str, fixed: str
) -> None:
    path = tmp_path / "README.md"
    path.write_text(text, "utf-8")
    remap = stand_in(world())
    settings = tmp_path / "bot.toml"
    settings.write_text('series-prefix = "My Series:"\n')
    common = ["check-links", path, "--config", settings, "--rate", "0", "--remap", remap, "--ignore", "record-missing"]
    done = cli(*common, "--fix")
    assert path.read_text("utf-8") == fixed
    assert done.code == 0, done.out
    assert done.out.endswith("No findings.\n")
    assert cli(*common).code == 0
