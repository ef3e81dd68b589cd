"""A client of one server's JSON."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests import PreparedRequest

from curation import versions
from curation.errors import UsageError
from curation.sources.files.json_records import parse
from curation.sources.http.patience import Patience
from curation.sources.http.transport import PASSING, PoliteAdapter, WebError
from curation.sources.records.not_a_post import NotAPost


class _Bearer(requests.auth.AuthBase):
    """Sends the token, or nothing; either way nothing out of the user's .netrc."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Session(requests.Session):
    """Follows redirects, but asks no .netrc for a password to give to wherever they lead."""

    def rebuild_auth(self, prepared_request: PreparedRequest, response: requests.Response) -> None:
        """Leave the token behind where a redirect leads to another host, or out of the encryption."""
        before, after = response.request.url, prepared_request.url
        if not before or not after or self.should_strip_auth(before, after):
            prepared_request.headers.pop("Authorization", None)


class Web:
    """Asks one server for JSON, and explains every answer that is none."""

    def __init__(
        self, base_url: str, *, token: str | None = None, patience: Patience | None = None, headers: Any = None
    ) -> None:
        """Raises `UsageError` for an address that is none, or that would carry the token unencrypted."""
        self.base_url = checked_address(base_url)
        self.host = urlsplit(self.base_url).netloc
        if token and self.base_url.startswith("http://") and not _is_this_machine(self.base_url):
            raise UsageError(f"--base-url {base_url}: a token is not sent over http://, where others can read it.")
        self.adapter = PoliteAdapter(patience)
        self._session = _Session()
        self._session.mount("https://", self.adapter)
        self._session.mount("http://", self.adapter)
        self._session.headers.update({"User-Agent": user_agent(), "Accept": "application/json", **(headers or {})})
        self._auth = _Bearer(token)

    def listen(self, waiting: Callable[[str], None]) -> None:
        """Call `waiting` at every wait; see `Feed.listen`."""
        self.adapter.waiting = waiting

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> tuple[Any, Mapping[str, str]]:
        """The JSON at a path, and the headers. `path` may be a whole address of the same host.

        Raises `WebError` for any other status than 2xx, and for an answer that is no JSON.
        """
        address = path if path.startswith(("http://", "https://")) else self.base_url + path
        if urlsplit(address).netloc != self.host:
            raise WebError(f"{self.host} sends on to another host, {urlsplit(address).netloc}; it was not asked.")
        if self.base_url.startswith("https://"):  # behind a proxy some servers believe that they speak http
            address = f"https://{address.partition('://')[2]}"
        for attempt in range(1, self.adapter.patience.tries + 1):
            try:
                response = self._session.get(address, params=params, auth=self._auth)
            except requests.RequestException as error:
                raise WebError(f"{self.host} can't be asked: {str(error)[:200]}.") from error
            try:
                answer = parse(response.content.decode("utf-8")) if response.content.strip() else None
            except (NotAPost, UnicodeDecodeError):
                answer = None
            if not response.ok:
                status = response.status_code
                again = " again and again. Run the same command again later." if status in PASSING else "."
                raise WebError(f"{self.host} answers HTTP {status}{again}", status, answer)
            if answer is not None:
                return answer, response.headers
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip() or "nothing"
            if attempt == self.adapter.patience.tries or kind == "text/html":  # a page for people stays one
                break
            self.adapter.pause(attempt, self.host)
        often = ", again and again" if attempt > 1 else ""
        raise WebError(f"{self.host} sent no JSON but {kind} at {urlsplit(address).path}{often}.", response.status_code)


def checked_address(url: str) -> str:
    """The address without a slash at its end. Raises `UsageError` for one that is no http(s) address."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and parts.port != 0
        valid = valid and not parts.query and not parts.fragment
    except ValueError:
        valid = False
    if not valid:
        raise UsageError(f"--base-url {url}: write the address of a server, such as https://example.social")
    return url.rstrip("/")


def user_agent() -> str:
    """Who asks, as servers wish to know it."""
    return f"curation/{versions.of_packages()['curation']} (collects public posts for their readers; Python)"


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
