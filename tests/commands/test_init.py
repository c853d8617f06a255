"""`bot init` asks nothing, overwrites nothing, and what it writes runs: linters, settings and the runner agree."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from conftest import Cli, StandIn
from contract import held_to_contract
from github_stand_in.state import Hub
from played import committed, copied
from runner import Runner
from support import ROOT

from bot import files
from bot.commands import init
from bot.commands.init import Origin, read_origin
from bot.config import read_settings
from bot.demo.facts import fitting
from bot.demo.world import World
from bot.errors import UsageError
from bot.git import Remote, read_remote
from bot.markdown.parse import parse

COMMIT = "0123456789abcdef0123456789abcdef01234567"
USES = f"some/bot@{COMMIT}"
REMOTE = "https://github.com/anna/papers.git"
WORKFLOW = ".github/workflows/bot-nightly.yml"
NO_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
Home = Callable[..., Path]


def links(count: int, host: str = "https://anna.medium.com") -> str:
    return "# Papers\n\n" + "".join(f"- [Paper {n}]({host}/paper-{n:012x})\n" for n in range(1, count + 1))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Make a repository of files, and change into it."""

    def make(contents: dict[str, str] | None = None, remote: str | None = REMOTE) -> Path:
        folder = tmp_path / "papers"
        for name, text in (contents or {"README.md": links(6)}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
        committed(folder, remote)
        monkeypatch.chdir(folder)
        return folder

    return make


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def written(folder: Path) -> list[str]:
    """What is there and not committed."""
    done = subprocess.run(
        ["git", "status", "--porcelain", "-uall"], cwd=folder, check=True, capture_output=True, text=True
    )
    return [line[3:] for line in done.stdout.splitlines()]


def settings_of(folder: Path) -> dict[str, object]:
    return tomllib.loads((folder / "bot.toml").read_text("utf-8"))


# -- what is written --------------------------------------------------------------------------------


def test_a_workflow_and_settings_are_written_and_the_remaining_steps_are_listed(cli: Cli, home: Home) -> None:
    folder = home()
    done = cli("init", "--uses", USES)
    assert (done.code, done.err) == (0, "")
    assert written(folder) == [WORKFLOW, "bot.toml"]
    assert settings_of(folder) == {
        "catalog": "README.md",
        "feeds": ["@anna"],
        "contact": "https://github.com/anna/papers",
    }
    assert read_settings(folder / "bot.toml").feeds == ("@anna",)
    lines = done.out.splitlines()
    assert re.fullmatch(rf"{WORKFLOW}: written; it runs every night at 0\d:\d\d UTC\.", lines[0])
    assert lines[1] == "bot.toml: written; the catalog is README.md (6 links to articles on Medium)."
    assert "“Allow GitHub Actions to create and approve pull requests”" in lines[3]
    assert lines[3].endswith("https://github.com/anna/papers/settings/actions")


def test_what_is_written_passes_the_linters(cli: Cli, home: Home) -> None:
    folder = home()
    cli("init", "--uses", USES)
    for command in (["actionlint"], ["zizmor", "--offline", "--quiet", "--no-progress", ".github"]):
        program = Path(sys.executable).parent / command[0]
        done = subprocess.run([program, *command[1:]], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_bot_is_pinned_to_a_full_commit_and_everything_else_is_its_own_workflow(cli: Cli, home: Home) -> None:
    folder = home()
    cli("init", "--uses", USES)
    text = (folder / WORKFLOW).read_text("utf-8")
    assert re.findall(r"uses: (some\S+)", text) == [
        f"some/bot/.github/actions/{action}@{COMMIT}" for action in ("check-links", "publish")
    ]
    own = (ROOT / ".github/workflows/nightly.yml").read_text("utf-8")
    back = re.sub(r"some/bot(/\S+)@[0-9a-f]{40}", r"$\1", text)
    cron = re.compile(r"cron: .*")
    assert cron.sub("", back) == cron.sub("", own)


def test_our_own_workflow_is_what_init_writes_here(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "own"
    copied(ROOT, folder, ".github", "pyproject.toml", "catalog")
    committed(folder, "git@github.com:dair-ai/ML-Papers-Explained.git")
    monkeypatch.chdir(folder)
    done = cli("init")
    assert done.code == 0, done.err
    assert written(folder) == []
    assert ".github/workflows/nightly.yml: is up to date" in done.out
    assert re.search(r"^Settings: kept; the catalog is catalog/README\.md \(\d{3} links", done.out, re.MULTILINE)
    template = ROOT / "bot" / "templates" / "nightly.yml"
    assert template.read_bytes() == (ROOT / ".github" / "workflows" / "nightly.yml").read_bytes()


def test_a_workflow_that_it_wrote_runs_in_the_repository_that_it_was_written_for(
    cli: Cli, home: Home, tmp_path: Path, stand_in: StandIn
) -> None:
    text = links(3)
    folder = home({"docs/list.md": text})
    assert cli("init", "--uses", USES).code == 0
    world = World(fitting(parse(text.encode(), "c.md"))[0], paragraphs=1)
    with (folder / "bot.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'ignore = ["record-missing"]\nrate = 0\npause = 0\nremap = [{json.dumps(stand_in(world))}]\n')
    committed(folder)
    bot = tmp_path / "bot"
    copied(ROOT, bot, "bot", ".github", "pyproject.toml", "requirements", "README.md")
    hub = Hub("anna/papers", {"docs/list.md": text.encode()})
    with held_to_contract(hub) as github:
        place = tmp_path / "runner"
        runner = Runner(folder, place, github.url, hub.name, lambda _: hub.token, {USES: bot})
        jobs = runner.run(WORKFLOW)
    assert {name: job.result for name, job in jobs.items()} == {"check": "success", "publish": "success"}
    assert jobs["check"].step("Check the links").outputs["coverage"] == "1.000"
    assert set(hub.refs) == {"main", "bot-state"}


# -- what it finds out --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contents", "catalog"),
    [
        ({"README.md": links(2), "docs/list.md": links(3)}, "docs/list.md"),
        ({"README.md": links(3), "docs/list.md": links(3)}, "README.md"),
        ({"a/deep/one.md": links(3), "z.MD": links(3)}, "z.MD"),
        ({"README.md": "See https://example.org/medium.com\n", "list.markdown": links(1)}, "list.markdown"),
        ({"README.md": links(1), "notes.txt": links(9), ".gitignore": "out/\n", "out/all.md": links(9)}, "README.md"),
        ({"README.md": links(1), "authors.md": "[A](https://medium.com/@a) [B](https://medium.com/@b)"}, "README.md"),
        ({"README.md": links(1), 'with "quote".md': links(2)}, 'with "quote".md'),
        ({"own.md": "[One](https://towardsdatascience.com/one-aaaaaaaa0001)\n"}, "own.md"),
    ],
)
def test_the_catalog_is_the_file_with_the_most_articles(
    cli: Cli, home: Home, contents: dict[str, str], catalog: str
) -> None:
    folder = home(contents)
    assert cli("init", "--uses", USES).code == 0
    assert settings_of(folder)["catalog"] == catalog
    assert read_settings(folder / "bot.toml").catalog == catalog


def test_a_file_that_is_not_committed_yet_counts_and_one_that_is_deleted_does_not(cli: Cli, home: Home) -> None:
    folder = home({"README.md": links(1), "gone.md": links(9)})
    (folder / "gone.md").unlink()
    (folder / "new.md").write_text(links(2))
    assert cli("init", "--uses", USES).code == 0
    assert settings_of(folder)["catalog"] == "new.md"


def test_a_named_catalog_is_found_from_any_folder(cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home({"README.md": links(9), "docs/list.md": links(1)})
    monkeypatch.chdir(folder / "docs")
    assert cli("init", "list.md", "--uses", USES).code == 0
    assert settings_of(folder)["catalog"] == "docs/list.md"
    assert (folder / WORKFLOW).exists()


@pytest.mark.parametrize(
    ("text", "feeds"),
    [
        (links(5), ["@anna"]),
        (links(5, "https://medium.com/@anna"), ["@anna"]),
        (links(4), None),  # too few
        (links(6) + links(6, "https://bert.medium.com"), None),  # neither has more than half
        (links(6, "https://towardsdatascience.com"), None),  # a publication has many authors
    ],
)
def test_an_author_of_more_than_half_of_the_articles_is_followed(
    cli: Cli, home: Home, text: str, feeds: list[str] | None
) -> None:
    folder = home({"README.md": text})
    assert cli("init", "--uses", USES).code == 0
    assert settings_of(folder).get("feeds") == feeds


@pytest.mark.parametrize(
    ("url", "remote"),
    [
        ("https://github.com/anna/papers.git", ("github.com", "anna/papers")),
        ("https://github.com/anna/papers/", ("github.com", "anna/papers")),
        ("https://x-access-token:ghp_secret@github.com/anna/papers", ("github.com", "anna/papers")),
        ("git@github.com:anna/my.papers.git", ("github.com", "anna/my.papers")),
        ("ssh://git@ssh.github.com:443/anna/papers.git", ("github.com", "anna/papers")),
        ("git@work:anna/papers.git", ("work", "anna/papers")),
        ("https://git.example.org:8443/anna/papers", ("git.example.org", "anna/papers")),
        ("https://gitlab.example.org/group/sub/papers.git", None),
        ("/srv/git/papers.git", None),
        ("../papers", None),
        ("https://github.com/../papers", None),
        ("https://github.com/anna/..", None),
        ("https://github.com/anna/.github", ("github.com", "anna/.github")),
        ("file:///srv/git/papers.git", None),
        ("C:/papers/list", None),
        ("https://github.com/anna/pa pers", None),
        ('https://github.com/anna/papers"\n', None),
    ],
)
def test_a_remote_is_read_without_the_secrets_that_it_may_hold(url: str, remote: tuple[str, str] | None) -> None:
    found = read_remote(url)
    assert (found and (found.host, found.full_name)) == remote
    assert "secret" not in repr(found)


def test_a_host_of_this_machine_s_own_is_not_a_contact() -> None:
    assert Remote("work", "anna/papers").url is None


def test_without_a_remote_the_contact_is_left_to_people(cli: Cli, home: Home) -> None:
    folder = home(remote=None)
    done = cli("init", "--uses", USES)
    assert done.code == 0
    assert "contact" not in settings_of(folder)
    assert "set `contact` in bot.toml" in done.out
    assert "pull requests”.\n" in done.out


def test_the_default_branch_is_named_where_it_is_known(cli: Cli, home: Home) -> None:
    folder = home()
    git(folder, "update-ref", "refs/remotes/origin/trunk", "HEAD")
    git(folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert "Commit and push to trunk:" in cli("init", "--uses", USES).out


def test_each_repository_has_its_own_fixed_odd_minute() -> None:
    times = {f"owner-{n}/name": init._time(f"owner-{n}/name") for n in range(400)}
    assert all(minute % 2 == 1 and minute % 5 and 1 <= hour <= 6 for hour, minute in times.values())
    assert len(set(times.values())) > 100
    assert init._time("Owner-1/Name") == times["owner-1/name"]
    assert init._time("dair-ai/ML-Papers-Explained") == (4, 21)


# -- where the bot comes from -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["some/bot@main", "some/bot@v1.0", f"some/bot@{COMMIT[:39]}", "some/bot", f"bot@{COMMIT}", f"a/b/c@{COMMIT}"],
)
def test_only_a_full_commit_of_a_repository_is_taken(cli: Cli, home: Home, text: str) -> None:
    folder = home()
    done = cli("init", "--uses", text)
    assert done.code == 2
    assert done.err.startswith(f"bot: --uses {text}: write OWNER/REPO@COMMIT")
    assert written(folder) == []


def test_a_commit_alone_is_one_of_the_bots_own_repository() -> None:
    assert read_origin(COMMIT.upper()) == Origin("dair-ai/ML-Papers-Explained", COMMIT)


def test_an_installation_from_git_knows_where_it_comes_from(
    cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = {"url": "https://github.com/some/bot", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}
    monkeypatch.setattr(init, "_direct_url", lambda: json.dumps(noted))
    folder = home()
    assert cli("init").code == 0
    assert f"uses: some/bot/.github/actions/publish@{COMMIT}" in (folder / WORKFLOW).read_text()


def test_an_installation_from_a_clone_knows_its_commit_if_others_can_find_it(tmp_path: Path) -> None:
    clone = tmp_path / "a clone"
    clone.mkdir()
    commit = committed(clone, "git@github.com:some/bot.git")
    noted = json.dumps({"url": clone.as_uri(), "dir_info": {"editable": True}})
    assert init._installed_from(noted) is None  # not pushed yet
    git(clone, "update-ref", "refs/remotes/origin/main", commit)
    assert init._installed_from(noted) == Origin("some/bot", commit)


@pytest.mark.parametrize(
    "noted",
    [
        {},
        {"url": "https://example.org/bot.whl", "archive_info": {}},
        {"url": "https://git.example.org/some/bot", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
        {"url": "https://github.com/some/bot", "vcs_info": {"vcs": "git", "commit_id": "main"}},
        {"url": "file:///nowhere", "dir_info": {}},
    ],
)
def test_an_installation_that_others_cannot_find_asks_for_a_commit(
    cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch, noted: dict[str, object]
) -> None:
    monkeypatch.setattr(init, "_direct_url", lambda: json.dumps(noted))
    folder = home()
    done = cli("init")
    assert done.code == 2
    assert "bot init --uses dair-ai/ML-Papers-Explained@COMMIT" in done.err
    assert written(folder) == []


# -- what is there already ----------------------------------------------------------------------------------


def test_a_second_run_writes_nothing(cli: Cli, home: Home) -> None:
    folder = home()
    cli("init", "--uses", USES)
    before = {path: path.stat().st_mtime_ns for path in (folder / WORKFLOW, folder / "bot.toml")}
    done = cli("init", "--uses", USES)
    assert done.code == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert done.out.startswith(f"{WORKFLOW}: is up to date;")
    assert "Settings: kept; the catalog is README.md" in done.out


def test_a_workflow_that_people_changed_is_replaced_by_force_alone(cli: Cli, home: Home) -> None:
    folder = home()
    cli("init", "--uses", USES)
    ours = (folder / WORKFLOW).read_text()
    (folder / WORKFLOW).write_text(ours + "# mine\n")
    (folder / "bot.toml").unlink()
    done = cli("init", "--uses", USES)
    assert (done.code, done.err) == (2, f"bot: {WORKFLOW}: exists already, and differs; --force replaces it\n")
    assert (folder / WORKFLOW).read_text().endswith("# mine\n")
    assert not (folder / "bot.toml").exists()
    assert cli("init", "--uses", USES, "--force").code == 0
    assert (folder / WORKFLOW).read_text() == ours


def test_settings_are_never_replaced_not_even_by_force(cli: Cli, home: Home) -> None:
    theirs = 'catalog = "list.md"\nrate = 0.5\n'
    folder = home({"README.md": links(9), "list.md": links(1), "bot.toml": theirs})
    done = cli("init", "--uses", USES, "--force")
    assert done.code == 0
    assert (folder / "bot.toml").read_text() == theirs
    assert "the catalog is list.md (1 link to articles on Medium)" in done.out
    assert 'Set contact = "https://github.com/anna/papers" in bot.toml' in done.out


def test_settings_in_pyproject_are_enough(cli: Cli, home: Home) -> None:
    folder = home(
        {"list.md": links(1), "pyproject.toml": '[tool.bot]\ncatalog = "list.md"\ncontact = "https://a.example"\n'}
    )
    done = cli("init", "--uses", USES)
    assert done.code == 0
    assert written(folder) == [WORKFLOW]
    assert "Set contact" not in done.out


def test_a_nightly_workflow_under_another_name_is_found_and_one_that_only_checks_is_left_alone(
    cli: Cli, home: Home
) -> None:
    folder = home()
    cli("init", "--uses", USES)
    renamed = folder / ".github/workflows/links.yaml"
    (folder / WORKFLOW).rename(renamed)
    check = folder / ".github/workflows/check.yml"
    check.write_text("uses: some/bot/.github/actions/check-links@main\n")
    newer = USES.replace("0123", "9999", 1)
    assert cli("init", "--uses", newer).code == 2
    assert cli("init", "--uses", newer, "--force").code == 0
    assert "@9999" in renamed.read_text()
    assert not (folder / WORKFLOW).exists()
    assert check.read_text() == "uses: some/bot/.github/actions/check-links@main\n"


# -- where it cannot be done --------------------------------------------------------------------------------


def test_outside_a_repository_init_is_refused(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    done = cli("init")
    assert done.code == 2
    assert "not a git repository" in done.err
    assert done.err.count("\n") == 1


def test_in_a_bare_repository_init_is_refused(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "--bare", "--quiet", "bare.git")
    monkeypatch.chdir(tmp_path / "bare.git")
    done = cli("init")
    assert done.code == 2
    assert "is a bare repository" in done.err


def test_on_a_detached_head_init_is_refused(cli: Cli, home: Home) -> None:
    folder = home()
    git(folder, "checkout", "--quiet", "--detach")
    done = cli("init", "--uses", USES)
    assert done.code == 2
    assert "HEAD is detached" in done.err
    assert written(folder) == []


def test_without_git_init_is_refused(cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home()
    monkeypatch.setenv("PATH", str(tmp_path))
    done = cli("init", "--uses", USES)
    assert (done.code, done.err) == (2, "bot: git cannot be run: No such file or directory; install it\n")


@pytest.mark.parametrize(
    ("contents", "arguments", "words"),
    [
        ({"README.md": "# Nothing\n"}, [], "none of its Markdown files links to articles on Medium"),
        ({"notes.txt": links(3)}, [], "none of its Markdown files links to articles on Medium"),
        ({"README.md": links(3), "other.md": "x"}, ["other.md"], "other.md: links to no articles on Medium"),
        ({"README.md": links(3)}, ["missing.md"], "missing.md: no such file"),
        ({"README.md": links(3)}, ["../outside.md"], "../outside.md: is outside the repository"),
        ({"a.md": links(3), "bot.toml": 'catalog = "b.md"\n'}, [], "b.md: no such file"),
        ({"a.md": links(3), "b.md": links(3), "bot.toml": 'catalog = "b.md"\n'}, ["a.md"], "the catalog is b.md there"),
        ({"a.md": links(3), "bot.toml": 'catalogue = "a.md"\n'}, [], "unknown key 'catalogue'"),
    ],
)
def test_without_a_catalog_nothing_is_written(
    cli: Cli, home: Home, contents: dict[str, str], arguments: list[str], words: str
) -> None:
    folder = home(contents)
    (folder.parent / "outside.md").write_text(links(3))
    done = cli("init", *arguments, "--uses", USES)
    assert done.code == 2
    assert words in done.err
    assert done.err.count("\n") == 1
    assert written(folder) == []


def test_a_file_in_place_of_the_folder_is_reported_and_nothing_is_written(cli: Cli, home: Home) -> None:
    folder = home({"README.md": links(3), ".github": "a file\n"})
    done = cli("init", "--uses", USES)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "cannot be read: Not a directory" in done.err
    assert written(folder) == []


def test_a_folder_that_cannot_be_created_is_reported(cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home()

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    done = cli("init", "--uses", USES)
    assert (done.code, done.err) == (2, f"bot: {folder.resolve()}/.github: cannot be created: Permission denied\n")
    assert written(folder) == []


@NO_ROOT
def test_a_folder_without_write_permission_is_reported(cli: Cli, home: Home) -> None:
    folder = home()
    folder.chmod(0o500)
    try:
        done = cli("init", "--uses", USES)
    finally:
        folder.chmod(0o700)
    assert done.code == 2
    assert written(folder) == []


def test_what_fails_half_way_leaves_nothing_behind_not_even_folders(
    cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home()
    stage = files._stage

    def refusing(target: Path, content: bytes) -> Path:
        if target.name == "bot.toml":
            raise PermissionError(13, "Permission denied")
        return stage(target, content)

    monkeypatch.setattr(files, "_stage", refusing)
    done = cli("init", "--uses", USES)
    assert done.code == 2
    assert "bot.toml: cannot be written: Permission denied" in done.err
    assert not (folder / ".github").exists()
    assert written(folder) == []


def test_a_full_disk_is_a_failure_and_not_a_usage_error(cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    home()
    monkeypatch.setattr(files, "_stage", full)
    assert cli("init", "--uses", USES).code == 3


@pytest.mark.parametrize("link", [".github", ".github/workflows", WORKFLOW, "bot.toml"])
def test_a_link_that_leads_out_is_not_followed(cli: Cli, home: Home, link: str) -> None:
    folder = home()
    outside = folder.parent / "outside"
    outside.mkdir()
    (folder / link).parent.mkdir(parents=True, exist_ok=True)
    (folder / link).symlink_to(outside / "new.yml" if link.endswith(("yml", "toml")) else outside)
    done = cli("init", "--uses", USES)
    assert done.code == 2
    assert "points outside the repository" in done.err
    assert list(outside.iterdir()) == []


def test_the_written_schedule_is_the_time_that_was_printed(cli: Cli, home: Home) -> None:
    folder = home()
    out = cli("init", "--uses", USES).out
    triggers = next(each for key, each in yaml.safe_load((folder / WORKFLOW).read_text()).items() if str(key) == "True")
    minute, hour, *rest = triggers["schedule"][0]["cron"].split()
    assert rest == ["*", "*", "*"]
    assert f"{int(hour):02}:{int(minute):02} UTC" in out


@pytest.mark.parametrize(
    "name", ['some/bot" #', "some/bot\n    run: x", "some/bot #", "../bot", "some/bot/..", "@", "${{x}}/y"]
)
def test_no_name_of_a_repository_can_break_out_of_the_workflow(name: str) -> None:
    with pytest.raises(UsageError):
        read_origin(f"{name}@{COMMIT}")
