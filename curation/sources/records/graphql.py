"""Posts out of raw answers of X's website (GraphQL), as rows of the raw schema.

Scrapers save them: timelines, searches, conversations, single posts. All of them nest posts somewhere under
`tweet_results.result`; what is between differs and changes from month to month. So this module knows nothing of
timelines and entries: it walks an answer in its order, and every object with the keys of a tweet is a post, also a
pinned one and those of a conversation around it. It doesn't walk into a tweet: what a tweet quotes or passes on is no
post of the answer.

A tweet's `legacy` is API v1.1's tweet, and is read as such. Beside it are the id (`rest_id`), the author
(`core.user_results`, with the handle in `legacy` or, since 2025, in `core`), the whole text of a long post
(`note_tweet`, never escaped; `full_text` always is), the client and the views.

Advertisements, and the tombstones that X shows in the place of posts, are each a `LeftOutRecord`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from curation.sources.records.any_json import as_record
from curation.sources.records.articles import body_of_article
from curation.sources.records.fields import reference
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost
from curation.sources.records.tweets import post_from_tweet, whole_repost
from curation.sources.records.x_api_posts import RowOrReason

_ADVERTISEMENT = LeftOutRecord("an advertisement")
_TOMBSTONES = ("TweetTombstone", "TweetUnavailable", "TweetPreviewDisplay")
#: Characters of a tombstone's sentence that are repeated to the user.
_SENTENCE = 160


def rows_of_dump(answer: Mapping[str, Any]) -> list[RowOrReason]:
    """The posts of an answer, or of any part of one (an entry, a single tweet), in their order.

    One `RowOrReason` each; the record beside a row is the tweet's own object. Lists of users and empty timelines give
    nothing. Never raises, whatever is in `answer`.
    """
    return [_post_or_reason(node) for node in _nodes(answer) if isinstance(node, NotAPost) or not _is_profile(node)]


def holds_only_users(answer: Mapping[str, Any]) -> bool:
    """Whether an answer is about users (followers, members, a profile) and has no place for posts."""
    nodes = list(_nodes(answer))
    return bool(nodes) and all(isinstance(node, dict) and _is_profile(node) for node in nodes)


def _nodes(answer: Any) -> Iterator[dict[str, Any] | LeftOutRecord]:
    """Tweets, what is in their place, and profiles; depth first, in the order of the answer."""
    waiting = [answer]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += reversed(node)
        elif isinstance(node, dict):
            results = node.get("tweet_results")
            if isinstance(results, dict) and "promotedMetadata" in node:
                yield _ADVERTISEMENT
            elif isinstance(results, dict) and "result" not in results:
                yield LeftOutRecord("X shows nothing in the place of the post")
            elif _is_tweet(node):
                yield node
            elif _is_profile(node):
                yield node
                waiting += reversed([part for name, part in node.items() if name.startswith("timeline")])
            elif "tombstone" in node or node.get("__typename") in _TOMBSTONES:
                yield LeftOutRecord(_sentence(node))
            else:
                waiting += reversed(node.values())


def _is_tweet(node: dict[str, Any]) -> bool:
    if node.get("__typename") in ("Tweet", "TweetWithVisibilityResults"):
        return True
    return "full_text" in as_record(node.get("legacy")) and "rest_id" in node


def _is_profile(node: dict[str, Any]) -> bool:
    return any("screen_name" in as_record(node.get(part)) for part in ("legacy", "core"))


def _sentence(tombstone: dict[str, Any]) -> str:
    """Why X doesn't show a post, as X puts it."""
    text = _at(tombstone, "tombstone", "text", "text")
    if not isinstance(text, str):
        text = tombstone.get("reason")
    sentence = " ".join(text.split()).removesuffix(" Learn more")[:_SENTENCE] if isinstance(text, str) else ""
    return f"X shows a notice in the place of the post: “{sentence}”" if sentence else "X doesn't show the post"


def _post_or_reason(node: dict[str, Any] | LeftOutRecord) -> RowOrReason:
    if isinstance(node, LeftOutRecord):
        return node
    tweet = _unwrapped(node)
    text = _text(tweet)
    if text is None:
        return LeftOutRecord(_sentence(tweet)) if "tombstone" in tweet else NotAPost("it has no text")
    return _row(tweet, text), node


def _row(tweet: dict[str, Any], own: tuple[str, str]) -> dict[str, Any]:
    legacy, user = as_record(tweet.get("legacy")), _author(tweet)
    original, quoted = _held(tweet, "retweeted_status_result"), _held(tweet, "quoted_status_result")
    more = {
        "id_str": reference(tweet.get("rest_id")) or reference(legacy.get("id_str")),
        "user": user,
        "source": tweet.get("source") or legacy.get("source"),
        "view_count": as_record(tweet.get("views")).get("count"),
        "edit_control": tweet.get("edit_control") or legacy.get("edit_control"),
        "retweeted_status": {"id_str": original.get("rest_id")} if original else None,
        "quoted_status": {"id_str": quoted.get("rest_id")} if quoted else None,
    }
    row = post_from_tweet(legacy | more, author_id=reference(legacy.get("user_id_str")))
    row["is_repost"] = bool(original) or bool(row["repost_of"])
    row["text"], row["text_format"] = own
    if original:
        row["text"], row["text_format"] = whole_repost(
            own, _text(original) or (None, own[1]), _handle(_author(original))
        )
    community = as_record(_at(tweet, "community_results", "result"))
    row["community"] = reference(community.get("id_str")) or reference(community.get("rest_id"))
    return row


def _text(tweet: dict[str, Any]) -> tuple[str, str] | None:
    """The whole text that a tweet itself has, and its form."""
    whole = _at(tweet, "note_tweet", "note_tweet_results", "result", "text")
    if isinstance(whole, str) and whole:
        return whole, "plain"
    text = as_record(tweet.get("legacy")).get("full_text")
    body = body_of_article(_at(tweet, "article", "article_results", "result"), text)
    return body or ((text, "escaped") if isinstance(text, str) else None)


def _author(tweet: dict[str, Any]) -> dict[str, Any]:
    """The author as API v1.1 would say: `screen_name`, `name`, `id_str`; empty where X doesn't show the account."""
    user = as_record(_at(tweet, "core", "user_results", "result"))
    new, old = as_record(user.get("core")), as_record(user.get("legacy"))
    name = _handle(new) or _handle(old)
    if name is None:
        return {}
    return {"screen_name": name, "name": new.get("name") or old.get("name"), "id_str": reference(user.get("rest_id"))}


def _handle(user: dict[str, Any]) -> str | None:
    name = user.get("screen_name")
    return name if isinstance(name, str) and name else None


def _held(tweet: dict[str, Any], key: str) -> dict[str, Any]:
    """The tweet that another one holds under `key`; empty if there is none, or a tombstone."""
    held = _at(tweet, key, "result") or _at(tweet, "legacy", key, "result")
    return _unwrapped(held) if isinstance(held, dict) else {}


def _unwrapped(tweet: dict[str, Any]) -> dict[str, Any]:
    """The tweet itself, where X wraps it to say what may be done with it."""
    inner = tweet.get("tweet")
    return inner if isinstance(inner, dict) and "legacy" not in tweet else tweet


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
