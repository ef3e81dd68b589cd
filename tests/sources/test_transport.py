"""The transport over a real socket: how long it waits, what it tries again, and what it says when nothing comes."""

from __future__ import annotations

import gzip
import itertools
import random
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from curation.sources.http import transport
from curation.sources.http.patience import Patience
from curation.sources.http.transport import PoliteAdapter, WebError, clock, requested_pause
from tests.sources.loopback import Answer, Asked, Loopback, closed_address, cut, self_signed, serving

NOW = 1_800_000_000.0
#: Nothing random is added to what a server says.
EXACT = Patience(first=0.0)
BODY = {"kettle": "пар 🫖"}


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.passed = 0.0

    def time(self) -> float:
        return NOW + self.passed

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        assert 0 <= seconds <= 1, "a wait is told at least once a second"
        self.passed += seconds


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The transport's clock, stopped."""
    stopped = Clock()
    monkeypatch.setattr(transport, "time", stopped)
    return stopped


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as server:
        server.on("/", BODY)
        yield server


def session(patience: Patience = EXACT, **options: Any) -> tuple[requests.Session, list[str]]:
    """A session over the transport, and the clauses that it tells of its waits."""
    session, told = requests.Session(), []
    adapter = PoliteAdapter(patience, **options)
    adapter.waiting = told.append
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session, told


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


# ---- waits


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Retry-After", "252"),
        ("Retry-After", formatdate(NOW + 252, usegmt=True)),
        ("x-rate-limit-reset", f"{NOW + 252:.0f}"),
        ("X-RateLimit-Reset", iso(NOW + 252)),
        ("ratelimit-reset", iso(NOW + 252)),
        ("RateLimit-Reset", "252"),
    ],
)
def test_a_limit_is_waited_for_as_long_as_the_server_says(server, stopped, header, value):
    """Seconds, an HTTP date, a time since 1970 and ISO 8601 all name the same wait, which is told as it passes."""
    server.disturb("/", Answer({}, 429, {header: value}))
    asking, told = session()
    assert asking.get(server.address).json() == BODY
    assert stopped.passed == 252
    assert told[0] == f"waiting 4:12 for the rate limit of {server.host}"
    assert told[-2:] == [f"waiting 0:01 for the rate limit of {server.host}", ""]
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 529])
def test_what_passes_is_tried_again(server, stopped, status):
    """After a status that may pass, the same request is made again."""
    server.disturb("/", Answer({}, status), Answer({}, status))
    asking, told = session(Patience(first=2.0))
    assert asking.get(server.address).json() == BODY
    assert len(server.asked) == 3
    why = "for the rate limit" if status == 429 else f"to try again after HTTP {status}"
    assert all(clause.endswith(f"{why} of {server.host}") for clause in told if clause)
    assert told[0].startswith("waiting ")


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 410, 451])
def test_what_stays_is_not(server, stopped, status):
    """A status that will not pass is the answer at once."""
    server.on("/", Answer({}, status))
    asking, _ = session()
    assert asking.get(server.address).status_code == status
    assert (len(server.asked), stopped.passed) == (1, 0)


def test_waits_double_where_the_server_names_none(server, stopped):
    """Each wait is twice the one before, a quarter more or less; after the last try the answer is what it is."""
    at: list[float] = []

    def broken(asked: Asked) -> Answer:
        at.append(stopped.passed)
        return Answer({}, 500)

    server.on("/", broken)
    asking, _ = session(Patience(tries=6, first=1.0))
    assert asking.get(server.address).status_code == 500
    waits = [after - before for before, after in itertools.pairwise(at)]
    assert len(waits) == 5
    assert all(0.75 * 2**n <= wait <= 1.25 * 2**n for n, wait in enumerate(waits)), waits
    assert len({round(wait / 2**n, 6) for n, wait in enumerate(waits)}) > 1, "many clients would come back at once"


def test_jitter_is_added_to_what_the_server_says(server, stopped, monkeypatch):
    """A wait is never shorter than the server says, and at most a second longer."""
    monkeypatch.setattr(transport, "random", random.Random(7))
    server.disturb("/", Answer({}, 503, {"Retry-After": "10"}))
    session(Patience())[0].get(server.address)
    assert 10 < stopped.passed <= 11


def test_a_wait_beyond_the_ceiling_ends_the_run(server, stopped):
    """The sentence has both times and the way on; nothing is waited for, and nothing asked again."""
    server.on("/", Answer({}, 429, {"Retry-After": "961"}))
    asking, told = session()
    with pytest.raises(WebError, match=r"asks to wait 16:01 \(HTTP 429\), longer than the 16:00 .* after that"):
        asking.get(server.address)
    assert (len(server.asked), stopped.passed, told) == (1, 0, [])


def test_the_last_allowed_request_is_not_followed_by_another(server, stopped):
    """An answer that says that no request is left makes the next one wait, though nobody refused yet."""
    server.disturb("/", Answer(BODY, headers={"x-rate-limit-remaining": "0", "x-rate-limit-reset": f"{NOW + 90:.0f}"}))
    asking, told = session()
    asking.get(server.address)
    assert stopped.passed == 0
    asking.get(server.address)
    assert stopped.passed == 90
    assert told[0] == f"waiting 1:30 for the rate limit of {server.host}"
    asking.get(server.address)
    assert stopped.passed == 90


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-rate-limit-remaining": "0"}, 0),
        ({"x-rate-limit-remaining": "1", "x-rate-limit-reset": f"{NOW + 90:.0f}"}, 0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "99999"}, EXACT.ceiling),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": iso(NOW - 5)}, 0),
    ],
)
def test_only_a_limit_that_is_reached_and_ends_is_waited_for(server, stopped, headers, seconds):
    """Without a time, with requests left, or when it is over, nothing is waited for; never longer than the ceiling."""
    server.disturb("/", Answer(BODY, headers=headers))
    asking, _ = session()
    asking.get(server.address)
    asking.get(server.address)
    assert stopped.passed == seconds


@pytest.mark.parametrize(
    "value", ["soon", "-5", "nan", "inf", "1e99", "20260101T", "Mon, 99 Foo 2026", "", "٣٠٠٠٠٠٠٠٠٠٠٠٠"]
)
def test_what_names_no_time_is_no_time(value):
    """A header that can't be understood is as good as none, and the next one is looked at."""
    assert requested_pause({"Retry-After": value}, NOW) is None
    assert requested_pause({"Retry-After": value, "ratelimit-reset": "7"}, NOW) == 7


@given(st.text(max_size=40) | st.integers().map(str) | st.floats().map(str) | st.datetimes().map(str))
def test_no_header_breaks_the_run(value):
    """Whatever stands in a header, it is a wait of at least nothing, or none."""
    waits = requested_pause({"Retry-After": value}, NOW)
    assert waits is None or waits >= 0


def test_the_clock():
    """Minutes and seconds, and hours where there are some."""
    assert [clock(seconds) for seconds in (0, 59.6, 252, 3600)] == ["0:00", "1:00", "4:12", "1:00:00"]


# ---- answers that are none


def test_a_connection_that_is_cut_is_made_again(server, stopped):
    """Half a body is no body: the request is made again, and the wait says why."""
    server.disturb("/", cut(BODY), cut(BODY))
    asking, told = session(Patience(first=2.0))
    assert asking.get(server.address).json() == BODY
    assert len(server.asked) == 3
    assert any(clause.endswith(f"to try again, since the connection to {server.host} broke") for clause in told)


def test_nobody_there_is_said_soon(stopped):
    """A host that has never answered and refuses connections is tried twice, not as often as one that is busy."""
    asking, told = session(Patience(first=2.0))
    with pytest.raises(WebError, match="refuses connections"):
        asking.get(closed_address())
    assert len([clause for clause in told if clause == ""]) == 1


def test_a_connection_that_is_always_cut(server, stopped):
    """After the last try the sentence says so, with the host and the way on."""
    server.on("/", cut(BODY))
    with pytest.raises(WebError, match=r"broke again and again\. Run the same command again later") as error:
        session(Patience(tries=3))[0].get(server.address)
    assert server.host in str(error.value)
    assert (error.value.status, len(server.asked)) == (None, 3)


def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_read(server, monkeypatch):
    """A gzip bomb ends the run before it is in memory; so does a large answer that isn't packed."""
    monkeypatch.setattr(transport, "LARGEST", 1 << 20)
    bomb = gzip.compress(bytes(3 << 20))
    assert len(bomb) < 1 << 13
    server.on("/bomb", Answer(bomb, headers={"Content-Encoding": "gzip"}))
    server.on("/large", Answer(bytes((1 << 20) + 1)))
    server.on("/fits", Answer(gzip.compress(bytes(1 << 20)), headers={"Content-Encoding": "gzip"}))
    for path in ("/bomb", "/large"):
        with pytest.raises(WebError, match="more than 1 MiB; it was not read"):
            session()[0].get(server.address + path)
    assert len(session()[0].get(server.address + "/fits").content) == 1 << 20
    assert len(server.asked) == 3


def test_an_answer_that_is_packed_wrongly(server):
    """What says that it is gzip and is not can't be unpacked; trying again would not help."""
    server.on("/", Answer(b"no gzip at all", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(WebError, match="can't be unpacked"):
        session()[0].get(server.address)
    assert len(server.asked) == 1


def test_a_port_where_nobody_listens():
    """A refused connection is said with the host and what to check."""
    address = closed_address()
    with pytest.raises(WebError, match=r"refuses connections\. Check the name and the port") as error:
        session(Patience(tries=2, first=0.0))[0].get(address)
    assert address.removeprefix("http://") in str(error.value)


def test_a_host_that_does_not_exist(monkeypatch):
    """An unknown name is said as one."""

    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(WebError, match=r"There is no host kettle\.example, or there is no network"):
        session(Patience(tries=2, first=0.0))[0].get("https://kettle.example/")


def test_a_server_that_says_nothing(server, monkeypatch):
    """A server that takes the request and does not answer is given up after a while."""
    monkeypatch.setattr(transport, "TIMEOUTS", (5, 0.05))
    over = threading.Event()
    server.on("/", lambda asked: over.wait(5) and None)
    with pytest.raises(WebError, match="does not answer in time"):
        session(Patience(tries=2, first=0.0))[0].get(server.address)
    over.set()


def test_a_certificate_that_nobody_vouches_for(tmp_path):
    """It is refused at once, nothing is sent, and the sentence says what may be wrong."""
    asking, told = session(Patience())
    with serving(self_signed(tmp_path)) as server:
        with pytest.raises(WebError, match=r"certificate of .* is not valid \(self.signed certificate\)") as error:
            asking.get(server.address)
        assert "nothing was sent" in str(error.value)
        assert (server.asked, told) == ([], [])


def test_https_where_none_is_spoken(server):
    """A port that speaks no encryption is not called a wrong certificate."""
    with pytest.raises(WebError, match="No encrypted connection to") as error:
        session(Patience(tries=2, first=0.0))[0].get(f"https://{server.host}/")
    assert "certificate" not in str(error.value)


# ---- another server in its place


def test_a_base_url_keeps_path_query_and_host(server):
    """What goes to any host goes to the base URL instead, and the answer says the address that was asked for."""
    server.on("/under/a/path", BODY)
    asking, _ = session(base_url=f"{server.address}/under/")
    answer = asking.get("https://kettle.example:8443/a/path?q=%D1%87%D0%B0%D0%B9&empty=&cursor=a%2Bb")
    [asked] = server.asked
    assert asked.headers["host"] == "kettle.example:8443"
    assert asked.query == {"q": "чай", "empty": "", "cursor": "a+b"}
    assert answer.url == "https://kettle.example:8443/a/path?q=%D1%87%D0%B0%D0%B9&empty=&cursor=a%2Bb"


def test_real_waits_are_short_when_little_patience_is_asked_for(server):
    """With the real clock, small figures make small waits: `--max-wait 0` tries again at once."""
    server.disturb("/", *[Answer({}, 500)] * 5)
    began = time.monotonic()
    assert session(Patience(ceiling=0.0))[0].get(server.address).ok
    assert time.monotonic() - began < 60
