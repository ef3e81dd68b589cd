"""What Mastodon's API and ActivityPub have in common: addresses of posts and people, and the parts of a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from curation.functions.html_text import plain_text
from curation.sources.records.any_json import as_record, string, web_address

PLATFORM = "mastodon"

#: The ActivityPub address of a post on Mastodon and GoToSocial: its author's, and its number there.
POST_ADDRESS = re.compile(r"(https?://[^/?#\s]+/users/([^/?#\s]+))/statuses/([^/?#\s]+)(?:/activity)?")

_PAGE = re.compile(r"(https?://[^/?#\s]+)/@([^/@?#\s]+)/(?:statuses/(\w+)|(\d+))/?(?:[?#].*)?", re.ASCII | re.DOTALL)
_ACTOR = re.compile(r"https?://[^/?#\s]+/(?:users/|@|profile/|u/|author/)([^/?#@\s]+)/?")
_QUOTED_IN_TEXT = "quote-inline"
_LONGEST_ADDRESS = 2048


def global_id(address: str) -> str:
    """The id of the post with this page: its address in ActivityPub for Mastodon and GoToSocial, else `address`.

    >>> global_id("https://example.social/@ada/109")
    'https://example.social/users/ada/statuses/109'
    """
    page = page_of_post(address)
    return f"{page[0]}/users/{page[1]}/statuses/{page[2]}" if page else address


def page_of_post(address: str) -> tuple[str, str, str] | None:
    """Server (`https://example.social`), user and number in the address of a post's page."""
    page = _PAGE.fullmatch(address) if len(address) < _LONGEST_ADDRESS else None
    return (page[1], page[2], page[3] or page[4]) if page else None


def handle_of_actor(actor: Mapping[str, Any] | str | None, host: str | None = None) -> str | None:
    """`ada@example.social` for an actor: an archive's `actor.json`, or an address; None if it doesn't tell.

    `host` is for an actor without an address.
    """
    described = as_record(actor)
    address = web_address(described.get("id") if described else actor)
    named = _ACTOR.fullmatch(address) if address else None
    name = string(described.get("preferredUsername")) or (named[1] if named else None)
    where = host_of(address) or host
    return f"{name}@{where}" if name and where else None


def host_of(address: object) -> str | None:
    """The server that an address of the web names, with its port if it names one."""
    address = web_address(address)
    try:
        return (urlsplit(address).netloc.rpartition("@")[2].lower() or None) if address else None
    except ValueError:
        return None


def fediverse_text(warning: object, content: object, title: object = None) -> str | None:
    """Content warning, title and content (HTML) one below the other, as people see them; None without a content."""
    if not isinstance(content, str):
        return None
    above = [part.strip() for part in (warning, title) if isinstance(part, str)]
    return "\n\n".join(part for part in (*above, plain_text(content)) if part)


def quotes_in_text(content: object) -> bool:
    """Whether a content ends or begins with the "RE: https://…" that marks a quoted post."""
    return isinstance(content, str) and _QUOTED_IN_TEXT in content
