"""Which lines have changed since a commit, in real repositories."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.git import changed_lines

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A repository in the temporary folder, isolated from the settings of whoever runs the tests."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    def run(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(tmp_path), *arguments], capture_output=True, check=True, text=True)
        return done.stdout.strip()

    run("init", "--quiet", "--initial-branch=main")
    run("config", "user.name", "A")
    run("config", "user.email", "a@b.c")
    return run


@pytest.fixture
def catalog(tmp_path: Path, git: Git) -> Path:
    """A file of ten lines, committed."""
    path = tmp_path / "catalog.md"
    path.write_text("".join(f"line {number}\n" for number in range(1, 11)))
    git("add", "--all")
    git("commit", "--quiet", "--message=first")
    return path


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines(keepends=True)


def rewrite(path: Path, lines: list[str]) -> None:
    path.write_bytes("".join(lines).encode())


def test_a_file_that_has_not_changed_has_no_changed_lines(catalog: Path) -> None:
    assert changed_lines(catalog, "HEAD") == frozenset()


def test_changed_and_new_lines_have_their_present_numbers(catalog: Path) -> None:
    lines = lines_of(catalog)
    lines[1] = "other\n"
    lines[4:4] = ["new\n", "new too\n"]
    lines.append("last\n")
    rewrite(catalog, lines)
    assert changed_lines(catalog, "HEAD") == {2, 5, 6, 13}


def test_a_deleted_line_is_not_a_changed_line(catalog: Path) -> None:
    lines = lines_of(catalog)
    del lines[4]
    rewrite(catalog, lines)
    assert changed_lines(catalog, "HEAD") == frozenset()


def test_lines_next_to_changed_lines_have_not_changed(catalog: Path) -> None:
    lines = lines_of(catalog)
    lines[2] = lines[4] = "other\n"
    rewrite(catalog, lines)
    assert changed_lines(catalog, "HEAD") == {3, 5}


def test_a_last_line_without_an_end_is_a_line(catalog: Path) -> None:
    rewrite(catalog, [*lines_of(catalog), "no end"])
    assert changed_lines(catalog, "HEAD") == {11}


def test_changes_count_whether_they_are_committed_staged_or_neither(catalog: Path, git: Git) -> None:
    first = git("rev-parse", "HEAD")
    for number in (0, 1, 2):
        lines = lines_of(catalog)
        lines[number] = "other\n"
        rewrite(catalog, lines)
        if number < 2:
            git("add", "--all")
        if number < 1:
            git("commit", "--quiet", "--message=second")
    assert changed_lines(catalog, first) == {1, 2, 3}
    assert changed_lines(catalog, "HEAD") == {2, 3}


@pytest.mark.parametrize("ref", ["main", "HEAD", "v1", "HEAD~0", "main@{0}"])
def test_a_commit_may_be_named_in_any_way(catalog: Path, git: Git, ref: str) -> None:
    git("tag", "--annotate", "--message=x", "v1")
    rewrite(catalog, ["new\n", *lines_of(catalog)])
    assert changed_lines(catalog, ref) == {1}


def test_other_files_do_not_count(catalog: Path, tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("a\n")
    assert changed_lines(catalog, "HEAD") == frozenset()


def test_all_lines_of_a_file_that_the_commit_does_not_have_are_new(catalog: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.md"
    new.write_bytes(b"a\nb\n")
    assert changed_lines(new, "HEAD") == {1, 2, 3}
    new.write_bytes(b"a\r\nb\rc")
    assert changed_lines(new, "HEAD") == {1, 2, 3}
    assert catalog.exists()


def test_a_file_in_a_folder_is_found_from_anywhere(
    catalog: Path, tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "docs" / "list.md"
    path.parent.mkdir()
    path.write_text("a\nb\n")
    git("add", "--all")
    git("commit", "--quiet", "--message=second")
    path.write_text("a\nc\n")
    assert changed_lines(path, "HEAD") == {2}
    monkeypatch.chdir(path.parent)
    assert changed_lines(Path("list.md"), "HEAD") == {2}
    assert changed_lines(Path("..") / catalog.name, "HEAD") == frozenset()


def test_a_symbolic_link_means_its_target(catalog: Path, tmp_path: Path) -> None:
    (tmp_path / "link.md").symlink_to(catalog)
    rewrite(catalog, ["new\n", *lines_of(catalog)])
    assert changed_lines(tmp_path / "link.md", "HEAD") == {1}


@pytest.mark.parametrize("name", ["*.md", ":(top)x.md", "[a].md", "ä b.md", "-x.md", "--stat"])
def test_a_file_name_is_not_a_pattern_or_an_option(catalog: Path, tmp_path: Path, git: Git, name: str) -> None:
    path = tmp_path / name
    path.write_text("a\nb\n")
    git("add", "--all")
    git("commit", "--quiet", "--message=second")
    path.write_text("a\nc\n")
    rewrite(catalog, ["new\n", *lines_of(catalog)])
    assert changed_lines(path, "HEAD") == {2}


def test_a_settings_file_changes_nothing(catalog: Path, tmp_path: Path, git: Git) -> None:
    for setting in (
        "diff.interHunkContext=5",
        "diff.context=5",
        "color.ui=always",
        "diff.external=false",
        "diff.noprefix=true",
    ):
        git("config", *setting.split("="))
    git("config", "diff.shout.textconv", "tr a-z A-Z <")
    (tmp_path / ".gitattributes").write_text("*.md diff=shout\n")
    lines = lines_of(catalog)
    lines[2] = lines[4] = "other\n"
    lines[6] = "Line 7\n"  # the same to who shouts
    rewrite(catalog, lines)
    assert changed_lines(catalog, "HEAD") == {3, 5, 7}


def test_binary_files_are_compared_too(catalog: Path) -> None:
    catalog.write_bytes(b"\0\xff\n" + catalog.read_bytes())
    assert changed_lines(catalog, "HEAD") == {1}


def test_a_line_that_looks_like_a_diff_header_is_a_line(catalog: Path) -> None:
    rewrite(catalog, [*lines_of(catalog), "@@ -1 +1,9 @@\n", "a\r@@ -1 +7 @@\n"])
    assert changed_lines(catalog, "HEAD") == {11, 12, 13}


def test_lines_that_end_with_cr_are_counted_as_in_the_catalog(catalog: Path, git: Git) -> None:
    catalog.write_bytes(b"a\rb\r\nc\nd\re\n")
    git("commit", "--quiet", "--all", "--message=second")
    catalog.write_bytes(b"a\rb\r\nc\nd\rX\n")
    assert changed_lines(catalog, "HEAD") == {4, 5}  # git's third line
    catalog.write_bytes(b"a\rb\r\nX\nd\re\n")
    assert changed_lines(catalog, "HEAD") == {3}
    catalog.write_bytes(b"a\rX\r\nc\nd\re\n")
    assert changed_lines(catalog, "HEAD") == {1, 2}


def test_a_file_of_crlf_lines_has_the_lines_that_git_counts(catalog: Path, git: Git) -> None:
    catalog.write_bytes(b"a\r\nb\r\nc\r\n")
    git("commit", "--quiet", "--all", "--message=second")
    catalog.write_bytes(b"a\r\nX\r\nc\r\n")
    assert changed_lines(catalog, "HEAD") == {2}


@pytest.mark.parametrize("ref", ["nope", "", "HEAD~9", "0" * 40, "HEAD:catalog.md", "main..HEAD", "a b", "--all", "-p"])
def test_an_unknown_commit_is_rejected_by_name(catalog: Path, ref: str) -> None:
    with pytest.raises(UsageError) as caught:
        changed_lines(catalog, ref)
    assert str(caught.value).startswith(f"--since {ref}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("option", ["--output=stolen", "-Ostolen", "--git-dir=stolen"])
def test_an_option_in_place_of_a_commit_is_never_given_to_git(catalog: Path, tmp_path: Path, option: str) -> None:
    with pytest.raises(UsageError, match="not a commit, branch or tag"):
        changed_lines(catalog, option)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "catalog.md"]


def test_a_repository_without_commits_has_no_head(git: Git, tmp_path: Path) -> None:
    assert git("status", "--porcelain") == ""
    (tmp_path / "a.md").write_text("a\n")
    with pytest.raises(UsageError, match="--since HEAD: no such commit, branch or tag"):
        changed_lines(tmp_path / "a.md", "HEAD")


def test_outside_a_repository_there_are_no_changed_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_DIR", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "a.md").write_text("a\n")
    with pytest.raises(UsageError, match=r"--since HEAD: .*not a git repository"):
        changed_lines(tmp_path / "a.md", "HEAD")


def test_a_missing_git_is_reported(catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="git cannot be run: "):
        changed_lines(catalog, "HEAD")
