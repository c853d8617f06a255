"""Files that cannot be read are reported with a reason; files are written completely or not at all."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from bot import files
from bot.errors import BotError, UsageError
from bot.files import read_catalog, read_if_there, write_together, write_whole

NO_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")


def refuse(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- reading ------------------------------------------------------------------------------------


def test_a_catalog_is_read_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "catalog.md"
    path.write_bytes(b"\xef\xbb\xbfa\r\nb\rc\n\xff")
    assert read_catalog(path) == b"\xef\xbb\xbfa\r\nb\rc\n\xff"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.md", "no such file; name the catalog"),
        (".", "is a folder; name a file in it"),
        ("file/x", "Not a dir"),
    ],
)
def test_a_catalog_that_cannot_be_read_is_refused_with_path_and_reason(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError) as caught:
        read_catalog(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@NO_ROOT
def test_a_catalog_without_read_permission_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "catalog.md"
    path.write_bytes(b"a")
    path.chmod(0)
    with pytest.raises(UsageError, match="cannot be read: Permission denied"):
        read_catalog(path)


def test_a_file_that_is_not_there_reads_as_empty(tmp_path: Path) -> None:
    assert read_if_there(tmp_path / "articles.jsonl") == b""
    (tmp_path / "articles.jsonl").write_bytes(b"{}\n")
    assert read_if_there(tmp_path / "articles.jsonl") == b"{}\n"


def test_a_folder_in_a_files_place_does_not_read_as_empty(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_if_there(tmp_path)


# -- writing ------------------------------------------------------------------------------------


def test_a_file_is_written_byte_for_byte_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"x\r\ny\n\xff")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"x\r\ny\n\xff")]


def test_an_old_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"a longer content")
    path.chmod(0o640)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert mode(path) == 0o640


def test_a_new_file_has_the_mode_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "a", b"")
        assert mode(tmp_path / "a") == 0o640
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)


def test_a_symbolic_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(Path("docs") / "real")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "docs" / "real").read_bytes() == b"new"


def test_a_name_of_the_greatest_length_can_be_written(tmp_path: Path) -> None:
    write_whole(tmp_path / ("a" * 255), b"x")
    assert (tmp_path / ("a" * 255)).read_bytes() == b"x"


def test_a_device_or_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"report")
    reader.join(timeout=10)
    assert read == [b"report"]
    assert pipe.is_fifo()
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_device_that_cannot_be_written_is_rejected() -> None:
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("this system has no full device")
    with pytest.raises(BotError, match=r"^/dev/full: cannot be written: No space left on device$"):
        write_whole(full, b"x")


@pytest.mark.parametrize("name", ["no/such/folder", "folder", "file/x"])
def test_what_cannot_be_written_is_refused_with_its_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(BotError, match="cannot be written: ") as caught:
        write_whole(tmp_path / name, b"x")
    assert caught.value.exit_code == 3
    assert name in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_bytes() == b"old"


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.chmod", "pathlib.Path.replace"])
def test_the_old_file_stays_if_any_step_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    monkeypatch.setattr(step, refuse)
    with pytest.raises(BotError, match="No space left on device; check the folder"):
        write_whole(path, b"new")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", b"old")]


def test_nothing_is_left_behind_when_the_user_interrupts_a_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "a", b"new")
    assert list(tmp_path.iterdir()) == []


def test_several_files_are_written_together(tmp_path: Path) -> None:
    write_together({tmp_path / "a": b"1", tmp_path / "b": b"2"})
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()) == (b"1", b"2")
    write_together({})


def test_of_several_files_none_is_written_if_one_cannot_be_staged(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(BotError, match="no/b: cannot be written"):
        write_together({tmp_path / "a": b"new", tmp_path / "no" / "b": b"new"})
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", b"old")]


def test_files_that_were_already_replaced_are_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"old a")
    (tmp_path / "c").write_bytes(b"old c")
    replace = Path.replace

    def replace_but_c(self: Path, target: Path) -> Path:
        if target.name == "c":
            refuse()
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", replace_but_c)
    with pytest.raises(BotError, match=r"/c: cannot be written: No space left"):
        write_together({tmp_path / "a": b"new", tmp_path / "b": b"new", tmp_path / "c": b"new"})
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"a": b"old a", "c": b"old c"}


def test_the_umask_is_read_without_changing_it() -> None:
    before = os.umask(0o077)
    try:
        assert files._umask() == 0o077
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
