"""The client of a server's JSON: who asks, who gets the token, and what is said of an answer that is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from curation.errors import InputError, UsageError
from curation.sources.http.patience import Patience
from curation.sources.http.transport import WebError
from curation.sources.http.web import Web, checked_address, user_agent
from tests.sources.loopback import BROKEN, MALFORMED, PAGE_FOR_PEOPLE, Answer, Loopback, self_signed, serving

TOKEN = "kettle-secret"
HASTY = Patience(tries=3, first=0.001)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as server:
        server.on("/posts", [1, 2])
        yield server


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A .netrc with a password for this machine."""
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login ada password lovelace\ndefault login ada password lovelace\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))


# ---- who asks, and with what


def test_who_asks(server):
    """The user agent names the program and its version, and JSON is asked for."""
    Web(server.address).get("/posts", {"limit": 5})
    [asked] = server.asked
    assert asked.headers["user-agent"] == user_agent()
    assert asked.headers["user-agent"].startswith("curation/0")
    assert asked.headers["accept"] == "application/json"
    assert asked.query == {"limit": "5"}
    assert "authorization" not in asked.headers


@pytest.mark.usefixtures("netrc")
def test_no_password_of_the_user_is_sent(server):
    """A .netrc gives nothing, neither with a token nor without one, nor where a redirect leads."""
    server.on("/moved", Answer({}, 301, {"Location": "/posts"}))
    Web(server.address).get("/posts")
    Web(server.address).get("/moved")
    Web(server.address, token=TOKEN).get("/moved")
    sent = [asked.headers.get("authorization") for asked in server.asked]
    assert sent == [None] * 3 + [f"Bearer {TOKEN}"] * 2


@pytest.mark.usefixtures("netrc")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_server_does_not_carry_the_token(server, status):
    """It is followed, without the token and without any other password."""
    with serving() as other:
        other.on("/posts", [3])
        server.on("/moved", Answer({}, status, {"Location": f"{other.address}/posts"}))
        answer, _ = Web(server.address, token=TOKEN).get("/moved")
        assert answer == [3]
        assert [asked.headers.get("authorization") for asked in other.asked] == [None]
    assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_another_host_in_an_answer_is_not_asked(server):
    """A whole address, as in a header `Link`, is asked only at the same host."""
    with serving() as other:
        web = Web(server.address, token=TOKEN)
        with pytest.raises(WebError, match=f"another host, {other.host}; it was not asked"):
            web.get(f"{other.address}/posts")
        assert other.asked == []
        assert web.get(f"{server.address}/posts?page=2")[0] == [1, 2]


def test_a_server_behind_a_proxy_does_not_make_us_speak_without_encryption(tmp_path, monkeypatch):
    """An address with http:// in the answer of a server that is asked by https:// is asked by https://."""
    context = self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
    with serving(context) as server:
        server.on("/posts", [1, 2])
        web = Web(server.address, token=TOKEN, patience=HASTY)
        assert web.get(f"http://{server.host}/posts")[0] == [1, 2]
        assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "address", ["http://192.0.2.7", "http://kettle.example/api", "http://127.0.0.1.example", "http://127.example"]
)
def test_a_token_is_not_sent_where_others_can_read_it(address):
    """Without encryption a token goes to this machine alone."""
    with pytest.raises(UsageError, match="a token is not sent over http://") as error:
        Web(address, token=TOKEN)
    assert TOKEN not in str(error.value)
    Web(address)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8", "http://localhost", "http://[::1]:8", "https://x.example"])
def test_a_token_is_sent_with_encryption_or_to_this_machine(address):
    """The addresses of this machine, and every https:// one, may get a token."""
    assert Web(address + "/", token=TOKEN).base_url == address


@pytest.mark.parametrize(
    "address",
    [
        "", "kettle", "kettle.example", "ftp://kettle.example", "https://", "https://ada:pw@kettle.example",
        "https://kettle.example/?a=1", "https://kettle.example/#a", "https://kettle.example:99999", "https://[::1",
        "https://kettle.example:0",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_server(address):
    """Anything else is a wrong option, with an example of a right one."""
    with pytest.raises(UsageError, match="write the address of a server, such as https://"):
        checked_address(address)


def test_a_base_url_may_have_a_path(server):
    """What is asked for stands below it."""
    server.on("/api/posts", ["below"])
    assert Web(f"{server.address}/api/").get("/posts")[0] == ["below"]


# ---- answers


def test_the_answer_and_its_headers(server):
    """JSON of any form is an answer; halves of surrogate pairs and NaN too, which some servers write."""
    server.on(
        "/odd", Answer(b'{"half": "\\ud83d", "none": NaN, "long": 123456789012345678901}', headers={"Link": "<a>"})
    )
    answer, headers = Web(server.address).get("/odd")
    assert answer == {"half": "\ud83d", "none": None, "long": 123456789012345678901}
    assert headers["link"] == "<a>"


@pytest.mark.parametrize("body", [MALFORMED, Answer(b""), Answer(b"null"), Answer(b'"\xff"'), Answer(b"[" * 5000)])
def test_what_is_no_json_is_asked_for_again(server, body):
    """Half a JSON, nothing, or what is nested without end: once it is not noticed, always it is said."""
    server.disturb("/posts", body)
    assert Web(server.address, patience=HASTY).get("/posts")[0] == [1, 2]
    server.on("/posts", body)
    with pytest.raises(WebError, match="sent no JSON but application/json at /posts, again and again"):
        Web(server.address, patience=HASTY).get("/posts")
    assert len(server.asked) == 2 + HASTY.tries


def test_a_page_for_people_is_not_asked_for_again(server):
    """HTML instead of JSON is another kind of server; asking again would give it again."""
    server.on("/posts", PAGE_FOR_PEOPLE)
    with pytest.raises(WebError, match="sent no JSON but text/html"):
        Web(server.address, patience=HASTY).get("/posts")
    assert len(server.asked) == 1


def test_a_refusal_carries_its_status_and_what_was_said(server):
    """Whoever asked can tell from the error what the server meant."""
    server.on("/posts", Answer({"error": "no kettle"}, 403))
    with pytest.raises(WebError, match=r"answers HTTP 403\.$") as error:
        Web(server.address, patience=HASTY, token=TOKEN).get("/posts")
    assert (error.value.status, error.value.answer) == (403, {"error": "no kettle"})
    assert isinstance(error.value, InputError)
    assert error.value.exit_code == 1


def test_a_trouble_that_does_not_pass_says_the_way_on(server):
    """After the last try of a 500 the sentence says to come again later."""
    server.on("/posts", BROKEN)
    with pytest.raises(WebError, match=r"HTTP 500 again and again\. Run the same command again later"):
        Web(server.address, patience=HASTY).get("/posts")
    assert len(server.asked) == HASTY.tries


def test_redirects_without_end(server):
    """A server that sends round in circles is said to be one that can't be asked."""
    server.on("/round", Answer({}, 302, {"Location": "/round"}))
    with pytest.raises(WebError, match="can't be asked: Exceeded 30 redirects"):
        Web(server.address).get("/round")


def test_a_name_that_is_no_name():
    """A host that no network knows how to write is a sentence, too."""
    with pytest.raises(WebError, match="There can be no host aaa"):
        Web("https://" + "a" * 70 + ".example", patience=HASTY).get("/posts")


def test_waits_reach_whoever_listens(server):
    """`listen` hears of the waits of the transport below."""
    told: list[str] = []
    server.disturb("/posts", Answer({}, 503, {"Retry-After": "1"}))
    web = Web(server.address, patience=HASTY)
    web.listen(told.append)
    web.get("/posts")
    assert told[0] == f"waiting 0:01 to try again after HTTP 503 of {server.host}"
    assert told[-1] == ""
