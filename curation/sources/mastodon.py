"""The source `mastodon`: an account's public posts and boosts, as its server lists them.

Many servers speak Mastodon's API (Pleroma, Akkoma, GoToSocial, Pixelfed, Friendica, …), and they differ in what they
leave out: an older one has no `lookup`, some send no `Link` to the next page, and Mastodon itself sends none after a
page from which it left something out. So the list continues below the last post until a page is empty.

*The place.* Each of these lists is sorted by the server's own ids: decimal numbers, or letters and digits that sort as
text and are all of one length. Read as a number in base 62, ids of both kinds keep their order.

*The token.* Only posts for everybody land, so a token is of use only if a server shows nothing without one. It is sent
after the server has refused to answer without it, and never to another host: a token is of one server, so one from the
environment goes only to the server that the environment names beside it.
"""

from __future__ import annotations

import contextlib
import os
import string as letters
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from requests.utils import parse_header_links

from curation.errors import InputError
from curation.sources.base import TargetPart
from curation.sources.feed import Entry, FeedPage, PagedFeed, Profile
from curation.sources.http.listed_items import ListedItems
from curation.sources.http.patience import Patience
from curation.sources.http.tokens import token_from
from curation.sources.http.transport import WebError
from curation.sources.http.web import Web
from curation.sources.records.any_json import as_count, as_flag, as_record, as_records, string, whole_characters
from curation.sources.records.fediverse import PLATFORM
from curation.sources.records.mastodon_posts import is_public, row_of_status
from curation.sources.records.mastodon_targets import MastodonAccount, MastodonTag, mastodon_target
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost

#: Posts of a page; the most that the API allows.
PAGE_POSTS = 40
TOKEN, TOKEN_HOST = "MASTODON_ACCESS_TOKEN", "MASTODON_HOST"

_DIGITS = {
    letter: value for value, letter in enumerate(letters.digits + letters.ascii_uppercase + letters.ascii_lowercase)
}
_LONGEST_ID = 64
_PRIVATE = "they are not for everybody"


class MastodonFeed(PagedFeed):
    """An account or a hashtag of Mastodon, or of another server that speaks its API, from the newest post down.

    A hashtag is written `#harbour@example.social`, or as its page's address. Its list has the public posts with it that
    this server knows of; those that reach the server late are further down, where only `--again` finds them.
    """

    name: ClassVar[str] = "mastodon"
    needs: ClassVar[str] = "a handle, such as ada@example.social; a token only where the server asks for one"
    gives: ClassVar[str] = "its public posts, replies and boosts; of a hashtag, the posts that the server knows of"
    options: ClassVar[tuple[str, ...]] = (*PagedFeed.options, "token_file")
    token: ClassVar[str] = "optional"

    @classmethod
    def target_parts(cls) -> tuple[TargetPart, ...]:
        return (TargetPart("Account or hashtag", "As ada@example.social or #harbour@example.social, or its address."),)

    @classmethod
    def token_variables(cls, token: str, targets: Sequence[str]) -> dict[str, str]:
        """The token, and the only server that may have it."""
        return {TOKEN: token, TOKEN_HOST: mastodon_target(" ".join(targets)).server}

    def __init__(
        self,
        target: str,
        *,
        token_file: Path | None = None,
        base_url: str | None = None,
        max_posts: int | None = None,
        patience: Patience | None = None,
    ) -> None:
        """`target` is a handle or a hashtag with its server, or the address of either. Raises `UsageError`."""
        super().__init__(base_url=base_url, max_posts=max_posts, patience=patience)
        self._target = mastodon_target(target)
        address = base_url or f"https://{self._target.server}"
        its_own = os.environ.get(TOKEN_HOST, "").strip().lower() == self._target.server
        self._token = token_from((TOKEN,) if its_own else (), token_file)
        self._web = Web(address, patience=self.patience)
        self._with_token = Web(address, token=self._token, patience=self.patience) if self._token else None
        self._items = ListedItems(self._entry)
        self._id: str | None = None
        self._remarks: list[str] = []

    @property
    def target(self) -> str:
        """The handle; for an account on another server than its own, its address there."""
        return str(self._target)

    def listen(self, waiting: Callable[[str], None]) -> None:
        for web in (self._web, self._with_token):
            if web:
                web.listen(waiting)

    def profile(self) -> Profile:
        """Who it is, and how many posts the server counts: boosts, and posts for followers, included.

        Raises `InputError` for an account that isn't there, is suspended, or whose server doesn't answer.
        """
        if isinstance(self._target, MastodonTag):
            return Profile(PLATFORM)
        account = self._looked_up(self._target)
        number = _id_of(account)
        if number is None:
            raise InputError(f"{self._web.host} does not answer as Mastodon does: its account has no id.")
        if as_flag(account.get("suspended")):
            raise InputError(f"{self._web.host} has suspended {self._target}, so it lists none of its posts.")
        self._id = number
        self._remarks = list(_remarks(account, self._target))
        row = whole_characters(row_of_status({"account": account}, self._target.server))
        return Profile(PLATFORM, row["author"], row["author_id"], as_count(account.get("statuses_count")))

    def notices(self) -> tuple[str, ...]:
        """What the server says of the account, and what was left out."""
        return (*self._remarks, *self._items.notices())

    def page_at(self, cursor: str | None) -> FeedPage:
        """The page below the post with the id `cursor`, from one request."""
        if self._id is None and isinstance(self._target, MastodonAccount):
            self.profile()
        if isinstance(self._target, MastodonTag):
            path = f"/api/v1/timelines/tag/{quote(self._target.name, safe='')}"
        else:
            path = f"/api/v1/accounts/{quote(self._id or '', safe='')}/statuses"
        below = {"max_id": cursor} if cursor else {}
        try:
            items, headers = self._ask(path, {"limit": PAGE_POSTS, **below})
        except WebError as error:
            raise self._refusal(error) from error
        if not isinstance(items, list):
            raise InputError(f"{self._web.host} does not answer as Mastodon does: its page is no list of posts.")
        where = self._web.base_url + path + (f"?{urlencode(below)}" if below else "")
        entries, rejected = self._items.read(items, where)
        return FeedPage(entries, self._below(headers, path, items), rejected)

    def _below(self, headers: Mapping[str, str], path: str, items: list[Any]) -> str | None:
        """The id above the next page: the one in the `Link` to it, else the last one of this page."""
        with contextlib.suppress(ValueError):  # a `Link` that names no address
            for link in parse_header_links(headers.get("Link") or ""):
                address = urlsplit(link.get("url", ""))
                ours = address.netloc in (self._web.host, self._target.server) and address.path == path
                below = parse_qs(address.query).get("max_id", [""])[0]
                if link.get("rel") == "next" and ours and _is_id(below):
                    return below
        return next((number for item in reversed(items) if (number := _id_of(item))), None)

    def _entry(self, status: Mapping[str, Any]) -> Entry:
        if not isinstance(status.get("visibility"), str):
            raise NotAPost("it does not say whom it is for")
        if not is_public(status):
            raise LeftOutRecord(_PRIVATE)
        number = _id_of(status)
        if number is None:
            raise NotAPost("it has no id")
        # Some servers list pinned posts on top; on the others this does no harm.
        pinned = bool(as_flag(status.get("pinned")))
        return Entry(row_of_status(status, self._target.server), place_of_id(number), pinned)

    def _looked_up(self, target: MastodonAccount) -> Mapping[str, Any]:
        """The account as the server describes it."""
        try:
            return as_record(self._ask("/api/v1/accounts/lookup", {"acct": target.acct})[0])
        except WebError as error:
            if error.status not in (400, 404, 405, 422, 501):
                raise self._refusal(error) from error
            missing = error
        answered = missing.answer is not None
        for path in ("/api/v2/search", "/api/v1/accounts/search"):
            query = {"q": f"@{target.user}@{target.home}", "resolve": "false", "type": "accounts"}
            try:
                answer, _ = self._ask(path, {**query, "limit": PAGE_POSTS})
            except WebError as error:
                answered = answered or error.answer is not None
                continue
            answered = True
            for account in as_records(answer) or as_records(as_record(answer).get("accounts")):
                if (string(account.get("acct")) or "").lower() in (target.acct, f"{target.user}@{target.home}"):
                    return account
        raise self._refusal(missing) if answered else InputError(self._no_mastodon())

    def _ask(self, path: str, query: Mapping[str, Any]) -> tuple[Any, Mapping[str, str]]:
        """Ask without a token; with it once the server insists."""
        try:
            return self._web.get(path, query)
        except WebError as error:
            if error.status not in (401, 403) or self._with_token is None or self._web is self._with_token:
                raise
            self._web = self._with_token
            return self._web.get(path, query)

    def _refusal(self, error: WebError) -> InputError:
        """What the server's refusal means, in a sentence."""
        host, words = self._web.host, string(as_record(error.answer).get("error")) or ""
        if self._token:
            words = words.replace(self._token, "…")
        words = f" It says: {words[:200]}" if words else ""
        if error.status == 401 and self._web is self._with_token:
            return InputError(
                f"{host} refuses the token. Make one on this server (Preferences, Development) that may read "
                f"accounts and statuses, and name its file with --token-file.{words}"
            )
        if error.status == 401:
            return InputError(
                f"{host} shows posts only to people who are logged in. Make a token there (Preferences, Development) "
                f"that may read accounts and statuses, and name its file with --token-file, or put it into the "
                f"environment's {TOKEN} and {self._target.server} into its {TOKEN_HOST}.{words}"
            )
        if error.status == 403:
            return InputError(f"{host} does not show {self._target} (HTTP 403).{words}")
        if error.status == 404:
            what = "hashtag" if isinstance(self._target, MastodonTag) else "account"
            return InputError(
                f"There is no {what} {self._target} on {host}, or the server does not show it. Check the name.{words}"
            )
        if error.status == 410:
            return InputError(f"The account {self._target} is gone: it was deleted, or suspended for good.{words}")
        if error.status is not None and error.status < 300:
            return InputError(self._no_mastodon())
        return InputError(f"{error}{words}")

    def _no_mastodon(self) -> str:
        return (
            f"{self._web.host} does not answer as a Mastodon server does. Check the name. Where a server has another "
            f"name than the handles on it, give the profile's address, such as https://social.example.org/@ada"
        )


def place_of_id(number: str) -> int:
    """An id as a number in base 62, in which ids of letters and digits keep their order; other signs don't count.

    >>> place_of("109") < place_of("110") < place_of("9zA") < place_of("9za")
    True
    """
    place = 0
    for letter in number:
        if letter in _DIGITS:
            place = place * len(_DIGITS) + _DIGITS[letter]
    return place


def _id_of(item: object) -> str | None:
    number = as_record(item).get("id")
    number = str(number) if isinstance(number, int) and not isinstance(number, bool) else number
    return number if isinstance(number, str) and _is_id(number) else None


def _is_id(number: str) -> bool:
    return 0 < len(number) <= _LONGEST_ID and number.isascii() and number.isprintable()


def _remarks(account: Mapping[str, Any], target: MastodonAccount) -> Iterator[str]:
    moved = as_record(account.get("moved"))
    if moved:
        where = string(moved.get("acct")) or "another account"
        where = where if "@" in where or where == "another account" else f"{where}@{target.server}"
        yield f"{target} has moved to {where[:200]}. What was posted before is here, the rest is there."
    if as_flag(account.get("limited")):
        yield f"{target.server} limits {target}, and may list fewer posts than there are."
    if as_flag(account.get("locked")):
        yield f"{target} chooses their followers; only posts for everybody are listed."
