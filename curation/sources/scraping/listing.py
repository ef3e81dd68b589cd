"""The transport under a scraper: it asks for one page of a list, and stops the scraper at the page below.

snscrape's scrapers read a list to its end in one go. Here each page is read by itself, so that it can be kept before
the next one, and a later run can go on where this one ended. The scraper begins as always; its request for the top of
the list goes to the wanted page, and its request for the page below isn't sent but reported, by `PageBelow`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult, urldefrag, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.utils import get_environ_proxies

from curation.errors import InputError
from curation.sources.feed import CursorExpiredError
from curation.sources.http.transport import PASSING, PoliteAdapter, WebError
from curation.sources.http.web import user_agent
from curation.sources.scraping.scrapers import Scraper

#: A mark on the address of a page whose end could not be read, so that it is read again; no server sees it.
REST = "#rest"
#: How often an answer is fetched that wrongly says that there is nothing.
TRIES_WITHOUT_CONTENT = 3
#: Statuses that say of a page further down that it is not there (any more).
_GONE = frozenset({400, 404, 410})


class PageBelow(Exception):  # noqa: N818 - no error: the page is complete
    """The scraper has read its page and asks for the one below."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class OnePage(BaseAdapter):
    """Sends what a scraper asks for through `PoliteAdapter`, one page of the list at a time."""

    def __init__(
        self, polite: PoliteAdapter, scraper: Scraper, target: str, prepare: Callable[[Response], bool], pause: float
    ) -> None:
        """`prepare` gets each page before snscrape does, and says whether it is one; `pause` is in seconds."""
        super().__init__()
        self._polite, self._scraper, self._prepare, self._pause = polite, scraper, prepare, pause
        self._hosts = scraper.hosts(target)
        self._requested_at = float("-inf")
        self.begin(None)

    def begin(self, cursor: str | None) -> None:
        """Ask for the page at `cursor` next; None is the top of the list."""
        self.cursor = urldefrag(cursor).url if cursor else None
        self.page: str | None = None  # address of the page, once it was requested
        self.last: str | None = None  # address of the last request
        self.status: int | None = None  # of the last answer
        self.refused: int | None = None  # status of the last answer that was a refusal
        self.nothing = False  # the page is one of those that say that there is nothing
        self._top: SplitResult | None = None
        self._redirected = False

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send a request; raises `PageBelow` for a page below the wanted one."""
        address, redirected = urlsplit(request.url or ""), self._redirected
        is_list = redirected or self._scraper.lists(address)
        if address.scheme != "https" or address.netloc.lower() not in self._hosts:
            raise InputError(f"{self._here()} sends on to {request.url}, another host, which was not asked.")
        if is_list and not redirected:
            request = self._page(request, address)
        self.last = request.url
        browser = request.headers.get("User-Agent") or ""
        browser = browser.decode("latin-1") if isinstance(browser, bytes) else browser
        if user_agent() not in browser:  # a redirected request has it already
            request.headers["User-Agent"] = f"{browser} {user_agent()}".strip()
        response = self._fetch(request, *args, **kwargs)
        self._redirected = is_list and response.is_redirect  # then the next request is the same page, somewhere else
        return response

    def close(self) -> None:
        """Close the connections."""
        self._polite.close()

    def _page(self, request: PreparedRequest, address: SplitResult) -> PreparedRequest:
        """The request for the wanted page, in the place of one for the top."""
        if self._top is not None and self._scraper.is_below(self._top, address):
            raise PageBelow(request.url or "")
        if not self._scraper.is_top(address):
            raise InputError(f"{self._here()} sends on to {request.url}, which is no page of the same list.")
        self._top = address
        if self.cursor:
            if not self._scraper.is_below(address, urlsplit(self.cursor)):
                raise CursorExpiredError(f"{self.cursor} is no page of the list at {request.url}, so it was not asked.")
            request = request.copy()
            request.url = self.cursor
        self.page = request.url
        return request

    def _fetch(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        is_page = self.page is not None and request.url == self.page
        gone = _GONE - {404} if self._scraper.platform == "x" else _GONE  # X's 404 is its login wall
        if self._polite.base_url:  # `requests` has looked up the proxy of another host
            kwargs["proxies"] = get_environ_proxies(self._polite.base_url)
        for failed in range(1, TRIES_WITHOUT_CONTENT + 1):
            time.sleep(max(0.0, self._requested_at + self._pause - time.monotonic()))
            response = self._polite.send(request, *args, **kwargs)
            self._requested_at, self.status = time.monotonic(), response.status_code
            if response.status_code >= 400:
                self.refused = response.status_code
            if response.status_code in PASSING:
                host = urlsplit(request.url or "").netloc
                raise WebError(
                    f"{host} answers HTTP {response.status_code} again and again. Run the same command again later.",
                    response.status_code,
                )
            if is_page and self.cursor and response.status_code in gone:
                raise CursorExpiredError(f"{self.cursor} is gone (HTTP {response.status_code}).")
            is_list = is_page or self._scraper.lists(urlsplit(request.url or ""))
            if response.is_redirect or response.status_code != 200 or not is_list:
                return response
            self.nothing = not self._prepare(response)
            if not self.nothing or failed == TRIES_WITHOUT_CONTENT:
                return response
            self._polite.pause(failed, urlsplit(request.url or "").netloc)
        raise AssertionError("the last try returns")

    def _here(self) -> str:
        return self.last or "The server"
