"""The API's operations on branches, refs and git objects."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from github_stand_in.call import Call, Fields
from github_stand_in.model import RefusedError, Reply, not_found
from github_stand_in.objects import Leaf, Person, moment
from github_stand_in.shown_git import (
    show_blob,
    show_branch,
    show_git_commit,
    show_ref,
    show_tree,
)

SIGNATURE = "-----BEGIN PGP SIGNATURE-----\n\nstand-in\n-----END PGP SIGNATURE-----\n"


def get_branch(call: Call) -> Reply:
    """Answer with a branch and its newest commit."""
    if call.args["branch"] not in call.hub.refs or ":" in call.args["branch"]:
        raise RefusedError(404, "Branch not found")
    return Reply(200, show_branch(call.hub, call.api, call.args["branch"]))


def get_ref(call: Call) -> Reply:
    """Answer with a ref."""
    return Reply(200, show_ref(call.hub, call.api, _branch(call, 404)))


def matching_refs(call: Call) -> Reply:
    """Answer with all refs that start with a prefix."""
    refs = sorted(branch for branch in call.hub.refs if ":" not in branch)
    found = [branch for branch in refs if f"heads/{branch}".startswith(call.args["ref"])]
    return Reply(200, [show_ref(call.hub, call.api, branch) for branch in found])


def create_ref(call: Call) -> Reply:
    """Create a branch."""
    name, sha = call.fields.needed("ref"), call.fields.needed("sha")
    if not name.startswith("refs/heads/") or ":" in name or name.endswith(("/", ".lock")) or ".." in name:
        raise RefusedError(422, f"{name} is not a valid ref name.")
    branch = name.removeprefix("refs/heads/")
    if sha not in call.hub.objects.commits:
        raise RefusedError(422, "Object does not exist")
    if branch in call.hub.refs:
        raise RefusedError(422, "Reference already exists")
    # Git keeps refs as files in folders, so no branch may have the name of another's folder.
    if any(other.startswith(f"{branch}/") or branch.startswith(f"{other}/") for other in call.hub.refs):
        raise RefusedError(422, "Reference update failed")
    call.hub.move(branch, sha)
    return Reply(201, show_ref(call.hub, call.api, branch))


def update_ref(call: Call) -> Reply:
    """Move a branch; without force only forward."""
    branch, sha = _branch(call, 422), call.fields.needed("sha")
    if sha not in call.hub.objects.commits:
        raise RefusedError(422, "Object does not exist")
    if call.fields.flag("force"):
        call.hub.move(branch, sha)
    else:
        call.hub.fast_forward(branch, sha)
    return Reply(200, show_ref(call.hub, call.api, branch))


def delete_ref(call: Call) -> Reply:
    """Delete a branch."""
    branch = _branch(call, 422)
    if branch == call.hub.base:
        raise RefusedError(422, "Cannot delete the default branch")
    call.hub.delete_branch(branch)
    return Reply(204)


def create_blob(call: Call) -> Reply:
    """Store a file's content."""
    content, encoding = call.fields.needed("content"), call.fields.text("encoding") or "utf-8"
    try:
        data = base64.b64decode(content, validate=False) if encoding == "base64" else content.encode()
    except binascii.Error as error:
        raise RefusedError(422, "content is not valid Base64") from error
    if encoding not in ("base64", "utf-8"):
        raise RefusedError(422, "encoding must be utf-8 or base64")
    sha = call.hub.objects.add_blob(data)
    return Reply(201, {"sha": sha, "url": f"{call.api}{call.request.path}/{sha}"})


def get_blob(call: Call) -> Reply:
    """Answer with a file's content."""
    if call.args["sha"] not in call.hub.objects.blobs:
        raise not_found()
    return Reply(200, show_blob(call.hub, call.api, call.args["sha"]))


def create_tree(call: Call) -> Reply:
    """Store a tree: entries over those of `base_tree`, if one is given; a null `sha` removes an entry."""
    objects = call.hub.objects
    files: dict[str, Leaf] = {}
    base = call.fields.text("base_tree")
    if base is not None:
        tree = objects.tree_of(base)
        if tree is None:
            raise RefusedError(422, "base_tree is not a valid tree oid")
        files = objects.files(tree)
    for entry in call.fields.objects("tree"):
        _apply(call, entry, files)
    sha = objects.add_tree(files)
    return Reply(201, show_tree(call.hub, call.api, sha, recursive=False))


def _apply(call: Call, entry: Fields, files: dict[str, Leaf]) -> None:
    objects = call.hub.objects
    path, mode, sha, content = entry.needed("path"), entry.text("mode"), entry.text("sha"), entry.text("content")
    if any(part.lower() in ("", ".", "..", ".git") for part in path.split("/")):
        raise RefusedError(422, "tree.path contains a malformed path component")
    if content is not None and sha is not None:
        raise RefusedError(422, "Must supply either tree.sha or tree.content, not both")
    if content is None and sha is None:
        if "sha" not in entry.values or path not in files:
            raise RefusedError(422, "GitRPC::BadObjectState")
        del files[path]
        return
    if mode not in ("100644", "100755", "120000", "040000"):
        raise RefusedError(422, f"Must supply a valid tree.mode, not {mode!r}")
    if mode == "040000":
        if sha not in objects.trees:
            raise RefusedError(422, f"tree.sha {sha} is not a valid tree")
        for inside in [name for name in files if name.startswith(f"{path}/")]:
            del files[inside]
        files |= {f"{path}/{name}": leaf for name, leaf in objects.files(sha).items()}
        return
    blob = sha if content is None else objects.add_blob(content.encode())
    if blob not in objects.blobs:
        raise RefusedError(422, f"tree.sha {blob} is not a valid blob")
    files[path] = Leaf(mode, blob)


def get_tree(call: Call) -> Reply:
    """Answer with a tree, given by its id, a commit's or a branch."""
    sha = call.hub.objects.tree_of(call.hub.commit_of(call.args["sha"]) or call.args["sha"])
    if sha is None:
        raise not_found()
    return Reply(200, show_tree(call.hub, call.api, sha, recursive="recursive" in call.request.query))


def create_commit(call: Call) -> Reply:
    """Store a commit; without author and committer it belongs to the token's user, and GitHub signs it."""
    hub, fields = call.hub, call.fields
    message, tree, parents = fields.needed("message"), fields.needed("tree"), fields.texts("parents")
    if tree not in hub.objects.trees:
        raise RefusedError(422, "Tree SHA does not exist")
    if any(parent not in hub.objects.commits for parent in parents):
        raise RefusedError(422, "Parent SHA does not exist or is not a commit object")
    signed = "author" not in fields and "committer" not in fields
    author = _given(fields, "author", hub.tick()) or hub.person(hub.bot)
    committer = _given(fields, "committer", hub.clock) or (hub.person(hub.signs_as) if signed else author)
    signature = SIGNATURE if signed else ""
    sha = hub.objects.add_commit(tree, parents, author, committer, message, signature=signature)
    return Reply(201, show_git_commit(hub, call.api, hub.objects.commits[sha]))


def _given(fields: Fields, name: str, now: datetime) -> Person | None:
    given = fields.values.get(name)
    if not isinstance(given, dict):
        return None
    person = Fields(given)
    date = person.text("date")
    return Person(person.needed("name"), person.needed("email"), moment(date) if date else now)


def get_git_commit(call: Call) -> Reply:
    """Answer with a commit as git stores it."""
    commit = call.hub.objects.commits.get(call.args["sha"])
    if commit is None:
        raise not_found()
    return Reply(200, show_git_commit(call.hub, call.api, commit))


def _branch(call: Call, status: int) -> str:
    """Return the branch of the ref in the path, or refuse."""
    branch = call.args["ref"].removeprefix("heads/")
    if not call.args["ref"].startswith("heads/") or branch not in call.hub.refs or ":" in branch:
        raise RefusedError(status, "Not Found" if status == 404 else "Reference does not exist")
    return branch
