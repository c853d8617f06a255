"""The stand-in for GitHub: tokens, permissions, branches, git objects, through PyGithub over real sockets."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import github as pygithub
import pytest
from github_stand_in.changes import merged
from github_stand_in.model import Permissions, RefusedError
from github_stand_in.objects import TREE, Leaf, Objects
from github_stand_in.state import Hub
from hosted import FILES, README, Hosted, refused


def test_a_wrong_token_is_refused(github: Hosted) -> None:
    with pytest.raises(pygithub.BadCredentialsException):
        github.client("ghs_other").get_repo("owner/name")


def test_a_missing_token_is_refused(github: Hosted) -> None:
    with refused(401, "Requires authentication"):
        pygithub.Github(base_url=github.url, retry=None).get_repo("owner/name")


@pytest.mark.parametrize("path", ["/branches/none", "/git/ref/heads/none", "/git/commits/" + "0" * 40, "/issues/7"])
def test_what_does_not_exist_is_not_found(github: Hosted, path: str) -> None:
    with refused(404):
        github.ask("GET", path)


def test_another_repository_is_not_found(github: Hosted) -> None:
    with pytest.raises(pygithub.UnknownObjectException):
        github.client().get_repo("owner/names")


def test_a_branch_with_slashes_is_found_escaped_or_not(github: Hosted) -> None:
    sha = github.hub.push("bot/links", {"LICENSE": b"freer\n"})
    assert github.repo().get_branch("bot/links").commit.sha == sha
    assert github.ask("GET", "/branches/bot%2Flinks")["commit"]["sha"] == sha
    assert github.repo().get_git_ref("heads/bot/links").object.sha == sha


def test_matching_refs_start_with_the_prefix_and_belong_to_no_fork(github: Hosted) -> None:
    for branch in ("bot/links", "bot/links-review", "bot", "mallory:bot/links"):
        if branch != "bot":
            github.hub.push(branch, {"LICENSE": b"freer\n"})
    found = github.repo().get_git_matching_refs("heads/bot/links")
    assert [ref.ref for ref in found] == ["refs/heads/bot/links", "refs/heads/bot/links-review"]
    assert github.ask("GET", "/git/matching-refs/heads/bot/none") == []


def test_objects_have_the_ids_that_git_gives_them(github: Hosted, tmp_path: Path) -> None:
    def git(*arguments: str, sent: bytes = b"") -> str:
        done = subprocess.run(["git", *arguments], input=sent, capture_output=True, check=True, cwd=tmp_path)
        return done.stdout.decode().strip()

    # `a-b` sorts before the folder `a`, which sorts as `a/`.
    github.hub.push("main", {"a/b/c.md": b"deep\n", "a-b": b"", "a.txt": b"\xff\x00", "catalog/é.md": b"x"})
    github.propose("bot/links")
    objects = github.hub.objects
    git("init", "--quiet")
    for sha, blob in objects.blobs.items():
        assert git("hash-object", "-w", "--stdin", sent=blob) == sha
    for sha, tree in objects.trees.items():
        lines = [
            f"{leaf.mode.zfill(6)} {'tree' if leaf.mode == TREE else 'blob'} {leaf.sha}\t{name}\0"
            for name, leaf in tree.items()
        ]
        assert git("mktree", "-z", "--missing", sent="".join(lines).encode()) == sha
    for commit in objects.commits.values():
        lines = [f"tree {commit.tree}", *(f"parent {parent}" for parent in commit.parents)]
        lines += [f"author {commit.author}", f"committer {commit.committer}"]
        lines += ["gpgsig " + commit.signature.replace("\n", "\n ")] if commit.signature else []
        text = "\n".join(lines) + f"\n\n{commit.message}"
        assert git("hash-object", "-t", "commit", "-w", "--stdin", sent=text.encode()) == commit.sha
    git("update-ref", "refs/heads/it", github.hub.tip("bot/links"))
    assert git("ls-tree", "-r", "--name-only", "-z", "it").split("\0")[:3] == ["LICENSE", "a-b", "a.txt"]
    assert git("rev-list", "it").split() == [commit.sha for commit in github.hub.log("bot/links")]


def test_a_file_comes_back_as_the_bytes_that_were_pushed(github: Hosted) -> None:
    content = bytes(range(256)) * 3
    github.hub.push("main", {"catalog/odd.bin": content})
    read = github.repo().get_contents("catalog/odd.bin", ref="main")
    assert not isinstance(read, list)
    assert read.decoded_content == content
    assert base64.b64decode(github.repo().get_git_blob(read.sha).content) == content


def test_the_content_of_a_large_file_is_missing_in_contents_but_not_in_its_blob(github: Hosted) -> None:
    github.hub.push("main", {"large": b"x" * 1_000_001})
    shown = github.ask("GET", "/contents/large")
    assert (shown["encoding"], shown["content"]) == ("none", "")
    assert len(base64.b64decode(github.repo().get_git_blob(shown["sha"]).content)) == 1_000_001


def test_a_folder_lists_its_entries(github: Hosted) -> None:
    listed = github.repo().get_contents("catalog")
    assert isinstance(listed, list)
    assert [each.path for each in listed] == ["catalog/README.md"]
    with refused(404):
        github.ask("GET", "/contents/catalog/README.md/below")


def test_a_tree_takes_blobs_inline_content_and_removals(github: Hosted) -> None:
    repo = github.repo()
    base = repo.get_branch("main").commit.commit.tree
    blob = repo.create_git_blob(base64.b64encode(b"\xff\n").decode(), "base64")
    tree = repo.create_git_tree(
        [
            pygithub.InputGitTreeElement("catalog/new", "100644", "blob", sha=blob.sha),
            pygithub.InputGitTreeElement("catalog/run.sh", "100755", "blob", content="go\n"),
            pygithub.InputGitTreeElement("LICENSE", "100644", "blob", sha=None),
        ],
        base,
    )
    shown = repo.get_git_tree(tree.sha, recursive=True)
    assert {entry.path: entry.mode for entry in shown.tree} == {
        "catalog": "040000",
        "catalog/README.md": "100644",
        "catalog/new": "100644",
        "catalog/run.sh": "100755",
    }


def test_a_tree_without_a_base_has_only_its_entries(github: Hosted) -> None:
    entry = {"path": "state.json", "mode": "100644", "type": "blob", "content": "{}"}
    tree = github.ask("POST", "/git/trees", {"tree": [entry]})
    assert [each["path"] for each in tree["tree"]] == ["state.json"]
    commit = github.ask("POST", "/git/commits", {"message": "Keep", "tree": tree["sha"]})
    assert commit["parents"] == []


def test_a_whole_folder_can_replace_another(github: Hosted) -> None:
    github.hub.push("main", {"old/a": b"a\n", "new/b": b"b\n"})
    old, new = (github.ask("GET", f"/contents/{name}")[0] for name in ("old", "new"))
    whole = github.repo().get_git_tree("main")
    folder = next(entry.sha for entry in whole.tree if entry.path == "new")
    entry = {"path": "old", "mode": "040000", "type": "tree", "sha": folder}
    tree = github.ask("POST", "/git/trees", {"base_tree": whole.sha, "tree": [entry]})
    shown = {each.path: each.sha for each in github.repo().get_git_tree(tree["sha"], recursive=True).tree}
    assert (shown["old"], shown["old/b"], "old/a" in shown) == (folder, new["sha"], False)
    assert old["sha"] != new["sha"]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/git/refs", {"ref": "refs/heads/main", "sha": "TIP"}, "Reference already exists"),
        ("/git/refs", {"ref": "refs/heads/main/sub", "sha": "TIP"}, "Reference update failed"),
        ("/git/refs", {"ref": "refs/heads/new", "sha": "0" * 40}, "Object does not exist"),
        ("/git/refs", {"ref": "heads/new", "sha": "TIP"}, "not a valid ref name"),
        ("/git/trees", {"base_tree": "0" * 40, "tree": []}, "base_tree is not a valid tree oid"),
        ("/git/trees", {"tree": [{"path": "a", "mode": "100644", "sha": "0" * 40}]}, "not a valid blob"),
        ("/git/trees", {"tree": [{"path": "../a", "mode": "100644", "content": ""}]}, "malformed path"),
        ("/git/trees", {"tree": [{"path": ".git/config", "mode": "100644", "content": ""}]}, "malformed path"),
        ("/git/trees", {"tree": [{"path": "none", "mode": "100644", "sha": None}]}, "BadObjectState"),
        ("/git/trees", {"tree": [{"path": "a", "mode": "040000", "sha": "0" * 40}]}, "not a valid tree"),
        ("/git/trees", {"tree": [{"path": "a", "mode": "100644", "sha": "x", "content": ""}]}, "not both"),
        ("/git/trees", {"tree": [{"path": "a", "content": ""}]}, "valid tree.mode"),
        ("/git/commits", {"message": "x", "tree": "0" * 40}, "Tree SHA does not exist"),
        ("/git/commits", {"message": "x", "tree": "TREE", "parents": ["0" * 40]}, "Parent SHA does not exist"),
        ("/git/blobs", {"content": "a", "encoding": "base64"}, "not valid Base64"),
    ],
)
def test_what_git_cannot_store_is_refused_and_changes_nothing(
    github: Hosted, path: str, body: dict[str, object], words: str
) -> None:
    tip = github.hub.tip("main")
    known = {"TIP": tip, "TREE": github.hub.objects.commits[tip].tree}
    with refused(422, words):
        github.ask("POST", path, {name: known.get(str(value), value) for name, value in body.items()})
    assert (github.hub.refs, github.hub.writes) == ({"main": tip}, [])


def test_a_ref_moves_only_forward_without_force(github: Hosted) -> None:
    repo, hub = github.repo(), github.hub
    first = github.propose("bot/links")
    ahead = hub.push("bot/other", {"LICENSE": b"more\n"}, onto=first)
    ref = repo.get_git_ref("heads/bot/links")
    ref.edit(ahead)
    assert hub.tip("bot/links") == ahead
    with refused(422, "Update is not a fast forward"):
        ref.edit(first)
    assert hub.tip("bot/links") == ahead
    ref.edit(first, force=True)
    assert hub.tip("bot/links") == first


def test_a_deleted_ref_can_be_neither_moved_nor_deleted(github: Hosted) -> None:
    github.propose("bot/links")
    ref = github.repo().get_git_ref("heads/bot/links")
    github.hub.delete_branch("bot/links")
    for change in (ref.delete, lambda: ref.edit(github.hub.tip("main"))):
        with refused(422, "Reference does not exist"):
            change()
    with refused(422, "Object does not exist"):
        github.ask("PATCH", "/git/refs/heads/main", {"sha": "0" * 40})


def test_the_default_branch_cannot_be_deleted(github: Hosted) -> None:
    with refused(422, "default branch"):
        github.ask("DELETE", "/git/refs/heads/main")


def test_a_commit_without_an_author_belongs_to_the_user_of_the_token_and_is_signed(github: Hosted) -> None:
    own = github.repo().get_commit(github.propose("bot/links"))
    assert (own.author.login, own.committer.login, own.commit.verification.verified) == (*[github.hub.bot] * 2, True)
    github.hub.signs_as = "web-flow"
    again = github.repo().get_commit(github.propose("bot/again"))
    assert (again.author.login, again.committer.login) == (github.hub.bot, "web-flow")
    tip = github.hub.log("main")[0]
    named = {"name": "Bot", "email": "bot@example.org", "date": "2026-05-01T00:00:00Z"}
    body = {"message": "x", "tree": tip.tree, "parents": [tip.sha], "author": named}
    other = github.repo().get_commit(github.ask("POST", "/git/commits", body)["sha"])
    assert (other.commit.author.name, other.commit.verification.verified) == ("Bot", False)
    assert github.ask("GET", f"/commits/{other.sha}")["author"] is None


def test_a_commit_by_a_person_shows_the_person(github: Hosted) -> None:
    github.hub.push("bot/links", {"LICENSE": b"mine\n"}, author="bob", committer="web-flow")
    commit = github.repo().get_branch("bot/links").commit
    assert (commit.author.login, commit.author.type, commit.committer.login) == ("bob", "User", "web-flow")


def test_commits_and_comparisons_show_what_changed(github: Hosted) -> None:
    hub = github.hub
    sha = hub.push("bot/links", {"catalog/README.md": README.replace(b"May", b"June"), "LICENSE": None})
    commit = github.repo().get_commit(sha)
    assert [(each.filename, each.status) for each in commit.files] == [
        ("LICENSE", "removed"),
        ("catalog/README.md", "modified"),
    ]
    assert "-| One | May 2024 |\n+| One | June 2024 |" in commit.files[1].patch
    hub.push("main", {"NOTES": b"n\n"})
    seen = github.repo().compare("main", "bot/links")
    assert (seen.status, seen.ahead_by, seen.behind_by) == ("diverged", 1, 1)
    assert github.repo().compare("main", "main").status == "identical"
    assert next(each.sha for each in github.repo().get_commits(sha="bot/links", path="LICENSE")) == sha
    assert len(list(github.repo().get_commits(sha="main", path="LICENSE"))) == 1
    with refused(422, "No commit found for SHA"):
        github.repo().get_commit("none")
    with refused(404):
        github.repo().compare("main", "none")


PROBES = {
    "contents": ("GET", "/git/ref/heads/main", "POST", "/git/blobs", {"content": "x"}),
    "issues": ("GET", "/issues", "POST", "/issues", {"title": "x"}),
    "pull_requests": ("GET", "/pulls", "POST", "/pulls", {"title": "x", "head": "bot/links", "base": "main"}),
}


@pytest.mark.parametrize("lacking", PROBES)
def test_each_permission_that_the_token_lacks_is_enforced(github: Hosted, lacking: str) -> None:
    github.hub.push("bot/links", {"LICENSE": b"x"})
    setattr(github.hub.permissions, lacking, "read")
    for kind, (_, read, method, path, body) in PROBES.items():
        github.ask("GET", read)
        if kind == lacking:
            with refused(403, "Resource not accessible by integration"):
                github.ask(method, path, body)
        else:
            github.ask(method, path, body)
    assert len(github.hub.writes) == 2
    setattr(github.hub.permissions, lacking, "none")
    with refused(403, "Resource not accessible by integration"):
        github.ask("GET", PROBES[lacking][1])


def test_comments_on_a_pull_request_need_either_permission_those_on_an_issue_its_own(github: Hosted) -> None:
    github.hub.push("bot/links", {"LICENSE": b"x"})
    pull = github.hub.open_pull("p", head="bot/links").number
    issue = github.hub.open_issue("i").number
    github.hub.permissions = Permissions(issues="none")
    github.ask("POST", f"/issues/{pull}/comments", {"body": "x"})
    with refused(403, "not accessible"):
        github.ask("POST", f"/issues/{issue}/comments", {"body": "x"})
    github.hub.permissions = Permissions(issues="none", pull_requests="none")
    with refused(403, "not accessible"):
        github.ask("POST", f"/issues/{pull}/comments", {"body": "x"})


def test_every_answer_says_how_many_requests_are_left(github: Hosted) -> None:
    client = github.client()
    client.get_repo("owner/name")
    first = client.rate_limiting[0]
    with pytest.raises(pygithub.UnknownObjectException):
        client.get_repo("owner/none")
    assert client.rate_limiting == (first - 1, 1000)
    assert client.get_rate_limit().rate.remaining == first - 2


def test_requests_and_writes_are_recorded(github: Hosted) -> None:
    github.ask("GET", "/issues", labels="bot: links", state="all")
    with refused(422):
        github.ask("POST", "/issues", {"title": ""})
    github.ask("POST", "/issues", {"title": "Zoë"})
    asked = [(each.method, each.path, dict(each.query), each.body) for each in github.hub.requests]
    assert asked == [
        ("GET", "/repos/owner/name/issues", {"labels": "bot: links", "state": "all"}, None),
        ("POST", "/repos/owner/name/issues", {}, {"title": ""}),
        ("POST", "/repos/owner/name/issues", {}, {"title": "Zoë"}),
    ]
    assert github.hub.writes == github.hub.requests[2:]
    assert github.hub.requests[0].headers["authorization"] == f"token {github.hub.token}"


def test_people_push_read_and_delete() -> None:
    hub = Hub("owner/name", FILES)
    first = hub.tip("main")
    sha = hub.push("main", {"catalog/README.md": b"new\n", "LICENSE": None}, author="bob")
    assert (hub.tip("main"), hub.files("main")) == (sha, {"catalog/README.md": b"new\n"})
    assert [(commit.sha, commit.author.name) for commit in hub.log("main")] == [(sha, "bob"), (first, "owner")]
    forced = hub.push("main", {"LICENSE": b"other\n"}, onto=first)
    assert hub.objects.commits[forced].parents == (first,)
    hub.push("topic", {"a": b""})
    hub.delete_branch("topic")
    with pytest.raises(KeyError):
        hub.tip("topic")
    with pytest.raises(RefusedError, match="Update is not a fast forward"):
        hub.fast_forward("main", first)


LINES = [b"a\n", b"b\n", b"c\n", b"d\n"]


@pytest.mark.parametrize(
    ("ours", "theirs", "result"),
    [
        (b"A\nb\nc\nd\n", b"a\nb\nC\nd\n", b"A\nb\nC\nd\n"),
        (b"A\nb\nc\nd\n", b"A\nb\nc\nd\n", b"A\nb\nc\nd\n"),
        (b"A\nb\nc\nd\n", b"A\nb\nc\nD\n", b"A\nb\nc\nD\n"),
        (b"b\nc\nd\n", b"a\nb\nc\nd\ne\n", b"b\nc\nd\ne\n"),
        (b"a\nb\nc\nd\n", b"", b""),
        (b"A\nb\nc\nd\n", b"X\nb\nc\nd\n", None),
        (b"A\nb\nc\nd\n", b"a\nB\nc\nd\n", None),
        (b"n\na\nb\nc\nd\n", b"m\na\nb\nc\nd\n", None),
    ],
)
def test_a_merge_combines_lines_that_only_one_side_changed(ours: bytes, theirs: bytes, result: bytes | None) -> None:
    objects = Objects()
    base, one, other = ({"f": Leaf("100644", objects.add_blob(each))} for each in (b"".join(LINES), ours, theirs))
    for sides in ((one, other), (other, one)):
        made = merged(objects, base, *sides)
        assert (objects.blobs[made["f"].sha] if made else None) == result


def test_a_merge_keeps_whole_files_that_one_side_added_or_removed() -> None:
    objects = Objects()
    one, other = (Leaf("100644", objects.add_blob(each)) for each in (b"1\n", b"2\n"))
    assert merged(objects, {"a": one}, {"a": one, "b": one}, {}) == {"b": one}
    assert merged(objects, {}, {"a": one}, {"a": other}) is None
    assert merged(objects, {"a": one}, {"a": other}, {}) is None
