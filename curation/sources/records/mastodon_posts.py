"""Statuses of Mastodon's API, and of the servers that speak it, as rows of the raw schema.

*Which id.* Every server numbers the posts that it knows for itself, so that one post has many numbers and one
number names many posts. All of them agree on the post's address in ActivityPub: `uri` in the API, `id` in an archive's
outbox, `https://example.social/users/ada/statuses/109`. That is the row's `id`, so that a post counts once whichever
server it was read through, and an archive (`outbox_posts`) agrees with the API. A boost has its own,
`…/statuses/110/activity`; if a server gives the original's for it (Pleroma, Akkoma), it is that with `#repost:` and the
handle of whoever boosted. `global_id` makes the same of a page's address.

*What is text.* What people see: the content warning, a blank line, and the content in plain text (see `html_text`).
A poll's options and the descriptions of pictures stay in `raw`, as on X.

*What is private stays unread.* Posts for followers or for the people they mention are no training text. `is_public`
says what may be read; a post that doesn't say whom it is for is not public.

Nothing here raises, whatever types are in a status.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.sources.records.any_json import as_count, as_flag, as_record, as_records, string, web_address
from curation.sources.records.fediverse import (
    PLATFORM,
    POST_ADDRESS,
    fediverse_text,
    global_id,
    host_of,
    quotes_in_text,
)
from curation.sources.records.moments import parse_time

#: Values of `visibility` that anybody may read. Pleroma's `local` and others are for some people only.
_PUBLIC = frozenset(("public", "unlisted"))


def is_public(status: Mapping[str, Any]) -> bool:
    """Whether anybody may read a status; of a boost also whether the original is for anybody."""
    status = as_record(status)
    boosted = as_record(status.get("reblog"))
    return not as_flag(status.get("local_only")) and _visible(status) and (not boosted or _visible(boosted))


def row_of_status(status: Mapping[str, Any], host: str | None = None) -> dict[str, Any]:
    """The row of a status; keys are columns of `curation.posts.POST_COLUMNS`.

    `host` is the server of the request (`example.social`): it completes handles of its own users, which the API gives
    without it. If it is unknown, the address of the profile tells. `text` is None for a status without one, and so is
    `id`. The caller leaves out what is not `is_public`, and adds `source`, `source_file`, `source_line` and `raw`.
    """
    status = as_record(status)
    account, boosted = as_record(status.get("account")), as_record(status.get("reblog"))
    shown = boosted or status  # a boost has no text, language or counts of its own
    author = _handle(account, host)
    post_id = _identity(status, host)
    original = _identity(boosted, host) if boosted else None
    if boosted and (post_id is None or post_id == original):
        post_id = f"{original}#repost:{author}" if original and author else None
    is_quote, quote_of = (False, None) if boosted else _quote(status)
    reply_to, reply_to_author = (None, None) if boosted else _answered(status, host)
    return {
        "platform": PLATFORM,
        "id": post_id,
        "author": author,
        "author_name": string(account.get("display_name")) or string(account.get("username")),
        "author_id": _account_id(account, status),
        "created_at": parse_time(status.get("created_at")),
        "text": fediverse_text(shown.get("spoiler_text"), shown.get("content")),
        "text_format": "plain",
        "lang": string(shown.get("language")),
        "is_repost": True if boosted else (False if "reblog" in status else None),
        "repost_of": original,
        "is_reply": False if boosted else _is_reply(status),
        "reply_to": reply_to,
        "reply_to_author": reply_to_author,
        "is_quote": is_quote,
        "quote_of": quote_of,
        "edited_at": parse_time(shown.get("edited_at")),
        "is_sensitive": as_flag(shown.get("sensitive")),
        "client": string(as_record(status.get("application")).get("name")),
        "url": web_address(status.get("url")) or web_address(shown.get("url")),
        "like_count": as_count(shown.get("favourites_count")),
        "repost_count": as_count(shown.get("reblogs_count")),
        "reply_count": as_count(shown.get("replies_count")),
        "quote_count": as_count(shown.get("quotes_count")),
    }


def _visible(status: Mapping[str, Any]) -> bool:
    return string(status.get("visibility")) in _PUBLIC


def _identity(status: Mapping[str, Any], host: str | None) -> str | None:
    uri, url, number = (string(status.get(key)) for key in ("uri", "url", "id"))
    if uri or url:
        return uri or global_id(url or "")
    return f"{number}@{host}" if number and host else None


def _handle(account: Mapping[str, Any], host: str | None) -> str | None:
    acct = string(account.get("acct")) or string(account.get("username"))
    acct = acct.removeprefix("@") if acct else None
    if not acct or "@" in acct:
        return acct or None
    host = host or host_of(account.get("url")) or host_of(account.get("uri"))
    return f"{acct}@{host}" if host else acct


def _account_id(account: Mapping[str, Any], status: Mapping[str, Any]) -> str | None:
    """The author's address in ActivityPub. Servers before 4.2 name it in the address of a post only."""
    own = POST_ADDRESS.fullmatch(string(status.get("uri")) or "")
    return web_address(account.get("uri")) or (own[1] if own else None) or web_address(account.get("url"))


def _is_reply(status: Mapping[str, Any]) -> bool | None:
    telling = ("in_reply_to_id", "in_reply_to_account_id")
    if any(string(status.get(key)) for key in telling):
        return True  # of a post that was deleted since, only the account is left
    return False if any(key in status for key in telling) else None


def _answered(status: Mapping[str, Any], host: str | None) -> tuple[str | None, str | None]:
    """Id and author of the answered post.

    The API has its number on the server of the request. That gives an address if both authors are at home there, so
    for all threads of one's own on Mastodon; otherwise the id is None.
    """
    number, account_number = string(status.get("in_reply_to_id")), string(status.get("in_reply_to_account_id"))
    account = as_record(status.get("account"))
    own = POST_ADDRESS.fullmatch(string(status.get("uri")) or "")
    at_home = bool(number and own and own[3] == status.get("id"))
    if account_number is None:
        return None, None
    if account_number == account.get("id"):
        return (f"{own[1]}/statuses/{number}" if own and at_home else None), _handle(account, host)
    for mention in as_records(status.get("mentions")):
        if mention.get("id") == account_number:
            name = string(mention.get("acct")) or ""
            near = at_home and name and "@" not in name
            address = f"{own[1].rpartition('/')[0]}/{name}/statuses/{number}" if own and near else None
            return address, _handle(mention, host)
    # Pleroma names the answered author also where the post doesn't mention them.
    return None, _handle({"acct": as_record(status.get("pleroma")).get("in_reply_to_account_acct")}, host)


def _quote(status: Mapping[str, Any]) -> tuple[bool | None, str | None]:
    """Whether a status quotes, and the id of the quoted post, if it may be seen.

    Mastodon wraps the quoted status, or its number alone, with a `state`; Akkoma and Fedibird give it as it is;
    Pleroma has it below `pleroma`.
    """
    elsewhere = as_record(status.get("pleroma"))
    quote = as_record(status.get("quote")) or as_record(elsewhere.get("quote"))
    named = web_address(elsewhere.get("quote_url"))
    if quote:
        return True, _identity(as_record(quote.get("quoted_status")) or quote, None) or named
    if named or string(status.get("quote_id")) or quotes_in_text(status.get("content")):
        return True, named
    return (False if "quote" in status or "quote" in elsewhere else None), None
