"""`bot init`: sets up the nightly run out of what the repository tells, and overwrites nothing."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from conftest import Cli
from support import ROOT

from bot.config import read_settings

USES = f"someone/bot@{'1' * 40}"
LINKS = "".join(
    f"- [{at}](https://ann.medium.com/story-{at}-{at:012x})\n" for at in range(0xA00000000000, 0xA00000000009)
)
WORKFLOW = Path(".github/workflows/bot-nightly.yml")


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "-q")
    git(tmp_path, "remote", "add", "origin", "git@github.com:ann/reading.git")
    (tmp_path / "README.md").write_text("# Nothing on Medium\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "list.md").write_text(f"# List\n\n{LINKS}")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "x")
    return tmp_path


def test_it_finds_out_the_catalog_the_author_and_the_contact(cli: Cli, repository: Path) -> None:
    done = cli("init", "--uses", USES)
    assert (done.code, done.err) == (0, "")
    settings = read_settings(repository / "bot.toml")
    assert settings.catalog == "docs/list.md"
    assert settings.feeds == ("@ann",)
    assert settings.contact == "https://github.com/ann/reading"
    assert "Allow GitHub Actions to create and approve pull requests" in done.out


def test_the_workflow_is_the_bots_own_but_for_time_and_origin(cli: Cli, repository: Path) -> None:
    cli("init", "--uses", USES)
    text = (repository / WORKFLOW).read_text()
    own = (ROOT / ".github" / "workflows" / "nightly.yml").read_text()
    changed = [(old, new) for old, new in zip(own.splitlines(), text.splitlines(), strict=True) if old != new]
    assert [new.strip() for _, new in changed if "uses:" in new] == [
        f"uses: someone/bot/.github/actions/check-links@{'1' * 40}",
        f"- uses: someone/bot/.github/actions/publish@{'1' * 40}",
    ]
    assert len(changed) <= 3
    minute, hour = map(int, re.findall(r'cron: "(\d+) (\d+) \* \* \*"', text)[0])
    assert minute % 2 == 1
    assert hour in range(24)


def test_the_time_is_the_repositorys_own_and_stays(cli: Cli, repository: Path) -> None:
    times = set()
    for name in ("ann/reading", "ann/reading", "bob/list", "cy/papers", "di/x"):
        git(repository, "remote", "set-url", "origin", f"https://github.com/{name}.git")
        cli("init", "--uses", USES, "--force")
        times.add((name, *re.findall(r'cron: "(.*?)"', (repository / WORKFLOW).read_text())))
    assert len(times) == 4  # the same name twice gives the same time
    assert len({time for _, time in times}) > 1


def test_what_it_writes_passes_the_linters(cli: Cli, repository: Path) -> None:
    cli("init", "--uses", USES)
    binaries = ROOT / ".venv" / "bin"
    for command in (["actionlint"], ["zizmor", "--offline", "--quiet", ".github"]):
        if not (binaries / command[0]).exists():
            pytest.skip("the linters are not installed beside this interpreter")
        done = subprocess.run(
            [str(binaries / command[0]), *command[1:]], cwd=repository, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout.decode()
    tomllib.loads((repository / "bot.toml").read_text())


def test_nothing_is_overwritten_without_force(cli: Cli, repository: Path) -> None:
    (repository / WORKFLOW).parent.mkdir(parents=True)
    (repository / WORKFLOW).write_text("mine\n")
    (repository / "bot.toml").write_text('catalog = "docs/list.md"\n')
    done = cli("init", "--uses", USES)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "--force" in done.err
    assert (repository / WORKFLOW).read_text() == "mine\n"
    assert cli("init", "--uses", USES, "--force").code == 0
    assert (repository / WORKFLOW).read_text() != "mine\n"
    assert (repository / "bot.toml").read_text() == 'catalog = "docs/list.md"\n'


def test_a_second_run_changes_nothing(cli: Cli, repository: Path) -> None:
    cli("init", "--uses", USES)
    before = {path: path.read_bytes() for path in (repository / WORKFLOW, repository / "bot.toml")}
    assert cli("init", "--uses", USES).code == 0
    assert before == {path: path.read_bytes() for path in before}


def test_a_catalog_can_be_named(cli: Cli, repository: Path) -> None:
    (repository / "other.md").write_text(LINKS[: len(LINKS) // 2])
    assert cli("init", "other.md", "--uses", USES).code == 0
    assert read_settings(repository / "bot.toml").catalog == "other.md"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [("no repository", "git"), ("no links", "Medium"), ("no such file", "none.md"), ("bad uses", "--uses")],
)
def test_what_cannot_be_set_up_is_one_clear_line(cli: Cli, repository: Path, wrong: str, words: str) -> None:
    arguments = ["--uses", USES]
    match wrong:
        case "no repository":
            (repository / ".git").rename(repository / "not-git")
        case "no links":
            (repository / "docs" / "list.md").write_text("# nothing\n")
        case "no such file":
            arguments.insert(0, "none.md")
        case _:
            arguments = ["--uses", "someone/bot@main"]
    done = cli("init", *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert words in done.err
    assert not (repository / WORKFLOW).exists()
