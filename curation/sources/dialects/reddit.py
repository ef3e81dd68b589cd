"""Posts and comments of Reddit: dumps of Pushshift and its successors, answers of the API, and one's own data.

The text of a post is its title and, below it, its body; the text of a comment is its body. `[removed]` and `[deleted]`
are not texts. The API and the dumps write `&amp;`, `&lt;` and `&gt;`. The id is Reddit's full name, `t3_…` for a post
and `t1_…` for a comment, because posts and comments share one range of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, LIKELY, Context, Dialect, RowOrReason
from curation.sources.records.any_json import as_record, as_records
from curation.sources.records.dates import written_time
from curation.sources.records.fields import id_text, whole_number, word, yes_or_no
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost

_GONE = frozenset({"[removed]", "[deleted]", "[deleted by user]", "[ removed by reddit ]", "[removed by reddit]"})
#: Columns of one's own data that never land.
_PRIVATE = frozenset({"ip", "gildings"})
#: Heads of the tables that Reddit sends its users.
_OWN_POSTS = frozenset({"id", "permalink", "date", "subreddit", "title", "body"})
_OWN_COMMENTS = frozenset({"id", "permalink", "date", "subreddit", "link", "parent", "body"})


class Reddit(Dialect):
    """Posts and comments of Reddit."""

    name: ClassVar[str] = "reddit"
    doc: ClassVar[str] = "posts and comments of Reddit: dumps (`RS_…`, `RC_…`, also .zst), API, one's own data as CSV"
    platform: ClassVar[str] = "reddit"
    origin: ClassVar[str] = (
        "Pushshift's and Academic Torrents' dumps, Arctic Shift, what the API answers, and Reddit's *Request a copy of "
        "your data* (posts.csv, comments.csv; the column of IP addresses is not read)."
    )

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A subreddit, and the names of a post or a comment."""
        thing = _thing(record)
        if thing is not record:
            return CERTAIN
        if "subreddit" not in record:
            return 0.0
        if {"body", "link_id"} <= record.keys() or {"title", "selftext"} <= record.keys():
            return CERTAIN
        if {"title", "created_utc"} <= record.keys() or {"body", "created_utc"} <= record.keys():
            return LIKELY
        return cls.columns_score(record.keys())

    @classmethod
    def columns_score(cls, names: Iterable[str]) -> float:
        """The heads of one's own data, or of a dump that was made a table."""
        heads = {str(name).strip().casefold() for name in names}
        if heads >= _OWN_COMMENTS or heads >= _OWN_POSTS:
            return CERTAIN
        post = {"title", "selftext"} <= heads
        return CERTAIN if {"subreddit", "created_utc"} <= heads and (post or "body" in heads) else 0.0

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        """The post or comment, and the comments below it where the API nests them."""
        posts: list[RowOrReason] = []
        waiting: list[Mapping[str, Any]] = [record]
        while waiting:
            outer = waiting.pop()
            thing = _thing(outer)
            if outer.get("kind") == "Listing":
                waiting += reversed(_children(outer))
            elif outer.get("kind") == "more":
                posts.append(LeftOutRecord("the API names more comments here without their texts"))
            else:
                posts.append(_post_or_reason(thing, context))
                waiting += reversed(_children(as_record(thing.get("replies"))))
        return posts


def _thing(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The post or comment in the API's envelope, or the record itself."""
    if record.get("kind") in ("t1", "t3", "Listing", "more"):
        return as_record(record.get("data"))
    return record


def _children(listing: Mapping[str, Any]) -> list[dict[str, Any]]:
    return as_records(as_record(listing.get("data")).get("children"))


def _post_or_reason(thing: Mapping[str, Any], context: Context) -> RowOrReason:
    is_comment = "body" in thing and ("title" not in thing or "link_id" in thing)
    keys = ("body",) if is_comment else ("title", "selftext" if "selftext" in thing else "body")
    parts = [thing[key].strip() for key in keys if isinstance(thing.get(key), str)]
    if not parts:
        return NotAPost(f"it has no text (its keys: {', '.join(list(map(str, thing))[:6]) or 'none'})")
    texts = [part for part in parts if part and part.casefold() not in _GONE]
    if not texts:
        return LeftOutRecord("the text was removed or deleted" if any(parts) else "it has no words")
    raw = {key: value for key, value in thing.items() if key not in _PRIVATE and key != "replies"}
    return _row(thing, "\n\n".join(texts), is_comment, context), raw


def _row(thing: Mapping[str, Any], text: str, is_comment: bool, context: Context) -> dict[str, Any]:
    prefix = "t1_" if is_comment else "t3_"
    author = word(thing.get("author"))
    parent = _full_name(thing.get("parent_id") or (thing.get("parent") if is_comment else None), "t1_")
    link = _full_name(thing.get("link_id") or thing.get("link"), "t3_")
    crosspost = _full_name(thing.get("crosspost_parent"), "t3_")
    name = _full_name(thing.get("name") or thing.get("id"), prefix)
    own = "permalink" in thing and "date" in thing and "created_utc" not in thing  # of one's own data
    permalink = word(thing.get("permalink"))
    score = thing.get("score") if thing.get("score") is not None else thing.get("ups")
    return {
        "platform": Reddit.platform,
        "id": name,
        "author": None if author in _GONE else author,
        "author_id": id_text(thing.get("author_fullname")),
        "created_at": written_time(thing.get("created_utc", thing.get("date")), context.order),
        "text": text,
        # One's own data has the text as it was typed.
        "text_format": "plain" if own else "escaped",
        "is_repost": False,
        "is_reply": is_comment,
        "reply_to": (parent or link) if is_comment else None,
        "is_quote": bool(crosspost),
        "quote_of": crosspost,
        "conversation_id": link if is_comment else name,
        "is_sensitive": yes_or_no(thing.get("over_18")),
        "community": word(thing.get("subreddit")),
        "url": f"https://www.reddit.com{permalink}" if permalink and permalink.startswith("/") else permalink,
        "like_count": whole_number(score),
        "reply_count": whole_number(thing.get("num_comments")),
    }


def _full_name(value: Any, prefix: str) -> str | None:
    """`t3_abc` for a name, an id or an address of Reddit's; None for nothing."""
    text = id_text(value)
    if not text:
        return None
    if "/" in text:  # one's own data has addresses
        parts = [part for part in text.split("?")[0].split("/") if part]
        if "comments" not in parts:
            return None
        below = parts[parts.index("comments") + 1 :]
        text = below[0] if prefix == "t3_" or len(below) < 3 else below[2]
        prefix = prefix if prefix == "t3_" or len(below) >= 3 else "t3_"
    return text if text[:3] in ("t1_", "t3_") else prefix + text
