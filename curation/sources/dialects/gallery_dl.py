"""Metadata that gallery-dl keeps beside pictures: one object for each picture of a post.

`author.name` is the handle and `author.nick` the display name. A post with several pictures has one object for each;
they count as one post. `gallery-dl -j` prints lists, `[3, "https://…", {…}]` for a picture and `[2, {…}]` for the post
itself; the object in the list is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, Dialect, RowOrReason
from curation.sources.dialects.tumblr import Tumblr
from curation.sources.dialects.weibo import Weibo
from curation.sources.records.any_json import as_record, string
from curation.sources.records.dates import written_time
from curation.sources.records.fields import count_under, handle, reference, whole_number, word, yes_or_no
from curation.sources.records.not_a_post import NotAPost

#: The keys of a post's text and of its id on each site.
_SITES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "twitter": (("content",), ("tweet_id",)),
    "mastodon": (("content",), ("uri", "url", "id")),
    "bluesky": (("text",), ("uri", "post_id", "cid")),
    "instagram": (("description",), ("post_id", "shortcode", "post_shortcode")),
    "tumblr": ((), ()),  # read as the API's posts, which they are
    "reddit": (("title", "selftext"), ("id",)),
    "weibo": (("text_raw", "text"), ("idstr", "mid")),
}


class GalleryDl(Dialect):
    """Posts out of the metadata of gallery-dl."""

    name: ClassVar[str] = "gallery-dl"
    doc: ClassVar[str] = "metadata of gallery-dl: the .json beside pictures, `metadata.jsonl`, and what `-j` prints"
    origin: ClassVar[str] = (
        "gallery-dl, with metadata turned on or with `-j`. Only posts with a picture or video are in it, unless "
        "`text-tweets` was set."
    )

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A category and a subcategory, which only gallery-dl writes."""
        if string(record.get("category")) in _SITES and "subcategory" in record:
            return CERTAIN
        names = {"tweet_id", "retweet_id", "content"} <= record.keys()
        return CERTAIN if names and "nick" in as_record(record.get("author")) else 0.0

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        site = record.get("category") if isinstance(record.get("category"), str) else "twitter"
        if site not in _SITES:
            return [NotAPost(f"nothing is known of the site '{str(site)[:40]}'")]
        if site == "tumblr":
            return Tumblr.posts(record, context)
        if site == "weibo" and isinstance(record.get("status"), dict):
            return Weibo.posts(record["status"], context)
        return [(_row(record, site, context), record)]


def _row(record: Mapping[str, Any], site: str, context: Context) -> dict[str, Any]:
    texts, ids = _SITES[site]
    is_tweet = site == "twitter"
    retweeted, quoted = reference(record.get("retweet_id")), reference(record.get("quote_id"))
    # Of a retweet, `author` wrote the original and `user` passed it on.
    people = ("user", "author", "account") if retweeted else ("author", "user", "account")
    author = next((as_record(record[key]) for key in people if as_record(record.get(key))), {})
    name = author.get("name") if is_tweet else author.get("handle") or author.get("acct") or author.get("name")
    replied = reference(record.get("reply_id"))
    parts = [record[key] for key in texts if isinstance(record.get(key), str) and record[key].strip()]
    text = ("\n\n".join(parts) if site == "reddit" else parts[0]) if parts else _empty(record, texts)
    below = as_record(as_record(record.get("reply")).get("parent")).get("uri") if site == "bluesky" else None
    replied = replied or reference(below)
    post_id = next((value for key in ids if (value := reference(record.get(key)))), None)
    author_handle = handle(name) or handle(record.get("username"))
    names = (*(author.get(key) for key in ("nick", "displayName", "display_name")), record.get("fullname"))
    address = f"https://x.com/{author_handle}/status/{post_id}" if author_handle and post_id else None
    return {
        "platform": "x" if is_tweet else site,
        "id": post_id,
        "author": author_handle,
        "author_name": next(filter(None, map(word, names)), None),
        "author_id": reference(author.get("id")) or reference(author.get("did")),
        "created_at": written_time(record.get("date"), context.order),
        "text": text,
        # `content` of tweets is unescaped by gallery-dl.
        "text_format": "html" if site == "mastodon" else "plain",
        "lang": word(record.get("lang")),
        "is_repost": bool(retweeted) if "retweet_id" in record else None,
        "repost_of": retweeted,
        "is_reply": bool(replied) if "reply_id" in record or site == "bluesky" else None,
        "reply_to": replied,
        "reply_to_author": handle(record.get("reply_to")),
        "is_quote": bool(quoted and not retweeted) if "quote_id" in record else None,
        "quote_of": None if retweeted else quoted,
        "conversation_id": reference(record.get("conversation_id")),
        "is_sensitive": yes_or_no(record.get("sensitive")),
        "client": word(record.get("source")) if is_tweet else None,
        "url": address if is_tweet else None,
        "like_count": count_under(record, "favorite_count", "likeCount", "likes"),
        "repost_count": count_under(record, "retweet_count", "repostCount"),
        "reply_count": count_under(record, "reply_count", "replyCount", "comments"),
        "quote_count": whole_number(record.get("quote_count")),
        "view_count": whole_number(record.get("view_count")),
    }


def _empty(record: Mapping[str, Any], texts: tuple[str, ...]) -> str | None:
    """The empty text of a post that only has pictures; None where there is no such key."""
    return next((record[key] for key in texts if isinstance(record.get(key), str)), None)
