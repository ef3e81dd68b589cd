"""Filters on who wrote a post, and how it came about."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import ClassVar

from curation import sql
from curation.options.bounds import AtLeast
from curation.rules.base import Filter, param, require

_AUTOMATED = tomllib.loads(files("curation.rules").joinpath("automated.toml").read_text(encoding="utf-8"))
#: Names of applications that post on their own, in lower case.
AUTOMATED_CLIENTS = tuple(_AUTOMATED["clients"])
#: Expressions of RE2 for the texts that applications write, as the texts begin.
TEMPLATES = tuple(map("".join, _AUTOMATED["templates"]))

#: SQL: whether a reply is not to its own author, or to somebody unknown.
TO_OTHERS = "coalesce(lower(reply_to_author) <> lower(author), true)"
#: `RT @name` after something else.
BY_HAND = r"(?:^|[^A-Za-z0-9_])RT:? ?[@＠][A-Za-z0-9_]"


@dataclass(frozen=True, kw_only=True)
class Retweet(Filter):
    """Somebody else's post passed on: flagged as a repost, or beginning with `RT @`

    Archives of 2019 and later have no flag, and only the beginning of the text shows a retweet, so either is enough.
    """

    use: ClassVar[str] = "retweet"
    training_row: ClassVar[str] = "Retweets"
    title: ClassVar[str] = "Retweets"

    manual: bool = param(False, doc="also posts that quote by hand, with `RT @` after words or signs of their own")

    def removes(self) -> str:
        return sql.any_of(self.grounds().values())

    def grounds(self) -> dict[str, str]:
        conditions = {"flagged as a repost": "is_repost", "begins with RT @": "starts_with(raw_text, 'RT @')"}
        if self.manual:
            by_hand = f"(contains(raw_text, 'RT') AND {sql.matches('raw_text', BY_HAND)})"
            conditions["has RT @ after words or signs of its own"] = by_hand
        return conditions


@dataclass(frozen=True, kw_only=True)
class Reply(Filter):
    """An answer to somebody: flagged as a reply, or beginning with a mention"""

    use: ClassVar[str] = "reply"
    title: ClassVar[str] = "Replies"

    to_self: bool = param(False, doc="also answers to one's own posts, such as the later parts of a thread")

    def removes(self) -> str:
        reply = "coalesce(is_reply, starts_with(raw_text, '@'))"
        if self.to_self:
            return reply
        return f"{reply} AND {TO_OTHERS}"

    def grounds(self) -> dict[str, str]:
        to_others = "" if self.to_self else f" AND {TO_OTHERS}"
        flagged = f"is_reply{to_others}"
        return {
            "flagged as a reply to {reply_to_author}": f"reply_to_author IS NOT NULL AND {flagged}",
            "flagged as a reply": f"reply_to_author IS NULL AND {flagged}",
            "begins with a mention": f"is_reply IS NULL AND starts_with(raw_text, '@'){to_others}",
        }


@dataclass(frozen=True, kw_only=True)
class Quote(Filter):
    """A post that quotes another post"""

    use: ClassVar[str] = "quote"
    title: ClassVar[str] = "Quotes"

    def removes(self) -> str:
        return "is_quote"


@dataclass(frozen=True, kw_only=True)
class Deleted(Filter):
    """A post that its author deleted and an archive still holds"""

    use: ClassVar[str] = "deleted"
    title: ClassVar[str] = "Deleted by the author"

    def removes(self) -> str:
        return "is_deleted"


@dataclass(frozen=True, kw_only=True)
class Automated(Filter):
    """Posted by an application on its own: feeds, schedulers, cross-posts, check-ins

    The rule compares the whole name of the application, in any case, and the texts that applications write by
    themselves (`I'm at … https://…`, `I liked a @YouTube video`), which also helps where the source does not name the
    application. The lists contain applications that post without a person writing a text for them. In 527,000 real
    posts the names match 12,900 posts and the texts 1,640 more; of about a hundred of these that people checked, two
    were jokes in the words of an application. People also write with some of these applications: a reply to somebody
    else stays, whatever wrote it, unless its words are an application's.
    """

    use: ClassVar[str] = "automated"
    title: ClassVar[str] = "Automated posts"

    clients: tuple[str, ...] = param(AUTOMATED_CLIENTS, doc="names of applications, as in the column `client`")
    also: tuple[str, ...] = param((), doc="more names, in addition to `clients`")
    bots: bool = param(True, doc="also every application whose name ends with `bot`, with or without a number")
    templates: tuple[str, ...] = param(
        TEMPLATES,
        doc="beginnings of texts that applications write: expressions of RE2, for the post as downloaded",
        pattern=True,
    )
    also_templates: tuple[str, ...] = param((), doc="more expressions, in addition to `templates`", pattern=True)

    def check(self) -> None:
        for pattern in (*self.templates, *self.also_templates):
            if pattern not in TEMPLATES:
                wrong = _wrong_in(pattern)
                require(wrong is None, self, f"{pattern!r} is no expression to find texts by: {wrong}.")

    def removes(self) -> str:
        return sql.any_of(self.grounds().values())

    def grounds(self) -> dict[str, str]:
        names, conditions = sorted({*self.clients, *self.also}), []
        if names:
            conditions.append(f"lower(client) IN ({_lowered(names)})")
        if self.bots:
            conditions.append(sql.matches("lower(client)", r"bot(?:[ ._-]?[0-9.]+)?$"))
        grounds = {}
        if conditions:
            to_others = "coalesce(is_reply, false) AND lower(reply_to_author) IS DISTINCT FROM lower(author)"
            grounds["posted by {client}"] = f"({sql.any_of(conditions)}) AND NOT ({to_others})"
        templates = [f"(?:{pattern})" for pattern in (*self.templates, *self.also_templates)]
        if templates:
            grounds["begins with words of an application"] = sql.matches("raw_text", f"^(?:{'|'.join(templates)})")
        return grounds


@dataclass(frozen=True, kw_only=True)
class Sensitive(Filter):
    """A post that its author or the platform marked as possibly sensitive

    The mark comes from the platform (X: a picture or link that may be sensitive; Mastodon and Bluesky: media behind a
    warning) and says little about the words. A post is kept if the source does not say.
    """

    use: ClassVar[str] = "sensitive"
    title: ClassVar[str] = "Marked as sensitive"

    def removes(self) -> str:
        return "is_sensitive"


@dataclass(frozen=True, kw_only=True)
class Truncated(Filter):
    """Cut off by the platform: a long text that ends with `…`, or with `…` and a link to the rest

    The rule looks at the post as downloaded, so it does not matter whether links were removed before. An `…` at the end
    counts as a cut if the text contains `RT @`; so does an `…` before a final link. Of 6,100 such real posts, 96% have
    110 characters or more, most of them 139 or 140; in shorter ones, the author mostly typed it. Other posts stay:
    7,200 more end with an `…` that people typed. Three full stops before a final link do not count, because people type
    them as often as feeds add them.
    """

    use: ClassVar[str] = "truncated"
    title: ClassVar[str] = "Cut off"

    min_length: int = param(
        110,
        doc="code points; in a shorter text the author typed the `…`. Links and `RT @name:` count; an entity is one",
        check=AtLeast(0),
    )

    def removes(self) -> str:
        plain = "replace(replace(replace(raw_text, '&amp;', '&'), '&lt;', '<'), '&gt;', '>')"
        cut = r"(?s)^RT @.*…$|[^A-Za-z0-9_]RT:? ?[@＠].*…$|… ?https?://[!-~]+$"
        long = f"length({plain}) >= {self.min_length}"
        return sql.in_turn("contains(raw_text, '…')", sql.matches("raw_text", cut), long)


@dataclass(frozen=True, kw_only=True)
class DateRange(Filter):
    """Posted before the first or after the last day

    A post without a date is kept.
    """

    use: ClassVar[str] = "date_range"
    title: ClassVar[str] = "Outside the dates"

    first: datetime.date | None = param(None, doc="first day that is kept, UTC; a date such as 2019-01-31")
    last: datetime.date | None = param(None, doc="last day that is kept, UTC")

    def check(self) -> None:
        require(self.first is not None or self.last is not None, self, "give `first`, `last` or both.")
        if self.first and self.last:
            require(self.first <= self.last, self, f"`first` ({self.first}) comes after `last` ({self.last}).")

    def removes(self) -> str:
        limits = (("<", self.first), (">", self.last))
        return sql.any_of(f"CAST(created_at AS DATE) {sign} {sql.literal(day)}" for sign, day in limits if day)


@dataclass(frozen=True, kw_only=True)
class Author(Filter):
    """By an author who is not wanted

    Case and a leading `@` do not matter in handles.
    """

    use: ClassVar[str] = "author"
    values_of: ClassVar[str] = "author"
    title: ClassVar[str] = "Other authors"

    keep: tuple[str, ...] = param((), doc="handles; if there are any, all others go")
    drop: tuple[str, ...] = param((), doc="handles that go")

    def check(self) -> None:
        require(bool(self.keep or self.drop), self, "give `keep` or `drop`, a list of handles.")

    def removes(self) -> str:
        lists = (("NOT IN", self.keep), ("IN", self.drop))
        return sql.any_of(f"lower(author) {which} ({_handles(names)})" for which, names in lists if names)


def _handles(names: tuple[str, ...]) -> str:
    return _lowered(name.removeprefix("@") for name in names)


def _lowered(names: Iterable[str]) -> str:
    # The database lowers the column too: Python's lower() gives other letters for some, such as İ.
    return ", ".join(f"lower({sql.literal(name)})" for name in names)


def _wrong_in(pattern: str) -> str | None:
    """What is wrong with an expression of RE2; None if it is valid."""
    import duckdb

    if not pattern:
        return "it is empty and would find every text"
    try:
        duckdb.connect().execute(f"SELECT {sql.matches(sql.literal(''), pattern)}")
    except duckdb.Error as error:
        return str(error).partition(": ")[2] or str(error)
    return None
