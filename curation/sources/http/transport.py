"""The transport under every request: waits, tries again, and reads bounded answers.

A request is tried again after a cut connection, a time-out, 429 and 5xx. The server says how long to wait
(`Retry-After`, `x-rate-limit-reset`, `ratelimit-reset`). If it doesn't, each wait is twice the one before, with a
random part so that many clients do not come back at once. A wait beyond the ceiling ends the run instead: the pages so
far have landed, and the same command goes on later.
"""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import LocationParseError

from curation.errors import InputError
from curation.sources.http.patience import Patience

#: Statuses after which the same request may well succeed.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
#: Seconds to wait for a connection, and for the next byte of an answer.
TIMEOUTS = (20, 60)
#: Bytes of one answer, unpacked; a page of posts has some hundred thousand.
LARGEST = 64 << 20
_CHUNK = 1 << 16
_NOT_VALID = "certificate verify failed"
#: A reset below this is a number of seconds from now, above it a time since 1970.
_EPOCH_FROM = 10**9


class WebError(InputError):
    """A request without a usable answer; `status` is None without any answer."""

    def __init__(self, message: str, status: int | None = None, answer: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.answer = answer  # the decoded JSON of the answer, if it was JSON


class PoliteAdapter(HTTPAdapter):
    """The transport under a session: waits and tries again, and sends everything to a base URL if there is one.

    With `base_url` each `https://host/path` goes to `base_url/path` with the host in the header `Host`, and the
    answer's `url` is the address of the request.
    """

    def __init__(self, patience: Patience | None = None, base_url: str | None = None) -> None:
        super().__init__()
        self.patience = patience or Patience()
        self.base_url = base_url
        self.waiting: Callable[[str], None] = lambda clause: None
        self._answered: set[str] = set()  # hosts that have answered before, and so are there
        self._not_before: dict[str, float] = {}  # host and path → seconds since 1970

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send until an answer is there whole. Raises `WebError` when none comes."""
        kwargs["timeout"] = TIMEOUTS
        address = request.url or ""
        host = urlsplit(address).netloc
        limited = host + urlsplit(address).path  # some servers count requests for each path by itself
        request = self._based(request)
        for failed in range(1, self.patience.tries + 1):
            self._wait(self._not_before.pop(limited, 0) - time.time(), f"for the rate limit of {host}")
            try:
                response = super().send(request.copy(), *args, **kwargs)
                _read(response, host)
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                hopeless = _NOT_VALID in str(error) or (_is_nobody(error) and host not in self._answered and failed > 1)
                if hopeless or failed == self.patience.tries:
                    raise WebError(_no_answer(error, host)) from error
                self._wait(self._jittered(failed), f"to try again, since the connection to {host} broke")
                continue
            except LocationParseError as error:  # which `requests` lets through
                raise WebError(f"There can be no host {host}. Check the name.") from error
            except requests.exceptions.ContentDecodingError as error:
                raise WebError(f"{host} sent an answer that can't be unpacked: {error}.") from error
            self._answered.add(host)
            response.url, response.request.url = address, address
            if response.status_code not in PASSING or failed == self.patience.tries:
                self._remember_limit(response, limited)
                return response
            self._wait_as_requested(response, failed, host)
        raise AssertionError("the last try returns or raises")

    def pause(self, failed: int, host: str) -> None:
        """Wait before another try of a request whose answer was whole and yet useless."""
        self._wait(self._jittered(failed), f"to try again, since the answer of {host} is malformed")

    def _based(self, request: PreparedRequest) -> PreparedRequest:
        if not self.base_url:
            return request
        request = request.copy()
        address = urlsplit(request.url or "")
        request.headers.setdefault("Host", address.netloc)
        query = f"?{address.query}" if address.query else ""
        request.url = f"{self.base_url.rstrip('/')}{address.path}{query}"
        return request

    def _wait_as_requested(self, response: Response, failed: int, host: str) -> None:
        pause = requested_pause(response.headers, time.time())
        if pause is not None and pause > self.patience.ceiling:
            raise WebError(
                f"{host} asks to wait {clock(pause)} (HTTP {response.status_code}), longer than the "
                f"{clock(self.patience.ceiling)} that a run waits at once. Run the same command again after that.",
                response.status_code,
            )
        status = response.status_code
        why = f"for the rate limit of {host}" if status == 429 else f"to try again after HTTP {status} of {host}"
        self._wait(self._jittered(failed) if pause is None else pause + self._jitter(), why)

    def _jitter(self) -> float:
        return random.uniform(0, min(1.0, self.patience.first))

    def _jittered(self, failed: int) -> float:
        return self.patience.backoff(failed) * random.uniform(0.75, 1.25)

    def _remember_limit(self, response: Response, limited: str) -> None:
        """An answer may say that it was the last one for now; another request would be rude."""
        names = ("x-rate-limit-remaining", "x-ratelimit-remaining", "ratelimit-remaining")
        left = next(filter(None, map(response.headers.get, names)), "")
        if response.ok and left.strip() == "0":
            pause = requested_pause(response.headers, time.time())
            if pause is not None:
                self._not_before[limited] = time.time() + min(pause, self.patience.ceiling)

    def _wait(self, seconds: float, why: str) -> None:
        if seconds <= 0:
            return
        until = time.monotonic() + seconds
        try:
            while (left := until - time.monotonic()) > 0:
                if seconds >= 1:
                    self.waiting(f"waiting {clock(left)} {why}")
                time.sleep(min(left, 1.0))
        finally:
            self.waiting("")


def _read(response: Response, host: str) -> None:
    """Fetch the body whole, so that a cut one is noticed here, and no larger one than `LARGEST`."""
    chunks, size = [], 0
    for chunk in response.iter_content(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            response.close()
            raise WebError(f"{host} sent an answer of more than {LARGEST >> 20} MiB; it was not read.")
    response._content, response._content_consumed = b"".join(chunks), True


def requested_pause(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the server asks to wait, at least 0; None if it does not say. `now` is in seconds since 1970."""
    names = ("Retry-After", "x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset")
    moments = (_moment((headers.get(name) or "").strip(), now) for name in names)
    return next((max(0.0, moment - now) for moment in moments if moment is not None), None)


def _moment(value: str, now: float) -> float | None:
    """Seconds since 1970 of a reset: seconds from now, since 1970, ISO 8601 or an HTTP date."""
    try:
        number = float(value)
    except ValueError:
        pass
    else:
        if not 0 <= number < 10**11:
            return None
        return number if number >= _EPOCH_FROM else now + number
    try:
        time_of = datetime.fromisoformat(value)
    except ValueError:
        try:
            time_of = email.utils.parsedate_to_datetime(value)
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
    return (time_of if time_of.tzinfo else time_of.replace(tzinfo=UTC)).timestamp()


def clock(seconds: float) -> str:
    """`4:12`, `1:00:00`."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def _is_unknown(message: str) -> bool:
    return "NameResolution" in message or "getaddrinfo" in message or "Name or service not known" in message


def _is_nobody(error: Exception) -> bool:
    """Whether there seems to be no such server, rather than one that is busy."""
    return _is_unknown(str(error)) or "refused" in str(error)


def _no_answer(error: Exception, host: str) -> str:
    """Why there is no answer, and what to do, in a sentence or two."""
    message = str(error)
    if _NOT_VALID in message:
        why = message.partition(_NOT_VALID)[2].removeprefix(": ").partition(" (")[0] or "no reason given"
        return (
            f"The certificate of {host} is not valid ({why}), so it may be somebody else. Check the host's name and "
            "this machine's clock; nothing was sent."
        )
    if isinstance(error, requests.exceptions.SSLError):
        return f"No encrypted connection to {host} comes about. Check the address, or run the same command again later."
    if _is_unknown(message):
        return f"There is no host {host}, or there is no network. Check the name, then run the same command again."
    if "refused" in message:
        return f"{host} refuses connections. Check the name and the port, or run the same command again later."
    if isinstance(error, requests.Timeout) or "timed out" in message:
        return f"{host} does not answer in time. Run the same command again later."
    return f"The connection to {host} broke again and again. Run the same command again later."
