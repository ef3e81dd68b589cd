"""Filters that ask whose words they are and how they came about."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from curation import sql
from curation.options.bounds import AtLeast
from curation.rules.base import Filter, param, require
from curation.rules.templates import TEMPLATES

#: `RT @name` after something else.
BY_HAND = r"(?:^|[^A-Za-z0-9_])RT:? ?[@＠][A-Za-z0-9_]"


@dataclass(frozen=True, kw_only=True)
class Retweet(Filter):
    """Somebody else's post passed on: flagged as a repost, or beginning with `RT @`

    Archives of 2019 and later carry no flag, there only the text's beginning tells; so both are asked.
    """

    use: ClassVar[str] = "retweet"
    training_row: ClassVar[str] = "Retweets"
    title: ClassVar[str] = "Retweets"

    manual: bool = param(
        False,
        doc="also posts that quote somebody by hand, with `RT @` after words or signs of their own",
    )

    def removes(self) -> str:
        conditions = ["is_repost", "starts_with(raw_text, 'RT @')"]
        if self.manual:
            conditions.append(f"(contains(raw_text, 'RT') AND {sql.matches('raw_text', BY_HAND)})")
        return sql.any_of(conditions)


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
        return f"{reply} AND coalesce(lower(reply_to_author) <> lower(author), true)"


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


#: Applications that post by themselves; their names as X shows them, in lower case.
AUTOMATED_CLIENTS = (
    "ifttt", "zapier", "dlvr.it", "twitterfeed", "twittbot.net", "cheap bots, done quick!", "paper.li",
    "buffer", "hootsuite", "hootsuite inc.", "sprout social", "socialoomph", "recurpost", "smarterqueue",
    "foursquare", "swarm", "runkeeper", "strava", "fitbit", "last.fm", "getglue", "untappd", "goodreads",
    "instagram", "tumblr", "facebook", "linkedin", "youtube", "wordpress.com", "flipboard", "pocket",
    "autotweety.net", "makebot.sh", "shindan maker", "shindanmaker", "tweepsmap", "crowdfire", "crowdfireapp",
    "fllwrs", "unfollowers.com", "commun.it", "favstar.fm", "tweetmemebutton", "sharethis", "addthis",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Automated(Filter):
    """Posted by an application on its own: feeds, schedulers, cross-posts, check-ins

    Told by the application's name, compared as a whole and without regard to case, and by texts that applications
    write by themselves (`I'm at … https://…`, `I liked a @YouTube video`), which also holds where the source does
    not name the application. The lists were put together from applications that post without a person writing a
    text for them. On 527,000 real posts the names find 12,900 and the texts 1,640 more; of some
    hundred of these that were looked at, two were jokes in an application's words.
    """

    use: ClassVar[str] = "automated"
    title: ClassVar[str] = "Automated posts"

    clients: tuple[str, ...] = param(AUTOMATED_CLIENTS, doc="names of applications, as the column `client` has them")
    also: tuple[str, ...] = param((), doc="further names, added to `clients`")
    bots: bool = param(True, doc="also every application whose name ends with `bot`, a number behind it or not")
    templates: tuple[str, ...] = param(
        TEMPLATES, doc="texts that applications write, as they begin: expressions of RE2, in the post as downloaded"
    )
    also_templates: tuple[str, ...] = param((), doc="further expressions, added to `templates`")

    def check(self) -> None:
        for pattern in (*self.templates, *self.also_templates):
            if pattern not in TEMPLATES:
                wrong = _wrong_in(pattern)
                require(wrong is None, self, f"{pattern!r} is no expression to find texts by: {wrong}.")

    def removes(self) -> str:
        names = sorted({*self.clients, *self.also})
        conditions = [f"lower(client) IN ({_lowered(names)})"] if names else []
        if self.bots:
            conditions.append(sql.matches("lower(client)", r"bot(?:[ ._-]?[0-9.]+)?$"))
        templates = [f"(?:{pattern})" for pattern in (*self.templates, *self.also_templates)]
        if templates:
            conditions.append(sql.matches("raw_text", f"^(?:{'|'.join(templates)})"))
        return sql.any_of(conditions)


@dataclass(frozen=True, kw_only=True)
class Sensitive(Filter):
    """A post that its author or the platform marked as possibly sensitive

    The mark is the platform's (X: a picture or a link that may be sensitive; Mastodon and Bluesky: media behind a
    warning) and says little about the words. A post of which the source does not say is kept.
    """

    use: ClassVar[str] = "sensitive"
    title: ClassVar[str] = "Marked as sensitive"

    def removes(self) -> str:
        return "is_sensitive"


@dataclass(frozen=True, kw_only=True)
class Truncated(Filter):
    """Cut off by the platform: a long text that ends with `…`, or with `…` and a link to the rest

    What counts is the post as it was downloaded, so it does not matter whether links were taken out before. An
    `…` at the end is a cut where the text holds `RT @`, and so is one before a last link: of 6,100 such real posts
    96 % have 110 characters or more, most of them 139 or 140, and shorter ones are mostly people's own. No other
    post is removed: another 7,200 end with an `…` that people typed. Three full stops before a last link are as
    often people's own as a feed's, and count for nothing.
    """

    use: ClassVar[str] = "truncated"
    title: ClassVar[str] = "Cut off"

    min_length: int = param(
        110,
        doc="code points below which an `…` is the author's own; the link and the `RT @name:` count, an entity is one",
        check=AtLeast(0),
    )

    def removes(self) -> str:
        plain = "replace(replace(replace(raw_text, '&amp;', '&'), '&lt;', '<'), '&gt;', '>')"
        cut = r"(?s)^RT @.*…$|[^A-Za-z0-9_]RT:? ?[@＠].*…$|… ?https?://[!-~]+$"
        return f"contains(raw_text, '…') AND {sql.matches('raw_text', cut)} AND length({plain}) >= {self.min_length}"


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
        day = "CAST(created_at AS DATE)"
        conditions = []
        if self.first:
            conditions.append(f"{day} < {sql.literal(self.first)}")
        if self.last:
            conditions.append(f"{day} > {sql.literal(self.last)}")
        return sql.any_of(conditions)


@dataclass(frozen=True, kw_only=True)
class Author(Filter):
    """By an author who is not wanted

    Handles are compared without regard to case and to a leading `@`.
    """

    use: ClassVar[str] = "author"
    values_of: ClassVar[str] = "author"
    title: ClassVar[str] = "Other authors"

    keep: tuple[str, ...] = param((), doc="handles; when there are any, all others go")
    drop: tuple[str, ...] = param((), doc="handles that go")

    def check(self) -> None:
        require(bool(self.keep or self.drop), self, "give `keep` or `drop`, a list of handles.")

    def removes(self) -> str:
        conditions = []
        if self.keep:
            conditions.append(f"lower(author) NOT IN ({_handles(self.keep)})")
        if self.drop:
            conditions.append(f"lower(author) IN ({_handles(self.drop)})")
        return sql.any_of(conditions)


def _handles(names: tuple[str, ...]) -> str:
    return _lowered(name.removeprefix("@") for name in names)


def _lowered(names: Iterable[str]) -> str:
    # By the database, as the column is: Python's lower() gives other letters for some, such as İ.
    return ", ".join(f"lower({sql.literal(name)})" for name in names)


def _wrong_in(pattern: str) -> str | None:
    """What RE2 has against an expression; None when it takes it."""
    import duckdb

    if not pattern:
        return "it is empty and would find every text"
    try:
        duckdb.connect().execute(f"SELECT {sql.matches(sql.literal(''), pattern)}")
    except duckdb.Error as error:
        return str(error).partition(": ")[2] or str(error)
    return None
