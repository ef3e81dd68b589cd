"""The source `bluesky`: an account's posts, replies and reposts, as Bluesky's public API lists them.

*The order.* An author's feed is sorted by the earlier of `createdAt` and `indexedAt` for posts, and by the time of
the repost for reposts. That time is an entry's place, in microseconds since 1970.

*The cursor* is the time of a page's last item: in ISO 8601 at Bluesky itself, `<milliseconds>__<cid>` where somebody
runs the published server. So a place gives a cursor. That matters: the server sometimes omits the cursor in the middle
of a list (bluesky-social/atproto issues 2134 and 2616), and a client that trusts it takes a part for the whole. Here
the list continues below the last post until a page is empty.

*The count* in a profile is of the account's own posts and replies; reposts are not in it.

*Accounts that hide from logged-out visitors* (the label `!no-unauthenticated`) are not read here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import unquote, urlencode, urlsplit

from curation.errors import InputError, RefusedError, UsageError
from curation.sources.base import TargetPart
from curation.sources.feed import CursorExpiredError, Entry, FeedPage, PagedFeed, Profile
from curation.sources.http.listed_items import ListedItems
from curation.sources.http.patience import Patience
from curation.sources.http.transport import WebError
from curation.sources.http.web import Web
from curation.sources.records.any_json import as_count, as_record, as_records, string, whole_characters
from curation.sources.records.bluesky_posts import PLATFORM, row_of_feed_item
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost

#: The server that answers everybody.
PUBLIC_SERVER = "https://public.api.bsky.app"
#: The domain of handles that Bluesky gives away.
HANDLES = "bsky.social"
#: Items of a page; the most that the API allows.
PAGE_ITEMS = 100

_APPS = frozenset(("bsky.app", "www.bsky.app", "staging.bsky.app"))
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HANDLE = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]){_LABEL}")
_NAME = re.compile(_LABEL)
_DID = re.compile(r"did:[a-z]+:[a-z0-9._:%-]+")
_HIDDEN = "!no-unauthenticated"
_NOT_SHOWN = "whoever wrote them asks that only people who are logged in to Bluesky see them"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME_CURSOR = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z", re.ASCII)
_KEY_CURSOR = re.compile(r"\d+__\S+", re.ASCII)
_LONGEST_CURSOR = 4096

#: What the server's own words mean, by what its error or its message contains.
_REFUSALS = {
    "AccountTakedown": "Bluesky has taken down {who}, so its posts are not shown any more.",
    "AccountDeactivated": "{who} is deactivated by its owner, so its posts are not shown. What has landed stays.",
    "BlockedActor": "{host} does not show the posts of {who} because of a block.",
    "BlockedByActor": "{host} does not show the posts of {who} because of a block.",
    "profile not found": "There is no account {who} on Bluesky. Check the handle: a name such as ada.bsky.social, "
    "or a domain of one's own.",
    "unable to resolve handle": "There is no account {who} on Bluesky. Check the handle.",
    "suspended": "Bluesky has suspended {who}, so its posts are not shown.",
    "taken down": "Bluesky has taken down {who}, so its posts are not shown any more.",
    "deactivated": "{who} is deactivated by its owner, so its posts are not shown. What has landed stays.",
}


class BlueskyFeed(PagedFeed):
    """An account of Bluesky, from its newest post to its first one."""

    name: ClassVar[str] = "bluesky"
    needs: ClassVar[str] = "a handle, such as ada.bsky.social; no account and no token"
    gives: ClassVar[str] = "its posts, replies, quotes and reposts"

    @classmethod
    def target_parts(cls) -> tuple[TargetPart, ...]:
        return (TargetPart("Handle", "As ada.bsky.social, or the address of a profile."),)

    def __init__(
        self,
        target: str,
        *,
        base_url: str | None = None,
        max_posts: int | None = None,
        patience: Patience | None = None,
    ) -> None:
        """`target` is a handle, a DID or the address of a profile. Raises `UsageError` for anything else."""
        super().__init__(base_url=base_url, max_posts=max_posts, patience=patience)
        self._actor = actor_of(target)
        self._web = Web(base_url or PUBLIC_SERVER, patience=self.patience)
        self._items = ListedItems(_entry)
        self._did: str | None = None  # stays the same when the handle changes
        self._cursor: str | None = None  # the last one in use: it shows the form of this server's cursors

    @property
    def target(self) -> str:
        """The handle or the DID."""
        return self._actor

    def listen(self, waiting: Callable[[str], None]) -> None:
        self._web.listen(waiting)

    def profile(self) -> Profile:
        """Who it is, and how many posts they wrote, replies included.

        Raises `InputError`, and `RefusedError` for whoever asks not to be shown to people without an account.
        """
        try:
            answer = as_record(self._ask("app.bsky.actor.getProfile", {"actor": self._actor}))
        except WebError as error:
            raise self._refusal(error) from error
        did = string(answer.get("did"))
        if did is None or not _DID.fullmatch(did.lower()):
            raise InputError(f"{self._web.host} does not answer as Bluesky does: its profile has no DID.")
        if _is_hidden(answer):
            raise RefusedError(
                f"{self._actor} asks that only people who are logged in to Bluesky see their posts, so nothing was "
                "fetched. Ask them whether they give you an export of their repository; it can be read as a file."
            )
        self._did = did
        row = whole_characters(row_of_feed_item({"post": {"author": answer}}))
        expected = as_count(answer.get("postsCount"))
        return Profile(PLATFORM, row["author"], row["author_id"], expected, counts_reposts=False)

    def cursor_below(self, place: int) -> str | None:
        """A cursor in the form of this server; it gives the posts of that same moment once more."""
        if self._cursor is None:
            return None
        after = place // 1000 + 1  # milliseconds; what is listed below a cursor is earlier than it
        if _KEY_CURSOR.fullmatch(self._cursor):
            return f"{after}__z"
        if not _TIME_CURSOR.fullmatch(self._cursor):
            return None
        try:
            moment = _EPOCH + timedelta(milliseconds=after)
        except OverflowError:
            return None
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def notices(self) -> tuple[str, ...]:
        """What was left out."""
        return self._items.notices()

    def page_at(self, cursor: str | None) -> FeedPage:
        """A page of the feed, from one request."""
        self._cursor = cursor or self._cursor
        method = "app.bsky.feed.getAuthorFeed"
        query = {"actor": self._did or self._actor, "limit": PAGE_ITEMS, "filter": "posts_with_replies"}
        query |= {"includePins": "false"} | ({"cursor": cursor} if cursor else {})
        try:
            answer = as_record(self._ask(method, query))
        except WebError as error:
            if cursor and _is_of_cursor(error):
                raise CursorExpiredError(f"{self._web.host} does not know the place any more: {error}") from error
            raise self._refusal(error) from error
        items = answer.get("feed")
        if not isinstance(items, list):
            raise InputError(f"{self._web.host} does not answer as Bluesky does: its page has no list of posts.")
        place = {"cursor": cursor} if cursor else {"actor": self._actor}
        where = f"{self._web.base_url}/xrpc/{method}?{urlencode(place, safe=':')}"
        entries, rejected = self._items.read(items, where)
        return FeedPage(entries, self._below(answer.get("cursor"), cursor, entries, bool(items)), rejected)

    def _below(self, given: object, cursor: str | None, entries: list[Entry], listed: bool) -> str | None:
        """The cursor of the page below; made from the last post's place if the server omits it."""
        if isinstance(given, str) and given.isascii() and 0 < len(given) <= _LONGEST_CURSOR:
            self._cursor = given
            return given if listed or given != cursor else None
        below = self.cursor_below(min(entry.place for entry in entries)) if entries else None
        return below if below != cursor else None

    def _ask(self, method: str, query: Mapping[str, Any]) -> Any:
        return self._web.get(f"/xrpc/{method}", query)[0]

    def _refusal(self, error: WebError) -> InputError:
        """What the server's refusal means, in a sentence."""
        code, message = error_words(error)
        for words, sentence in _REFUSALS.items():
            if words == code or (message and words in message.lower()):
                return InputError(sentence.format(who=self._actor, host=self._web.host))
        if error.status in (401, 403):
            return InputError(f"{self._web.host} does not show {self._actor} to everybody (HTTP {error.status}).")
        if error.status is not None and error.status < 300:
            return InputError(f"{error} It may be no server of Bluesky's: check --base-url.")
        return InputError(f"{error} It says: {message[:200]}" if message else str(error))


def actor_of(target: str) -> str:
    """The handle or DID that a target names, in lower case. Raises `UsageError`.

    >>> actor_of("@Ada"), actor_of("https://bsky.app/profile/ada.example.org/post/3k2")
    ('ada.bsky.social', 'ada.example.org')
    """
    # Bluesky's own pages put invisible marks of direction around a handle that is copied from them.
    named = "".join(letter for letter in target if unicodedata.category(letter) != "Cf").strip()
    if named.lower().startswith(("https://", "http://")):
        named = _named_in(named)
    elif named.lower().startswith("at://"):
        named = named[5:].partition("/")[0]
    named = named.removeprefix("@").rstrip(".").lower()
    if _NAME.fullmatch(named):
        named = f"{named}.{HANDLES}"
    if len(named) > 253 or not (_HANDLE.fullmatch(named) or _DID.fullmatch(named)):
        raise UsageError(
            f"'{target}' is no account of Bluesky. Write a handle such as ada.bsky.social, a DID such as "
            "did:plc:abc…, or the address of a profile such as https://bsky.app/profile/ada.bsky.social"
        )
    return named


def _named_in(address: str) -> str:
    """The account in the address of a profile, or of a post in it; "" for any other address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    first, _, rest = parts.path.lstrip("/").partition("/")
    return unquote(rest.partition("/")[0]) if parts.netloc.lower() in _APPS and first == "profile" else ""


def error_words(error: WebError) -> tuple[str | None, str | None]:
    """The code and the message in an answer that is an error."""
    answer = as_record(error.answer)
    return string(answer.get("error")), string(answer.get("message"))


def _entry(item: Mapping[str, Any]) -> Entry:
    view, reason = as_record(item.get("post")), as_record(item.get("reason"))
    row = row_of_feed_item(item)
    if row["is_repost"] and _is_hidden(as_record(view.get("author"))):
        raise LeftOutRecord(_NOT_SHOWN)
    own = (as_record(view.get("record")).get("createdAt"), view.get("indexedAt"))
    moments = [moment for moment in map(parse_time, (reason.get("indexedAt"),) if row["is_repost"] else own) if moment]
    if not moments:
        raise NotAPost("it has no date")
    pinned = (string(reason.get("$type")) or "").endswith("#reasonPin")
    return Entry(row, (min(moments) - _EPOCH) // timedelta(microseconds=1), pinned)


def _is_hidden(profile: Mapping[str, Any]) -> bool:
    """Whether somebody asks to be hidden from people who aren't logged in."""
    return any(label.get("val") == _HIDDEN and not label.get("neg") for label in as_records(profile.get("labels")))


def _is_of_cursor(error: WebError) -> bool:
    """Whether a request was refused because of its cursor."""
    return error.status == 400 and any("cursor" in words.lower() for words in error_words(error) if words)
