"""GitHub's JSON for accounts, the repository, issues and pull requests. It decides nothing."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from github_stand_in.model import Comment, Issue, Label, Pull
from github_stand_in.repository import user_id
from github_stand_in.state import Hub

Json = dict[str, object]
WEB = "https://github.com"
_REPO_LINKS = (
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments "
    "downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels "
    "languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags "
    "teams trees"
)
_USER_LINKS = "events followers following gists organizations received_events repos starred subscriptions"


def when(moment: datetime | None) -> str | None:
    """Format a time, if there is one."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def show_user(api: str, login: str) -> Json:
    """Show an account; a name that ends in `[bot]` is a bot's."""
    url = f"{api}/users/{quote(login)}"
    bot = login.endswith("[bot]")
    return {
        "login": login,
        "id": user_id(login),
        "node_id": f"U_{user_id(login)}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{user_id(login)}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{WEB}/apps/{login.removesuffix('[bot]')}" if bot else f"{WEB}/{login}",
        "type": "Bot" if bot else "User",
        "site_admin": False,
        **{f"{name}_url": f"{url}/{name}" for name in _USER_LINKS.split()},
    }


def repo_url(hub: Hub, api: str) -> str:
    """Return the repository's address in the API."""
    return f"{api}/repos/{hub.name}"


def show_repo(hub: Hub, api: str, owner: str | None = None) -> Json:
    """Show the repository, or `owner`'s fork of it."""
    owner = owner or hub.owner
    name = hub.name.partition("/")[2]
    url, web = f"{api}/repos/{owner}/{name}", f"{WEB}/{owner}/{name}"
    open_ones = sum(each.state == "open" for each in [*hub.issues.values(), *hub.pulls.values()])
    counts = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "network_count")
    switches = ("has_projects", "has_wiki", "has_pages", "has_discussions", "has_downloads", "archived", "disabled")
    return {
        "id": user_id(f"{owner}/{name}"),
        "node_id": f"R_{user_id(f'{owner}/{name}')}",
        "name": name,
        "full_name": f"{owner}/{name}",
        "owner": show_user(api, owner),
        "private": hub.private,
        "html_url": web,
        "description": None,
        "fork": owner != hub.owner,
        "url": url,
        "default_branch": hub.base,
        "has_issues": hub.permissions.issues_enabled,
        "open_issues": open_ones,
        "open_issues_count": open_ones,
        "homepage": None,
        "language": None,
        "license": None,
        "mirror_url": None,
        "size": 0,
        "subscribers_count": 0,
        "clone_url": f"{web}.git",
        "git_url": f"git://github.com/{owner}/{name}.git",
        "ssh_url": f"git@github.com:{owner}/{name}.git",
        "svn_url": web,
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": when(hub.clock),
        "pushed_at": when(hub.clock),
        **{f"{name}_url": f"{url}/{name}" for name in _REPO_LINKS.split()},
        **dict.fromkeys(counts, 0),
        **dict.fromkeys(switches, False),
    }


def show_label(hub: Hub, api: str, label: Label) -> Json:
    """Show a label."""
    return {
        "id": label.id,
        "node_id": f"LA_{label.id}",
        "url": f"{repo_url(hub, api)}/labels/{quote(label.name)}",
        "name": label.name,
        "color": label.color,
        "description": label.description,
        "default": False,
        "archived_at": None,
        "archived_by": None,
    }


def show_comment(hub: Hub, api: str, number: int, comment: Comment) -> Json:
    """Show a comment on an issue or pull request."""
    return {
        "id": comment.id,
        "node_id": f"IC_{comment.id}",
        "url": f"{repo_url(hub, api)}/issues/comments/{comment.id}",
        "html_url": f"{_page(hub, number)}#issuecomment-{comment.id}",
        "issue_url": f"{repo_url(hub, api)}/issues/{number}",
        "user": show_user(api, comment.user),
        "body": comment.body,
        "author_association": comment.association,
        "created_at": when(comment.created),
        "updated_at": when(comment.updated),
    }


def show_issue(hub: Hub, api: str, issue: Issue) -> Json:
    """Show an issue, or a pull request as one."""
    url = f"{repo_url(hub, api)}/issues/{issue.number}"
    shown: Json = {
        **_common(hub, api, issue),
        "url": url,
        "repository_url": repo_url(hub, api),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "comments": len(issue.comments),
        "state_reason": issue.state_reason,
        "closed_by": show_user(api, issue.closed_by) if issue.closed_by else None,
    }
    if isinstance(issue, Pull):
        web = _page(hub, issue.number)
        links = {"html_url": web, "diff_url": f"{web}.diff", "patch_url": f"{web}.patch"}
        shown |= {
            "draft": issue.draft,
            "pull_request": {
                "url": f"{repo_url(hub, api)}/pulls/{issue.number}",
                "merged_at": when(issue.closed) if issue.merged else None,
                **links,
            },
        }
    return shown


def show_pull(hub: Hub, api: str, pull: Pull) -> Json:
    """Show a pull request as lists do: without computed fields, of which `merged` is one."""
    repo, web = repo_url(hub, api), _page(hub, pull.number)
    url, issue = f"{repo}/pulls/{pull.number}", f"{repo}/issues/{pull.number}"
    links = {
        "comments": f"{issue}/comments",
        "commits": f"{url}/commits",
        "statuses": f"{repo}/statuses/{pull.head_sha}",
        "html": web,
        "issue": issue,
        "review_comments": f"{url}/comments",
        "review_comment": f"{repo}/pulls/comments{{/number}}",
        "self": url,
    }
    return {
        **_common(hub, api, pull),
        "url": url,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "issue_url": issue,
        "draft": pull.draft,
        "merged_at": when(pull.closed) if pull.merged else None,
        "merge_commit_sha": pull.merge_sha,
        "auto_merge": None,
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _end(hub, api, pull.head, pull.head_sha),
        "base": _end(hub, api, pull.base, pull.base_sha),
        "_links": {name: {"href": href} for name, href in links.items()},
        **{
            f"{name}_url": links[name]
            for name in ("comments", "commits", "statuses", "review_comments", "review_comment")
        },
    }


def _end(hub: Hub, api: str, branch: str, sha: str) -> Json:
    owner, _, name = branch.rpartition(":")
    return {
        "label": hub.qualified(branch),
        "ref": name,
        "sha": sha,
        "user": show_user(api, owner or hub.owner),
        "repo": None if owner in hub.deleted_forks else show_repo(hub, api, owner or None),
    }


def _common(hub: Hub, api: str, issue: Issue) -> Json:
    return {
        "id": 10_000 + issue.number,
        "node_id": f"I_{issue.number}",
        "html_url": _page(hub, issue.number),
        "number": issue.number,
        "state": issue.state,
        "locked": False,
        "title": issue.title,
        "body": issue.body or None,
        "user": show_user(api, issue.user),
        "author_association": issue.association,
        "labels": [show_label(hub, api, hub.label(name)) for name in issue.labels],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "created_at": when(issue.created),
        "updated_at": when(issue.updated),
        "closed_at": when(issue.closed),
    }


def _page(hub: Hub, number: int) -> str:
    return f"{WEB}/{hub.name}/{'pull' if number in hub.pulls else 'issues'}/{number}"
