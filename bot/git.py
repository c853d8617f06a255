"""What git knows of a work tree: its root, branches, remote and files, and which lines changed since a commit."""

import re
import subprocess
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, chain, pairwise
from pathlib import Path

from bot.errors import UsageError

_REMOTE = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^@/]*@)?(?P<host>[^@/:]+)(?::\d+)?/|(?:[^@/:]+@)?(?P<ssh_host>[^@/:]{2,}):/?)"
    r"(?P<full_name>[A-Za-z0-9][A-Za-z0-9._-]*/(?!\.\.?(?:/|\Z))[A-Za-z0-9._-]+?)(?:\.git)?/*"
)
# git ends lines at LF alone; in a catalog CR ends one too, as in CommonMark.
_LINE_END = re.compile(rb"\r\n?|\n")
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def changed_lines(path: Path, ref: str) -> frozenset[int]:
    """Return the numbers of a file's lines that are new or different since a commit, all if it has no such file.

    Raises `UsageError` if the commit is unknown, or git is missing or run outside a repository.
    """
    path, git = path.resolve(), partial(_git, path.resolve().parent, subject=f"--since {ref}")
    if ref.startswith("-") or not ref.isprintable():
        raise UsageError(f"--since {ref if ref.isprintable() else repr(ref)}: not a commit, branch or tag")
    commit = git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    source = path.read_bytes()
    if not git("ls-tree", "--name-only", commit, "--", path.name):
        return frozenset(range(1, _line_count(source) + 1))
    # These override a user's settings: joined hunks, converted files, a diff program.
    fixed = ("--unified=0", "--inter-hunk-context=0", "--no-color", "--no-ext-diff", "--no-textconv", "--text")
    diff = git("diff", *fixed, commit, "--", path.name)
    hunks = ((int(start), int(count or 1)) for start, count in _HUNK.findall(diff))
    lines = {each for start, count in hunks for each in range(start, start + count)}
    # Where each of git's lines begins, in a file in which a CR alone ends a line too.
    firsts = accumulate((_line_count(each.removesuffix(b"\r")) for each in source.split(b"\n")), initial=1)
    spans = (span for number, span in enumerate(pairwise(firsts), start=1) if number in lines)
    return frozenset(chain.from_iterable(range(first, behind) for first, behind in spans))


def _line_count(source: bytes) -> int:
    return len(_LINE_END.findall(source)) + 1


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository's public address, `owner/name` on a host, without the token that its URL may contain."""

    host: str
    full_name: str

    @property
    def url(self) -> str | None:
        """Its web page; None if the host is an alias from an SSH configuration."""
        return f"https://{self.host}/{self.full_name}" if "." in self.host else None


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with a work tree. `default_branch` is the remote's, or None if unknown."""

    root: Path
    default_branch: str | None
    remote: Remote | None


def read_remote(url: str) -> Remote | None:
    """Parse a remote's URL, as `git remote` prints it; None for a folder or an unknown form."""
    match = _REMOTE.fullmatch(url.strip())
    if match is None:
        return None
    return Remote((match["host"] or match["ssh_host"]).lower().removeprefix("ssh."), match["full_name"])


def find_repository(folder: Path) -> Repository:
    """Return the repository that a folder is in; raise `UsageError` if there is none with a branch checked out."""
    if _git(folder, "rev-parse", "--is-bare-repository", subject=f"{folder}: run this in a clone") == "true":
        raise UsageError(f"{folder}: is a bare repository; run this in a clone with a work tree")
    root = _git(folder, "rev-parse", "--show-toplevel")
    if _try(folder, "symbolic-ref", "--quiet", "--short", "HEAD") is None:
        raise UsageError(
            f"{root}: HEAD is detached; check out the branch that the files are for, as in: git switch main"
        )
    head = _try(folder, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    return Repository(Path(root), head.partition("/")[2] if head else None, _remote(folder))


def markdown_files(repository: Repository) -> tuple[str, ...]:
    """Return the paths of a repository's Markdown files, ignored ones left out, sorted."""
    listed = _git(repository.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    named = sorted(name for name in set(listed.split("\0")) if name.lower().endswith((".md", ".markdown")))
    paths = ((name, repository.root / name) for name in named)
    return tuple(name for name, path in paths if path.is_file() and not path.is_symlink() and str(path).isprintable())


def published_commit(folder: Path) -> tuple[Remote, str] | None:
    """Return the remote and commit that a folder is at; None if the commit was not pushed."""
    remote, commit = _remote(folder), _try(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if remote is None or commit is None or not _try(folder, "branch", "--remotes", "--contains", commit):
        return None
    return remote, commit


def _remote(folder: Path) -> Remote | None:
    names = (_try(folder, "remote") or "").split()
    name = "origin" if "origin" in names else names[0] if len(names) == 1 else None
    url = _try(folder, "remote", "get-url", name) if name is not None else None
    return read_remote(url) if url else None


def _git(folder: Path, *arguments: str, subject: str = "git") -> str:
    """Return what git prints; raise `UsageError` about the subject, with git's first line, if it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and names that git printed or that do not look like an option
            ["git", "--literal-pathspecs", "-C", str(folder), *arguments],  # noqa: S607 - git is where the user's PATH has it
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise UsageError(f"git cannot be run: {error.strerror}; install it") from error
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"{subject}: {words[0].removeprefix('fatal: ') if words else 'no such commit, branch or tag'}")
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def _try(folder: Path, *arguments: str) -> str | None:
    """Return what git prints, or None if it fails."""
    try:
        return _git(folder, *arguments)
    except UsageError:
        return None
