"""Posts out of what X's API v2 answers, as rows of the raw schema.

An answer is a page: the posts in `data`, and in `includes` the users, posts and media that they refer to. Only `data`
holds posts of the page; the rest is context. twarc2's *flattened* form is a post with that context put into it.
`rows_of_response` reads both.

**Text.** The API cuts the text of a retweet after some 140 characters, with `…`. The original is in `includes`, so a
retweet lands as `RT @handle: ` and the original's whole text. A post of more than 280 characters has its whole text in
`note_tweet`, and `text` is cut. `text` is escaped (`&amp;`, `&lt;`, `&gt;`); for long texts see `form_of_long_text`.

**Edited posts.** X gives every version of a post an id of its own and lists them all in `edit_history_tweet_ids`.
Timelines and searches answer with the newest version alone. A row keeps the id of its version, as X's addresses,
replies to it and every other form of export do. Under the first id, one post that comes from here and from an archive
would be two. So a post that was downloaded before and after an edit is two rows; `edit_of` is the id of the first
version in both, and the rule `superseded` keeps the last.

**Notices.** Where an account is withheld or suspended, X writes a sentence of its own in the place of the text.
That is a `LeftOutRecord`, so that it neither lands nor covers the text that landed earlier.

What an answer doesn't say is None. A flag is False only where the request asked for references: see `rows_of_response`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from curation.sources.records.any_json import as_count, as_record, as_records
from curation.sources.records.articles import body_of_article
from curation.sources.records.edits import first_version
from curation.sources.records.fields import handle, id_text, reference, word, yes_or_no
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost
from curation.sources.records.tweets import NOTICE, PLATFORM, client_name, is_unescaped, whole_repost

#: What a record gives: a row with the record that it was made of, or why there is none.
RowOrReason = tuple[dict[str, Any], Mapping[str, Any]] | NotAPost

#: Objects of the API that are no posts: a name, what they are, and keys that tell them.
OTHER_OBJECTS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("x-messages", "direct messages", frozenset({"event_type"})),
    ("x-messages", "direct messages", frozenset({"dm_conversation_id"})),
    ("x-users", "profiles of users", frozenset({"username", "name"})),
    ("x-users", "profiles of users", frozenset({"screen_name", "followers_count"})),
    ("x-counts", "counts of posts, not the posts", frozenset({"tweet_count", "start", "end"})),
    ("x-lists", "descriptions of lists, not their posts", frozenset({"owner_id", "member_count"})),
    ("x-lists", "descriptions of lists, not their posts", frozenset({"follower_count", "member_count", "private"})),
    ("x-compliance", "notes of what was deleted or protected (compliance)", frozenset({"id", "action", "reason"})),
)
_MAY_HAVE_TEXT = frozenset({"x-messages"})

_ENTITY = re.compile("&(?:amp|lt|gt);")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}


@dataclass(frozen=True)
class _Context:
    """What a page includes, by id."""

    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    tweets: dict[str, dict[str, Any]] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    polls: dict[str, dict[str, Any]] = field(default_factory=dict)
    complete: bool = False  # whether the answer says what a post refers to, if it refers to anything


def rows_of_response(page: Mapping[str, Any], *, references_requested: bool | None = None) -> list[RowOrReason]:
    """The posts of an answer of the API (`data`, `includes`, `errors`, `meta`), or of one flattened tweet.

    One `RowOrReason` for each object in `data`, in its order, then a `LeftOutRecord` for each post that was requested
    by id and is gone. The record beside a row has the form of an answer too (`data` is the one post, `includes` what it
    needs), and can be read again by itself; that of a flattened tweet is the tweet. An answer without posts gives
    nothing, an error message one `NotAPost`.

    `references_requested` says whether the request asked for `referenced_tweets`: then a post without any is surely
    no reply and no quote. None means that the answer may show it. Never raises, whatever is in `page`.
    """
    if "text" in page and "data" not in page:  # a flattened tweet
        return [_post_or_reason(page, _context_of_flattened(page, references_requested), page)]
    data = page.get("data")
    absent: list[RowOrReason] = [
        LeftOutRecord(f"X gives the post no more ({reason})") for reason in _absent(page.get("errors"))
    ]
    if data is None:
        return absent or _without_data(page)
    context = _context_of_page(page, references_requested)
    return [_post_or_reason(tweet, context) for tweet in (data if isinstance(data, list) else [data])] + absent


def other_object(record: Any) -> str | None:
    """Which of `OTHER_OBJECTS` a record is, by its name; None for a post and for what isn't known."""
    if not isinstance(record, dict):
        return None
    may = _MAY_HAVE_TEXT if {"text", "full_text"} & record.keys() else None
    return next((n for n, _, keys in OTHER_OBJECTS if keys <= record.keys() and (may is None or n in may)), None)


def form_of_long_text(whole: str, cut: Any) -> str:
    """The `text_format` of a long post's whole text: `plain`, or `escaped` if it shows that it is.

    `cut` is the beginning of the same text, escaped: where it has an entity, the whole text has either that entity or
    its character. Otherwise a character that escaping would have replaced tells.
    """
    entity = _ENTITY.search(cut) if isinstance(cut, str) else None
    if entity and whole.startswith(cut[: entity.end()]):
        return "escaped"
    if entity and whole.startswith(cut[: entity.start()] + _ENTITIES[entity[0]]):
        return "plain"
    return "escaped" if _ENTITY.search(whole) and not is_unescaped(whole) else "plain"


def _post_or_reason(tweet: Any, context: _Context, record: Mapping[str, Any] | None = None) -> RowOrReason:
    if not isinstance(tweet, dict):
        return NotAPost("it is not an object")
    other = other_object(tweet)
    if other:
        return NotAPost(f"it belongs to {next(doc for name, doc, _ in OTHER_OBJECTS if name == other)}")
    own = _text(tweet)
    if own is None:
        keys = ", ".join(list(map(str, tweet))[:6]) or "none"
        return NotAPost(f"it has no text (its keys: {keys})")
    row = _row(tweet, own, context)
    if NOTICE.fullmatch(row["text"]):
        return LeftOutRecord("X put a notice in the place of the text (account withheld or unavailable)")
    return row, record if record is not None else _record(tweet, context)


def _row(tweet: dict[str, Any], own: tuple[str, str], context: _Context) -> dict[str, Any]:
    post_id = id_text(tweet.get("id"))
    user = context.users.get(reference(tweet.get("author_id")) or "", {})
    author = handle(user.get("username"))
    named = _references(tweet)
    repost_of, reply_to = named.get("retweeted"), named.get("replied_to")
    answered = reference(tweet.get("in_reply_to_user_id"))
    text, form = own
    is_repost = _flag("retweeted" in named, context.complete or not text.startswith("RT @"))
    original = context.tweets.get(repost_of or "")
    if is_repost and original:
        by = context.users.get(reference(original.get("author_id")) or "", {})
        text, form = whole_repost(own, _text(original) or (None, form), handle(by.get("username")))
    conversation = reference(tweet.get("conversation_id"))
    is_reply = bool("replied_to" in named or answered or (conversation and post_id and conversation != post_id))
    metrics = as_record(tweet.get("public_metrics"))
    return {
        "platform": PLATFORM,
        "id": post_id,
        "author": author,
        "author_name": word(user.get("name")),
        "author_id": reference(tweet.get("author_id")),
        "created_at": parse_time(tweet.get("created_at")),
        "text": text,
        "text_format": form,
        "lang": word(tweet.get("lang")),
        "is_repost": is_repost,
        "repost_of": repost_of,
        "is_reply": _flag(is_reply, context.complete or conversation is not None),
        "reply_to": reply_to,
        "reply_to_author": _answered_author(tweet, answered, reply_to, context),
        # A retweet adds no text to what the original quotes.
        "is_quote": False if is_repost else _flag("quoted" in named, context.complete),
        "quote_of": None if is_repost else named.get("quoted"),
        "conversation_id": conversation,
        "edit_of": first_version(tweet, post_id),
        "is_sensitive": yes_or_no(tweet.get("possibly_sensitive")),
        "community": reference(tweet.get("community_id")),
        "client": client_name(word(tweet.get("source"))),
        "url": f"https://x.com/{author}/status/{post_id}" if author and post_id else None,
        "like_count": as_count(metrics.get("like_count")),
        "repost_count": as_count(metrics.get("retweet_count")),
        "reply_count": as_count(metrics.get("reply_count")),
        "quote_count": as_count(metrics.get("quote_count")),
        "view_count": as_count(metrics.get("impression_count")),
    }


def _text(tweet: Mapping[str, Any]) -> tuple[str, str] | None:
    """The whole text that a tweet itself has, and its form."""
    text, whole = tweet.get("text"), as_record(tweet.get("note_tweet")).get("text")
    if isinstance(whole, str) and whole:
        return whole, form_of_long_text(whole, text)
    if body := body_of_article(tweet.get("article"), text):
        return body
    return (text, "escaped") if isinstance(text, str) else None


def _references(tweet: Mapping[str, Any]) -> dict[str, str | None]:
    """What a tweet refers to: `retweeted`, `quoted`, `replied_to` → id, the first of each."""
    named: dict[str, str | None] = {}
    for other in as_records(tweet.get("referenced_tweets")):
        if isinstance(other.get("type"), str):
            named.setdefault(other["type"], reference(other.get("id")))
    return named


def _answered_author(
    tweet: Mapping[str, Any], user_id: str | None, post_id: str | None, context: _Context
) -> str | None:
    """The handle of the answered author: of an included user, or of the mention of that user in the text."""
    if user_id is None:
        user_id = reference(context.tweets.get(post_id or "", {}).get("author_id"))
    if user_id is None:
        return None
    mentions = as_records(as_record(tweet.get("entities")).get("mentions"))
    users = [context.users.get(user_id, {}), *(m for m in mentions if reference(m.get("id")) == user_id)]
    return next((name for name in (handle(user.get("username")) for user in users) if name), None)


def _flag(is_so: bool, would_say: bool) -> bool | None:
    return True if is_so else (False if would_say else None)


def _context_of_page(page: Mapping[str, Any], complete: bool | None) -> _Context:
    includes, data = as_record(page.get("includes")), page.get("data")
    if complete is None:
        of_page = [*as_records(data), *as_records(includes.get("tweets")), as_record(data)]
        complete = "__twarc" in page or any("referenced_tweets" in tweet for tweet in of_page)  # twarc asks for all
    keys = {"users": "id", "tweets": "id", "media": "media_key", "places": "id", "polls": "id"}
    return _Context(**{name: _by(includes.get(name), key) for name, key in keys.items()}, complete=complete)


def _context_of_flattened(tweet: Mapping[str, Any], complete: bool | None) -> _Context:
    if complete is None:
        complete = "__twarc" in tweet or "referenced_tweets" in tweet
    others = [other for other in as_records(tweet.get("referenced_tweets")) if isinstance(other.get("text"), str)]
    near = [tweet.get("author"), tweet.get("in_reply_to_user"), *(other.get("author") for other in others)]
    return _Context(users=_by(near, "id"), tweets=_by(others, "id"), complete=complete)


def _record(tweet: dict[str, Any], context: _Context) -> dict[str, Any]:
    """One post with what it needs, in the form of an answer of the API."""
    others = _picked(context.tweets, _references(tweet).values())
    both = (tweet, *others)
    attached = [as_record(one.get("attachments")) for one in both]
    includes = {
        "users": _picked(context.users, [one.get("author_id") for one in both] + [tweet.get("in_reply_to_user_id")]),
        "tweets": others,
        "media": _picked(context.media, [key for one in attached for key in _keys(one, "media_keys")]),
        "places": _picked(context.places, [as_record(one.get("geo")).get("place_id") for one in both]),
        "polls": _picked(context.polls, [key for one in attached for key in _keys(one, "poll_ids")]),
    }
    includes = {name: objects for name, objects in includes.items() if objects}
    return {"data": tweet, "includes": includes} if includes else {"data": tweet}


def _absent(errors: Any) -> Iterator[str]:
    """Why each post that was requested by its id isn't in the answer."""
    for error in as_records(errors):
        if error.get("parameter") in ("id", "ids") and error.get("resource_type") in ("tweet", "post"):
            yield (word(error.get("title")) or "no reason given")[:80]


def _without_data(page: Mapping[str, Any]) -> list[RowOrReason]:
    if page.get("errors") or {"title", "detail"} <= page.keys():
        return [NotAPost("it is an error message of the other side, not a post")]
    if isinstance(page.get("meta"), dict) or isinstance(page.get("includes"), dict):
        return []
    keys = ", ".join(list(map(str, page))[:6]) or "none"
    return [NotAPost(f"it is no answer of the X API (its keys: {keys})")]


def _by(objects: Any, key: str) -> dict[str, dict[str, Any]]:
    return {name: one for one in as_records(objects) if (name := reference(one.get(key)))}


def _picked(objects: dict[str, dict[str, Any]], keys: Iterable[Any]) -> list[dict[str, Any]]:
    names = dict.fromkeys(name for name in map(reference, keys) if name)
    return [objects[name] for name in names if name in objects]


def _keys(attachments: Mapping[str, Any], name: str) -> list[Any]:
    keys = attachments.get(name)
    return keys if isinstance(keys, list) else []
