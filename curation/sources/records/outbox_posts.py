"""Activities of the outbox in an archive of Mastodon, as rows of the raw schema.

A post is a `Create` with the post in it; a boost is an `Announce` that names only the original's address. Ids, texts
and what is private are as in `mastodon_posts`; the title of an article or a video is a part of its text.

Nothing here raises, whatever types are in an activity.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.sources.records.any_json import as_count, as_flag, as_record, as_records, string, web_address
from curation.sources.records.fediverse import (
    PLATFORM,
    POST_ADDRESS,
    fediverse_text,
    handle_of_actor,
    host_of,
    page_of_post,
    quotes_in_text,
)
from curation.sources.records.moments import parse_time

#: How ActivityPub addresses everybody.
EVERYBODY = frozenset(("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"))
#: Activities that are posts; others are likes, follows, edits, …
POSTING = frozenset(("Create", "Announce"))

_QUOTES = ("quote", "quoteUrl", "quoteUri", "_misskey_quote")


def is_posting(activity: Mapping[str, Any]) -> bool:
    """Whether an activity is a post or a boost."""
    return string(as_record(activity).get("type")) in POSTING


def is_public_activity(activity: Mapping[str, Any]) -> bool:
    """Whether an activity is addressed to everybody, and the post in it as well."""
    activity = as_record(activity)
    held = activity.get("object")
    return _for_everybody(activity) and (not isinstance(held, Mapping) or _for_everybody(held))


def row_of_activity(
    activity: Mapping[str, Any], host_or_actor: Mapping[str, Any] | str | None
) -> dict[str, Any] | None:
    """The row of an activity; None for one that is no post or not public, so that nothing of it is read.

    `host_or_actor` is the archive's `actor.json`, or else the author's server. A boost's text is empty unless it holds
    the original. `text` is None for an activity without a post in it.
    """
    if not is_posting(activity) or not is_public_activity(activity):
        return None
    is_boost = activity["type"] == "Announce"
    held = activity.get("object")
    post = as_record(held)
    actor = as_record(host_or_actor)
    author_id = _identifier(activity.get("actor")) or _identifier(post.get("attributedTo")) or _identifier(actor)
    author, author_name = _author(author_id, actor, host_or_actor if isinstance(host_or_actor, str) else None)
    text = _text(post)
    answered = None if is_boost else _identifier(post.get("inReplyTo"))
    quoted = None if is_boost else next(filter(None, (_identifier(post.get(key)) for key in _QUOTES)), None)
    return {
        "platform": PLATFORM,
        "id": _identifier(activity) if is_boost else _identifier(post) or _identifier(activity),
        "author": author,
        "author_name": author_name,
        "author_id": author_id,
        "created_at": parse_time(activity.get("published")) or parse_time(post.get("published")),
        "text": (text or "") if is_boost else text,
        "text_format": "plain",
        "lang": _language(post),
        "is_repost": is_boost,
        "repost_of": _identifier(held) if is_boost else None,
        "is_reply": answered is not None,
        "reply_to": answered,
        "reply_to_author": _author_answered(answered, post, author_id, author),
        "is_quote": not is_boost and (quoted is not None or quotes_in_text(post.get("content"))),
        "quote_of": quoted,
        "conversation_id": _identifier(post.get("context")) or _identifier(post.get("conversation")),
        "edited_at": parse_time(post.get("updated")),
        "is_sensitive": as_flag(post.get("sensitive")),
        "client": string(as_record(post.get("generator")).get("name")),
        "url": _first_address(post.get("url")),
        "like_count": as_count(as_record(post.get("likes")).get("totalItems")),
        "repost_count": as_count(as_record(post.get("shares")).get("totalItems")),
        "reply_count": as_count(as_record(post.get("replies")).get("totalItems")),
    }


def _author(author_id: str | None, actor: Mapping[str, Any], host: str | None) -> tuple[str | None, str | None]:
    """Handle and name of an activity's author: of the archive's actor, unless the activity names another."""
    if actor and author_id == _identifier(actor):
        return handle_of_actor(actor), string(actor.get("name")) or string(actor.get("preferredUsername"))
    return handle_of_actor(author_id, host), None


def _text(post: Mapping[str, Any]) -> str | None:
    content = post.get("content")
    if not isinstance(content, str):
        translations = as_record(post.get("contentMap"))
        content = next((text for text in translations.values() if isinstance(text, str)), None)
    title = None if post.get("type") == "Note" else string(post.get("name"))
    return fediverse_text(post.get("summary"), "" if content is None and title else content, title)


def _language(post: Mapping[str, Any]) -> str | None:
    languages = list(as_record(post.get("contentMap")))
    return string(languages[0]) if len(languages) == 1 else None


def _author_answered(
    answered: str | None, post: Mapping[str, Any], author_id: str | None, author: str | None
) -> str | None:
    """The handle of the answered author: in the address, or of the only mentioned person who is at home there."""
    if answered is None:
        return None
    if author_id and answered.startswith(f"{author_id}/"):
        return author
    if own := POST_ADDRESS.fullmatch(answered):
        return handle_of_actor(own[1])
    if page := page_of_post(answered):
        return f"{page[1]}@{host_of(page[0])}"
    where = host_of(answered)
    mentioned = [tag for tag in as_records(post.get("tag")) if tag.get("type") == "Mention"]
    near = [string(tag.get("name")) for tag in mentioned if where and host_of(tag.get("href")) == where]
    if len(near) != 1 or not near[0]:
        return None
    name = near[0].removeprefix("@")
    return name if "@" in name else f"{name}@{where}"


def _for_everybody(addressed: Mapping[str, Any]) -> bool:
    values = (addressed.get("to"), addressed.get("cc"))
    return any(
        string(name) in EVERYBODY for value in values for name in (value if isinstance(value, list) else [value])
    )


def _identifier(value: object) -> str | None:
    """The id of an object of ActivityPub, which may also be given as its id alone."""
    return string(value.get("id") if isinstance(value, Mapping) else value)


def _first_address(value: object) -> str | None:
    """The first address of a `url`, which may be a list of links."""
    ones = value if isinstance(value, list) else [value]
    addresses = (web_address(one.get("href") if isinstance(one, Mapping) else one) for one in ones)
    return next(filter(None, addresses), None)
