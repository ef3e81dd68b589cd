"""What is private and so never read: files by their names, records and tables by their keys. `private.toml` has both.

An archive or a folder may hold messages, e-mail, telephone numbers or contacts beside the posts. Nothing outside a file
tells what is in it, so its name decides, in whole words: `direct-messages.js`, `inbox/message_1.json`,
`phoneNumbers.csv`. A file that the user names by itself is opened.

Records that are messages are known by their keys, whatever their file is called. Chats with a dialect of their own
(Telegram, WhatsApp, Discord, Slack, Matrix, Meta's) are not among these: there the user may ask for their own words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

#: `sentEmails` and `SMSLog` are several words.
_WORD = re.compile(r"DMs(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_LONGEST = 1024
#: Folders of a Slack export with conversations of two or a few people.
_DIRECT = re.compile(r"D0[0-9A-Z]{7,9}|mpdm-.{1,200}")
_PATH = re.compile(
    r"direct[\s_-]?messag|\bdm[\s_-]?conversation|message[\s_-]?create|^dms?$|^inbox$|chat[\s_-]?history|private[\s_-]?messag",
    re.IGNORECASE,
)
#: The keys of a liked post in X's archive. Scrapers write more, also whose post it is.
_OF_LIKES = frozenset({"tweetId", "fullText", "expandedUrl"})


@cache
def _tables() -> tuple[frozenset[str], list[tuple[str, frozenset[str]]], dict[str, str]]:
    """Words in names of files; what records hold, with the keys that say it; why it is not read if it isn't private."""
    tables = tomllib.loads(files(__package__).joinpath("private.toml").read_text(encoding="utf-8"))
    signatures = [(what, frozenset(keys)) for what, *keys in tables["signatures"]]
    return frozenset(tables["file_names"].split()), signatures, tables["why"]


def is_private(name: str) -> bool:
    """Whether a path within an archive or a folder, with `/`, names something private.

    >>> is_private("data/direct-messages.js"), is_private("posts/2024.csv"), is_private("myEmails.json")
    (True, False, True)
    """
    if any(_DIRECT.fullmatch(part) for part in name[:_LONGEST].split("/")[:-1]):
        return True
    words = _tables()[0]
    return any(word.casefold() in words for word in _WORD.findall(name[:_LONGEST]))


def is_litter(name: str) -> bool:
    """Whether a path names what a system leaves behind: hidden files, additions of macOS and Windows."""
    parts = name.split("/")
    litter = ("Thumbs.db", "desktop.ini")
    return any(part.startswith(".") or part == "__MACOSX" for part in parts) or parts[-1] in litter


def why_unread(what: str) -> str:
    """What a file holds, and why it is not read; a clause that follows the file's name."""
    return f"holds {what}. {_tables()[2].get(what, 'They are private, and no option reads them.')}"


def private_path(steps: Iterable[Any]) -> str | None:
    """What lies under a path that says it is private; None for any other path."""
    return "direct messages" if any(isinstance(step, str) and _PATH.search(step) for step in steps) else None


def private_records(records: Sequence[Mapping[str, Any]]) -> str | None:
    """What the records are, if one of the first is a private message; else None."""
    return next((what for record in records[:20] if (what := private_names(record.keys()))), None)


def private_names(names: Iterable[str]) -> str | None:
    """What a record with these keys, or a table with these columns, holds that is not to be read; else None."""
    keys = set(names)
    if keys <= _OF_LIKES and {"tweetId", "fullText"} <= keys:
        return "what was liked, saved or followed"
    return next((what for what, signature in _tables()[1] if signature <= keys), None)
