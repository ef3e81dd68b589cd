"""Posts through the scrapers of snscrape, which read public pages without an account.

Today snscrape reads what sites still show to visitors: channels of Telegram, users of Weibo, profiles on servers that
run Mastodon 3. X shows next to nothing. Its scrapers stay because some days and places differ, and their errors name
what works instead.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from curation.errors import CurationError, InputError, UsageError
from curation.sources.base import Rejected, TargetPart
from curation.sources.feed import Entry, Feed, FeedPage, Profile, feed_options
from curation.sources.http.patience import Patience
from curation.sources.http.transport import PoliteAdapter
from curation.sources.http.web import checked_address
from curation.sources.records.any_json import as_count
from curation.sources.scraping.listing import REST, OnePage, PageBelow
from curation.sources.scraping.package import ISSUE, VERSION, quiet_snscrape
from curation.sources.scraping.pages import Notes
from curation.sources.scraping.posts import entry_of, newest_first
from curation.sources.scraping.scrapers import OFFERED, begin, find_scraper, scraper_target

#: Pages of X without a post, one below the other, that count as the end of its list.
EMPTY_PAGES = 20

#: Statuses with which X turns visitors away.
_WALL = frozenset({401, 403, 404})

#: The parameters of an address of X, a screen full.
_QUERY = re.compile(r"\?\S{120,}")

_WALLED = (
    "X (Twitter) turned snscrape away at its login wall ({host}, HTTP {status}: {said}), which is known and stays "
    f"(snscrape's issue 996, {ISSUE}); ways that work: your own archive with `curation collect x-archive PATH`, files "
    "that others made with `curation collect file PATH`, and `curation collect x-api HANDLE` with a token."
)
_NEW_MASTODON = (
    "The pages of {0} hold no posts that snscrape could read, as those of Mastodon 4 and later don't. "
    "Its API does: curation collect mastodon {1}"
)
_NOBODY = {
    "telegram": "There is no public channel '{0}' on Telegram: t.me shows no posts of that name. Private channels, "
    "groups and people have no public page.",
    "weibo": "There is no user '{0}' on Weibo.",
    "mastodon": "There is no account '{0}': its server knows none of that name.",
    "x": "X shows no account '{0}': it does not exist, is suspended, or is hidden from visitors.",
}
_COUNTED = {
    "TweetRef": "Left out: {} that X named without showing.",
    "Tombstone": "Left out: {} that X shows to nobody any more (deleted, or of an account that is gone or private).",
    "service": "Left out: {} of the channel itself (created, renamed, pinned), which nobody wrote.",
    "cut": "Longer than Weibo's list shows, and cut where the text ends with 全文: {}.",
}


class SnscrapeFeed(Feed):
    """Posts that public pages show, through snscrape: Telegram, Weibo, Mastodon 3, and X where it still can.

    SCRAPER is `telegram-channel`, `weibo-user`, `mastodon-profile`, `twitter-user`, `twitter-profile`,
    `twitter-search`, `twitter-hashtag` or `twitter-tweet`. A target may be written as `@name`, `#tag` or pasted as
    a whole address.
    """

    name: ClassVar[str] = "snscrape"
    needs: ClassVar[str] = "the package snscrape (GPL-3.0-or-later; the extra `snscrape`), no account and no token"
    gives: ClassVar[str] = "public posts of a Telegram channel, a Weibo user, a profile on Mastodon 3, or X's old pages"

    @classmethod
    def target_parts(cls) -> tuple[TargetPart, ...]:
        scrapers = {name: scraper.wants for name, scraper in OFFERED.items()}
        return (
            TargetPart("Scraper", "What is read.", scrapers),
            TargetPart("Target", "As the scraper wants it; a whole address will do."),
        )

    @classmethod
    def words_of(cls, target: str) -> list[str]:
        return target.split(" ", 1)

    def __init__(
        self,
        scraper: str,
        target: str,
        *,
        base_url: str | None = None,
        max_posts: int | None = None,
        patience: Patience | None = None,
        pause: float | None = None,
    ) -> None:
        """`pause` is the seconds from one request to the next; None is what the site wants.

        Raises `UsageError` for an unknown scraper, or a target that it can't read. Nothing is requested yet.
        """
        super().__init__(
            base_url=checked_address(base_url) if base_url else None, max_posts=max_posts, patience=patience
        )
        self._kind = find_scraper(scraper)
        self._target = scraper_target(self._kind, target)
        self._polite = PoliteAdapter(self.patience, self.base_url)
        self._notes = Notes()
        pause = self._kind.pause if pause is None else pause
        take = partial(self._notes.take, self._kind.platform)
        self._adapter = OnePage(self._polite, self._kind, self._target, take, pause)
        self._scraper: Any = None
        self._first: tuple[FeedPage, InputError | None] | None = None  # shows whether there is such an account
        self._answered = 0  # pages that could be read
        self._warned, self._warning = 0, ""  # how often snscrape did, and of what first

    @classmethod
    def open(cls, targets: Sequence[str], options: Mapping[str, Any]) -> Self:
        """SCRAPER and TARGET; a search may be several words. Raises `UsageError`."""
        given = feed_options(options)
        if not targets or len(targets) == 1:
            find_scraper(targets[0] if targets else "")
            raise UsageError(f"snscrape {targets[0]}: it wants {OFFERED[targets[0]].wants}.")
        if len(targets) > 2 and targets[0] != "twitter-search":
            raise UsageError(f"The source 'snscrape' reads one target at a time; given were {len(targets) - 1}.")
        return cls(targets[0], " ".join(targets[1:]), **given)

    @property
    def target(self) -> str:
        """Scraper and target, the latter as the scraper wants it."""
        return f"{self._kind.name} {self._target}"

    def listen(self, waiting: Callable[[str], None]) -> None:
        self._polite.waiting = waiting

    def profile(self) -> Profile:
        """Ask whose posts they are; if snscrape can't ask, read the first page. See `Feed.profile`."""
        if not self._kind.says_who:
            page, failure = self._first = self._read_page(None)
            if failure and not page.entries:
                raise failure
            return Profile(self._kind.platform, self._author(page.entries))
        self._adapter.begin(None)
        with self._reading() as heard:
            who = self._begun().entity
        self._check_there(heard, who is not None)
        if getattr(who, "protected", None) is True:
            raise InputError(f"The account '{self._target}' is private: only its followers see its posts.")
        handle = getattr(who, "username", None) or getattr(who, "screenname", None)
        number = getattr(who, "uid", None) or getattr(who, "id", None)
        return Profile(
            self._kind.platform,
            handle or self._target.lstrip("@#"),
            str(number) if number else None,
            as_count(getattr(who, "statusesCount", None)),
        )

    def read(self, cursor: str | None, stop: int | None) -> Iterator[FeedPage]:
        """The pages from the top, or from the address in the cursor, down."""
        empty, seen = 0, set()
        while True:
            first, self._first = (self._first, None) if cursor is None else (None, self._first)
            page, failure = first or self._read_page(cursor)
            if failure:
                if page.entries or page.rejected:
                    yield page
                raise failure
            if self._kind.platform == "x":
                ids = hash(frozenset(entry.row["id"] for entry in page.entries))
                empty = 0 if page.entries else empty + 1
                if page.next and (page.next == cursor or empty >= EMPTY_PAGES or (page.entries and ids in seen)):
                    page = FeedPage(page.entries, None, page.rejected)  # its lists stop saying anything new
                seen.add(ids)
            yield page
            if page.next is None:
                return
            cursor = page.next

    def cursor_below(self, place: int) -> str | None:
        """The address of the page below a post, if it can be made."""
        if self._kind.platform == "telegram":
            return f"https://t.me/s/{self._target}?before={place}"
        if self._kind.platform == "mastodon":
            _, user, host = self._target.split("@")
            return f"https://{host}/@{user}/with_replies?max_id={place}"
        return None

    def notices(self) -> tuple[str, ...]:
        """What was counted on the way, and what snscrape warned of."""
        sentences = []
        for name, text in _COUNTED.items():
            if ids := self._notes.counted.get(name):
                sentences.append(text.format(f"{len(ids):,} post{'s' * (len(ids) != 1)}"))
        if self._warned:
            times = f"{self._warned:,} time{'s' * (self._warned != 1)}"
            sentences.append(f"snscrape warned {times}; the first was: {self._warning[:200]}")
        return tuple(sentences)

    def _read_page(self, cursor: str | None) -> tuple[FeedPage, InputError | None]:
        """One page, and why it ends before its end."""
        page, failure = self._try_page(cursor)
        if failure and self._kind.platform == "x" and self._answered and self._adapter.refused in _WALL:
            page, failure = self._try_page(cursor)  # X took the guest's token back, and snscrape has asked for another
        if failure is None:
            self._answered += 1
        return page, failure

    def _try_page(self, cursor: str | None) -> tuple[FeedPage, InputError | None]:
        self._adapter.begin(cursor)
        entries: list[Entry] = []
        rejected: list[Rejected] = []
        below, failure, items = None, None, 0
        try:
            with self._reading() as heard:
                for item in self._begun().get_items():
                    items += 1
                    reading = entry_of(item, self._notes)
                    if isinstance(reading, Entry):
                        entries.append(reading)
                    elif isinstance(reading, Rejected):
                        rejected.append(reading)
                    else:
                        self._notes.count(reading, str(item))
            self._check_there(heard, True)
        except PageBelow as page_below:
            below = page_below.address
        except InputError as error:
            if not self._adapter.nothing:
                failure = error
                below = f"{self._adapter.page}{REST}" if items else None  # its first posts are kept
        # A page of these two with posts and without a link to older ones is the oldest; X and Weibo end early.
        oldest = below is None and self._notes.whole and self._kind.platform in ("telegram", "mastodon")
        sure = oldest or (self._kind.name == "twitter-tweet" and items > 0)
        return FeedPage(newest_first(entries), below, tuple(rejected), sure), failure

    def _begun(self) -> Any:
        """The scraper, at the beginning of its list."""
        if self._scraper is None:
            self._scraper = begin(self._kind, self._target, self._adapter)
        self._scraper._initialPage = self._scraper._initialPageSoup = None  # of Telegram, which keeps its first page
        return self._scraper

    @contextlib.contextmanager
    def _reading(self) -> Iterator[list[str]]:
        """Any error in snscrape is an `InputError`, and what it logs is noted."""
        with quiet_snscrape() as heard:
            try:
                yield heard
            except (CurationError, PageBelow):
                raise
            except Exception as error:
                raise InputError(self._sentence(error)) from error
            finally:
                others = [message for message in heard if not self._says_absent(message)]
                self._warned += len(others)
                self._warning = self._warning or next(iter(others), "")

    def _check_there(self, heard: list[str], is_known: bool) -> None:
        if not is_known or any(map(self._says_absent, heard)):
            raise InputError(_NOBODY[self._kind.platform].format(self._target.lstrip("@#")))

    def _says_absent(self, message: str) -> bool:
        return bool(self._kind.absent) and message.startswith(self._kind.absent)

    def _sentence(self, error: Exception) -> str:
        """What went wrong, and what to do, for a person."""
        kind, status = self._kind, self._adapter.status
        if kind.platform == "x":  # behind a refusal snscrape asks for another token, and gets it
            status = self._adapter.refused or status
        at = self._adapter.page or self._adapter.last or f"https://{self._target}"
        message = str(error) if "snscrape" in type(error).__module__ else f"{type(error).__name__}: {error}"
        message, at = (_QUERY.sub("?…", text)[:300] for text in (message, at))
        if kind.platform == "x":
            if type(error).__name__ == "EntityUnavailable" or (message == "Empty response" and not self._answered):
                return _NOBODY["x"].format(self._target)
            if not self._answered or status in _WALL:
                return _WALLED.format(host=urlsplit(at).netloc or "X", status=status, said=message.rstrip("."))
        if kind.platform == "weibo" and message == "KeyError: 'userInfo'":
            return _NOBODY["weibo"].format(self._target)
        if kind.platform == "mastodon" and status == 200 and not self._answered:
            return _NEW_MASTODON.format(urlsplit(at).netloc, self._target.removeprefix("@"))
        if status is not None and status != 200:
            return f"{urlsplit(at).netloc} answers HTTP {status} at {at}, so snscrape's {kind.name} can't go on."
        return (
            f"snscrape's {kind.name} can't read {at} ({message}): snscrape {VERSION} was the last release, and the "
            "site may have changed since. What stands above it has been kept."
        )

    def _author(self, entries: Sequence[Entry]) -> str | None:
        if self._kind.platform == "x":
            return None  # a search has many
        written = next((entry.row["author"] for entry in entries if self._kind.platform == "telegram"), None)
        return written or self._target.removeprefix("@")
