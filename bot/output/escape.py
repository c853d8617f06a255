"""Foreign text made safe to print: on a terminal or in a job's log, and as Markdown on GitHub.

GitHub reads Markdown twice: as CommonMark, whose signs are escaped with backslashes, then for mentions, references,
commits, addresses and emoji, which are broken up with a zero-width joiner.
"""

import re
import unicodedata
from urllib.parse import quote, urlsplit

BREAKER = "\u200d"
# Controls, formatting (bidi and joiners among them), surrogates, private use.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co"})
_UNPRINTABLE = _DROPPED | {"Zl", "Zp"}  # separators of lines and paragraphs too
# Invisible letters and marks, which could hide text; not U+FE0E and U+FE0F, which choose how an emoji looks.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0d\uffa0\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e0fff]"
)
# What the second reading would turn into a link or an image; the breaker goes behind each match.
_TURNED = re.compile(
    r"@(?=\S)"  # mentions, owner@commit, mail addresses
    r"|#(?=[0-9])"  # issues and pull requests
    r"|(?<![0-9A-Za-z])(?:GH-(?=[0-9])|CVE-(?=[0-9])|GHSA-(?=[0-9A-Za-z])|www(?=\.)|github(?=\.com/))"
    r"|:(?=//|[^\s:]{1,60}:)",  # addresses; emoji short codes
    re.IGNORECASE,
)
_COMMIT = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{7,}(?![0-9A-Za-z])")
_BELOW_COMMIT = re.compile(r".{6}(?=.)")
# What the first reading would interpret; a backslash goes before each match.
_SPECIAL = re.compile(
    r"[\\`*\[\]<|~]"
    r"|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"
    r"|&(?=#?[0-9A-Za-z]*;|#?[0-9A-Za-z]{2,}$)"  # entities, also those that a semicolon behind would make
    r"|^>|(?<=--)>|(?<=--!)>"  # a quote; the end of a comment
    r"|^#(?=#{0,5}(?:\s|$))|(?<=\s)#+$"  # a heading, and its closing
    r"|^[-+=:](?=[-+=:\s]|$)"  # lists, underlines, a table's second line
)
_NUMBERED = re.compile(r"^([0-9]{1,9})([.)])(?=\s|$)")
_LONGEST_FENCE = 80  # the longest that cmark recognizes inside a line
_TICKS = re.compile(r"`+")
_HOST = re.compile(r"[0-9a-z](?:[0-9a-z_.-]{0,251}[0-9a-z])?", re.IGNORECASE)
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ENTITY = re.compile(r"&(?=#?[0-9A-Za-z]+;)")
_REFERRING_HOSTS = frozenset({"github.com", "www.github.com"})
_REGIONAL = range(0x1F1E6, 0x1F200)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_SPACED = str.maketrans("\r\n\t", "   ")


def on_terminal(value: str) -> str:
    """Return text on one line, without anything that a terminal would interpret."""
    if not (value.isascii() and value.isprintable()):
        spaced = value.translate(_SPACED)
        value = "".join(each for each in spaced if unicodedata.category(each) not in _UNPRINTABLE)
    return value.replace("##[", "## [")  # a command for GitHub's runner, wherever it is in a line


def text(value: str) -> str:
    """Return Markdown that shows exactly this text, on one line of a paragraph, list item, heading, cell or label."""
    broken = plain(value)
    escaped = _SPECIAL.sub(lambda match: "".join(f"\\{sign}" for sign in match[0]), broken)
    escaped = _NUMBERED.sub(r"\1\\\2", escaped)
    # GitHub's documentation suggests the element; the backslash is for parsers that look for formulas themselves.
    return escaped.replace("$", r"<span>\$</span>")


def plain(value: str) -> str:
    """Return text for a title or a commit message: on one line, mentions and references broken up, nothing escaped."""
    line = " ".join(_shown(value).split())
    broken = _TURNED.sub(lambda match: match[0] + BREAKER, line)
    return _COMMIT.sub(lambda match: _BELOW_COMMIT.sub(rf"\g<0>{BREAKER}", match[0]), broken)


def code(value: str) -> str:
    """Return text as inline code on one line, its spaces kept; also safe in a cell, but not in a link's label.

    Blank text gives an empty string. In a cell a pipe needs a backslash, which other places would show: text with a
    pipe becomes an HTML element.
    """
    line = _shown(value)
    if not line.strip():
        return ""
    fence = "`" * (_longest_run(line) + 1)
    if "|" in line or len(fence) > _LONGEST_FENCE:
        return f"<code>{text(line)}</code>"
    pad = " " if line[0] in " `" or line[-1] in " `" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def link(label: str, url: str, *, redirected: bool = True) -> str:
    """Return a link to a well-formed http(s) address, else the label alone.

    GitHub adds a backlink to issues and pull requests that are linked: `redirected` links avoid it by way of
    redirect.github.com.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").encode("idna").decode().rstrip("."), parts.port
    except ValueError:
        return text(label)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not _HOST.fullmatch(host):
        return text(label)
    if redirected and host in _REFERRING_HOSTS:
        host, port = "redirect.github.com", None
    rest = parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    written = quote(_LONE_PERCENT.sub("%25", rest.encode("utf-8", "replace").decode()), safe="/%?#&=+,;:@~._-")
    address = f"{parts.scheme}://{host}{f':{port}' if port else ''}{_ENTITY.sub('&amp;', written)}"
    return f"[{text(label) or text(url)}]({address})"


def own_link(label: str, url: str) -> str:
    """Return a link to a line, run or pull request of our own repository, where a backlink is welcome."""
    return link(label, url, redirected=False)


def fenced(value: str, language: str = "") -> str:
    """Return text as a fenced block without a final newline; `language` is not foreign text."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    body = "\n".join(_shown(line, kept="\t") for line in lines).removesuffix("\n")
    fence = "`" * max(3, _longest_run(body) + 1)
    return f"{fence}{re.sub(r'[^0-9A-Za-z+-]', '', language)}\n{body}\n{fence}"


def shortened(value: str, limit: int) -> str:
    """Return at most `limit` characters, the last one `…` if some were cut; no letter is cut from its marks.

    Shorten text before it is escaped: cutting Markdown could change its meaning.
    """
    if len(value) <= limit:
        return value
    at = max(limit - 1, 0)
    while at > 0 and _continues(value, at):
        at -= 1
    return value[:at].rstrip() + "…" if limit > 0 else ""


def _shown(value: str, kept: str = "") -> str:
    """Return text without invisible characters; each separator of lines or words becomes one plain space."""
    if value.isascii() and value.isprintable():
        return value
    spaced = "".join(" " if each.isspace() and each not in kept else each for each in value)
    seen = (each for each in spaced if each in kept or unicodedata.category(each) not in _DROPPED)
    return _INVISIBLE.sub("", "".join(seen))


def _longest_run(value: str) -> int:
    return max((len(run) for run in _TICKS.findall(value)), default=0)


def _continues(value: str, at: int) -> bool:
    """Return True if the character belongs to the one before: a mark, a joined emoji, half a flag, a part of Hangul."""
    before, here = value[at - 1], value[at]
    if unicodedata.category(here)[0] == "M" or BREAKER in (before, here) or ord(here) in _SKIN_TONES:
        return True
    if ord(here) in _REGIONAL:
        flags = at - len(value[:at].rstrip("".join(map(chr, _REGIONAL))))
        return flags % 2 == 1
    if "\U000e0020" <= here <= "\U000e007f":  # the letters of a region's flag
        return True
    return "\u1160" <= here <= "\u11ff" and ("\u1100" <= before <= "\u11ff" or "가" <= before <= "힣")
