"""The scrapers of snscrape that we offer: what each wants for a target, and which addresses are pages of its list.

A scraper requests its list page by page. The address of the top of the list, and of every page below it, is
recognised here by its path and its parameters. So the address of the page below is a cursor for a later run; and
whatever a server writes into a link, no address outside of the same list is requested.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from requests.adapters import BaseAdapter

from curation.errors import UsageError, did_you_mean
from curation.sources.scraping.package import module

_X_HOSTS = frozenset({"twitter.com", "api.twitter.com", "x.com", "api.x.com", "mobile.twitter.com"})
_TIMELINES = r"/i/api/graphql/[\w-]+/(?:SearchTimeline|UserTweetsAndReplies|TweetDetail)"
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,20}", re.ASCII)
_CHANNEL = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}", re.ASCII)
_ACCOUNT = re.compile(r"@?([\w.-]+)@([A-Za-z0-9.-]+(?::\d+)?)", re.ASCII)
#: Pages of x.com that are no accounts.
_NO_HANDLES = frozenset({"i", "home", "search", "hashtag", "explore", "settings", "intent", "share", "login"})


@dataclass(frozen=True)
class Scraper:
    """One scraper of snscrape."""

    name: str
    module: str  # of snscrape.modules
    scraper: str  # the class in it
    platform: str
    wants: str  # its target, as a clause
    target: Callable[[str], str | None]  # the user's text → the target; None if it names none
    pages: str  # pattern of the path of all pages of the list
    below: str  # the parameter that a page below the top has, and the top has not
    says_who: bool = False  # whether snscrape asks whose posts they are, and how many there are
    absent: str = ""  # how snscrape's warning begins when the account does not exist
    pause: float = 0.0  # seconds from one request to the next

    def hosts(self, target: str) -> frozenset[str]:
        """The hosts that may be asked."""
        if self.platform == "mastodon":
            return frozenset({target.rpartition("@")[2].lower()})
        return {"telegram": frozenset({"t.me"}), "weibo": frozenset({"m.weibo.cn"}), "x": _X_HOSTS}[self.platform]

    def lists(self, address: SplitResult) -> bool:
        """Whether an address is a page of a list of posts."""
        if not re.fullmatch(self.pages, address.path, re.IGNORECASE):
            return False
        return self.platform != "weibo" or "containerid" in parse_qs(address.query)

    def is_top(self, address: SplitResult) -> bool:
        """Whether a page of a list is its first."""
        return not _parameters(address).get(self.below)

    def is_below(self, top: SplitResult, address: SplitResult) -> bool:
        """Whether an address is a page of the same list as `top`, and below it."""
        same = (address.scheme, address.netloc.lower(), _path(address)) == (top.scheme, top.netloc.lower(), _path(top))
        given, own = _parameters(address), _parameters(top)
        return same and bool(given.get(self.below)) and all(given.get(k) == v for k, v in own.items())


def _path(address: SplitResult) -> str:
    """The path as it is compared: Mastodon lists a profile's posts with and without its answers."""
    return address.path.casefold().removesuffix("/with_replies")


def _parameters(address: SplitResult) -> dict[str, Any]:
    """The parameters, also those in X's `variables`, without how many posts a page should hold."""
    parameters: dict[str, Any] = {name: values[-1] for name, values in parse_qs(address.query).items()}
    try:
        variables = json.loads(parameters.pop("variables", "{}"))
    except (ValueError, RecursionError):
        variables = {}
    parameters |= variables if isinstance(variables, dict) else {}
    # X's own pages below the top differ in these, and list the same.
    return {name: value for name, value in parameters.items() if name not in ("count", "features", "referrer")}


def _address(text: str, *hosts: str) -> SplitResult | None:
    """A text as an address of one of these hosts, with or without `https://`; None if it is none."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return None
    host = parts.netloc.lower().removeprefix("www.").removeprefix("mobile.")
    return parts if parts.scheme in ("http", "https") and host in hosts else None


def _steps(parts: SplitResult) -> list[str]:
    return [unquote(step) for step in parts.path.split("/") if step]


def telegram_channel(text: str) -> str | None:
    """`@name`, `name`, `t.me/name`, `https://t.me/s/name/17` → `name`."""
    if parts := _address(text, "t.me", "telegram.me", "telegram.dog"):
        steps = _steps(parts)
        steps = steps[1:] if steps[:1] == ["s"] else steps
        text = steps[0] if steps else ""
        if text in ("joinchat", "addlist", "c"):
            return None
    text = text.removeprefix("@").lower()
    return text if _CHANNEL.fullmatch(text) else None


def weibo_user(text: str) -> str | None:
    """A number, a name, or an address such as `https://m.weibo.cn/u/1234567890`."""
    if parts := _address(text, "m.weibo.cn", "weibo.com", "weibo.cn"):
        steps = [step for step in _steps(parts) if step not in ("u", "n", "profile")]
        text = steps[0] if steps else ""
    text = text.removeprefix("@")
    return text if re.fullmatch(r"[\w-]{1,40}", text) else None


def mastodon_account(text: str) -> str | None:
    """`@user@host`, `user@host`, `https://host/@user`, `https://host/users/user` → `@user@host`."""
    if "/" in text:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        steps = _steps(parts)
        steps = steps[1:] if steps[:1] == ["users"] else steps
        name = steps[0].removeprefix("@") if steps else ""
        text = name if "@" in name else f"{name}@{parts.netloc}"  # another server's user, as this one shows it
    match = _ACCOUNT.fullmatch(text)
    return f"@{match[1]}@{match[2]}".lower() if match else None


def x_handle(text: str) -> str | None:
    """`@name`, `name`, `https://x.com/name/status/1` → `name`; `https://x.com/i/user/12` → `12` after a `#`."""
    if parts := _address(text, "twitter.com", "x.com"):
        steps = _steps(parts)
        if steps[:2] == ["i", "user"] and len(steps) > 2 and steps[2].isdecimal():
            return f"#{steps[2]}"
        text = steps[0] if steps and steps[0].lower() not in _NO_HANDLES else ""
    text = text.removeprefix("@").lower()
    return text if _HANDLE.fullmatch(text) else None


def x_query(text: str) -> str | None:
    """A search, or the address of one."""
    if parts := _address(text, "twitter.com", "x.com"):
        text = parse_qs(parts.query).get("q", [""])[0]
    return text.strip() or None


def x_hashtag(text: str) -> str | None:
    """`#tag`, `tag`, `https://x.com/hashtag/tag` → `tag`."""
    if parts := _address(text, "twitter.com", "x.com"):
        steps = _steps(parts)
        text = steps[1] if steps[:1] == ["hashtag"] and len(steps) > 1 else ""
    text = text.removeprefix("#").removeprefix("＃")
    return text if re.fullmatch(r"\w+", text) else None


def x_status(text: str) -> str | None:
    """The number of a tweet, or its address."""
    if parts := _address(text, "twitter.com", "x.com"):
        match = re.search(r"/status(?:es)?/(\d+)", parts.path, re.ASCII)
        text = match[1] if match else ""
    return text if re.fullmatch(r"[1-9][0-9]{0,19}", text, re.ASCII) else None


def _x(name: str, scraper: str, wants: str, target: Callable[[str], str | None], *, says_who: bool = False) -> Scraper:
    return Scraper(name, "twitter", scraper, "x", wants, target, _TIMELINES, "cursor", says_who)


_OF_USER = "a handle, or its address such as https://x.com/NAME"

OFFERED: dict[str, Scraper] = {
    scraper.name: scraper
    for scraper in (
        Scraper(
            "telegram-channel", "telegram", "TelegramChannelScraper", "telegram",
            "the name of a public channel, or its address such as https://t.me/s/NAME",
            telegram_channel, r"/s/[^/]+", "before", absent="No public post list",
        ),
        Scraper(
            "weibo-user", "weibo", "WeiboUserScraper", "weibo",
            "a user's number or name, or an address such as https://m.weibo.cn/u/NUMBER",
            weibo_user, "/api/container/getIndex", "since_id", True, "User does not exist",
        ),
        Scraper(
            "mastodon-profile", "mastodon", "MastodonProfileScraper", "mastodon",
            "an account as @USER@HOST, or its address such as https://HOST/@USER",
            mastodon_account, r"/@[^/]+(?:/with_replies)?", "max_id", absent="Account does not exist", pause=3.0,
        ),
        _x("twitter-user", "TwitterUserScraper", _OF_USER, x_handle, says_who=True),
        _x("twitter-profile", "TwitterProfileScraper", _OF_USER, x_handle, says_who=True),
        _x("twitter-search", "TwitterSearchScraper", "a search, such as 'from:NAME since:2020-01-01'", x_query),
        _x("twitter-hashtag", "TwitterHashtagScraper", "a hashtag, or its address such as https://x.com/hashtag/TAG",
           x_hashtag),
        _x("twitter-tweet", "TwitterTweetScraper", "the number or the address of a tweet", x_status),
    )
}  # fmt: skip

#: What people may look for, and why it is not here.
_BROKEN = "{}: snscrape's scrapers for {} stopped working in 2023, when it closed its pages to visitors."
_CLOSED = {"reddit": "Reddit", "vkontakte": "VK", "vk": "VK", "instagram": "Instagram", "facebook": "Facebook"}
_NOT_OFFERED = {
    "mastodon-hashtag": "snscrape has no scraper for hashtags of Mastodon. This reads one: curation collect mastodon "
    "'#TAG@HOST'",
    "mastodon-toot": "A single toot needs no scraper; collect its author with mastodon-profile.",
    "twitter-cashtag": "Search for it: twitter-search '$TAG'.",
    "twitter-list-posts": "Search for it: twitter-search 'list:NUMBER'.",
}


def find_scraper(name: str) -> Scraper:
    """The scraper of that name. Raises `UsageError`."""
    if name in OFFERED:
        return OFFERED[name]
    closed = _CLOSED.get(name.partition("-")[0])
    if closed:
        raise UsageError(_BROKEN.format(name, closed))
    why = _NOT_OFFERED.get(name) or f"There is no scraper '{name}'.{did_you_mean(name, OFFERED)}"
    raise UsageError(why)


def scraper_target(scraper: Scraper, text: str) -> str:
    """The target that a user means. Raises `UsageError`."""
    try:
        target = scraper.target(text.strip())
    except ValueError:
        target = None
    if target is None:
        raise UsageError(f"snscrape {scraper.name} {text}: it wants {scraper.wants}.")
    return target


def begin(scraper: Scraper, target: str, adapter: BaseAdapter) -> Any:
    """A scraper of snscrape that sends everything through `adapter`, and tries nothing twice by itself.

    Raises `InputError` when snscrape is not installed.
    """
    package = module(scraper.module)
    options: dict[str, Any] = {"retries": 0}
    argument: str | int = target
    if scraper.platform == "x":
        options["guestTokenManager"] = package.GuestTokenManager()  # else all feeds of a process would share one
        numbered = scraper.name == "twitter-tweet" or (scraper.says_who and target.startswith("#"))
        argument = int(target.removeprefix("#")) if numbered else target
    elif scraper.platform == "weibo" and target.isdecimal():
        argument = int(target)
    reader = getattr(package, scraper.scraper)(argument, **options)
    if scraper.platform == "mastodon":
        reader._rate_limited_get = reader._get  # the adapter pauses
    session = reader._session
    session.adapters.clear()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.auth = lambda request: request  # nothing out of the user's .netrc
    return reader
