"""`mastodon`: an account of a server that speaks Mastodon's API lands whole, and its token goes nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.collecting.collection import collect
from curation.errors import InputError, UsageError
from curation.sources.http.patience import Patience
from curation.sources.mastodon import MastodonFeed, place_of_id
from tests.cli.shell import curation, environment, inside
from tests.sources.loopback import (
    BROKEN,
    LIMITED,
    MALFORMED,
    PAGE_FOR_PEOPLE,
    Answer,
    Asked,
    Loopback,
    closed_address,
    cut,
    self_signed,
    serving,
)

LOOKUP = "/api/v1/accounts/lookup"
SEARCH = "/api/v2/search"
LIST = "/api/v1/accounts/7/statuses"
HOME = "https://example.social"
ADA = {"id": "7", "username": "ada", "acct": "ada", "display_name": "Ada", "uri": f"{HOME}/users/ada"}
BEGAN = datetime(2024, 5, 1, tzinfo=UTC)
WORDS = ("a walk by the river", "お茶の時間です", "чай и пирог", "شاي بالنعناع", "tea 🫖 again")
NEEDS_LOGIN = Answer({"error": "This API requires an authenticated user"}, 401)
NOT_FOUND = Answer({"error": "Record not found"}, 404)
TOKEN = "Kq7-invented-token-9zX"


def status(number: int, **more: Any) -> dict[str, Any]:
    """Post `number` as the API gives it."""
    return {
        "id": str(number),
        "uri": f"{HOME}/users/ada/statuses/{number}",
        "created_at": (BEGAN + timedelta(minutes=number)).isoformat(),
        "account": ADA,
        "content": f"<p>{WORDS[number % 5]} {number}</p>",
        "visibility": "public",
        "reblog": None,
        **more,
    }


@dataclass
class Account:
    """Ada's account: its posts by number, and how the server lists them."""

    server: Loopback
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    page: int = 4
    counted: int | None = None  # what the profile says, if not the truth
    links: bool = True  # whether pages name the next one in `Link`
    arrives: bool = False  # whether a post arrives before each page
    profile: dict[str, Any] = field(default_factory=dict)

    def post(self, count: int) -> None:
        """Let posts arrive; their numbers rise from 95, so that ids of two lengths are among them."""
        for number in range(95 + len(self.posts), 95 + len(self.posts) + count):
            self.posts[number] = status(number)

    def described(self, asked: Asked) -> Any:
        """The profile."""
        if asked.query.get("acct") != "ada":
            return NOT_FOUND
        return {**ADA, "statuses_count": len(self.posts) if self.counted is None else self.counted, **self.profile}

    def listed(self, asked: Asked) -> Answer:
        """A page."""
        if self.arrives and len(self.posts) < 30:
            self.post(1)
        below = int(asked.query.get("max_id", 10**9))
        numbers = [number for number in sorted(self.posts, reverse=True) if number < below][: self.page]
        headers = {}
        if self.links and len(numbers) == self.page:
            address = f"{self.server.address}{LIST}"
            headers["Link"] = f'<{address}?limit=40&max_id={numbers[-1]}>; rel="next", <{address}?min_id=9>; rel="prev"'
        return Answer([self.posts[number] for number in numbers], headers=headers)


@pytest.fixture
def account() -> Iterator[Account]:
    """Ada's account with ten posts, on a server of its own."""
    with serving() as server:
        account = Account(server)
        account.post(10)
        server.on(LOOKUP, account.described)
        server.on(LIST, account.listed)
        yield account


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """A file that holds the token."""
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n", encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's own token stays out of the tests."""
    monkeypatch.delenv("MASTODON_ACCESS_TOKEN", raising=False)


def feed(account: Account, tries: int = 3, **options: Any) -> MastodonFeed:
    """The source, in a hurry."""
    patience = Patience(tries=tries, first=0.01)
    return MastodonFeed("ada@example.social", base_url=account.server.address, patience=patience, **options)


def rows(data: Path) -> list[dict[str, Any]]:
    """What has landed, by number."""
    found = [row for part in sorted(data.glob("raw/*/*.parquet")) for row in pq.read_table(part).to_pylist()]
    return sorted(found, key=lambda row: row["created_at"])


def numbers(data: Path) -> list[int]:
    """The numbers of the posts that have landed, one for each row of the raw files."""
    return [int(row["id"].rpartition("/")[2]) for row in rows(data)]


def needing(*, token: str) -> Any:
    """Let only those in who bring the token; gives what wraps a handler."""

    def wrapped(handler: Any) -> Any:
        return lambda asked: handler(asked) if asked.headers.get("authorization") == f"Bearer {token}" else NEEDS_LOGIN

    return wrapped


@pytest.mark.parametrize("links", [True, False])
def test_an_account_lands_once(account, tmp_path, links):
    """Everything lands exactly once, with and without `Link`, and a second run changes nothing."""
    account.links = links
    first = collect(tmp_path, feed(account))
    assert (first.status, first.landed, first.already_had, first.expected, first.had) == ("complete", 10, 0, 10, 10)
    assert numbers(tmp_path) == list(range(95, 105))
    assert collect(tmp_path, feed(account)).status == "unchanged"
    assert numbers(tmp_path) == list(range(95, 105))


def test_what_lands(account, tmp_path):
    """Text, author with the server's name, time and the whole record land as they are."""
    collect(tmp_path, feed(account))
    post = rows(tmp_path)[1]
    assert (post["text"], post["author"], post["author_id"]) == (
        "お茶の時間です 96", "ada@example.social", f"{HOME}/users/ada"
    )  # fmt: skip
    assert (post["platform"], post["source"], post["source_file"]) == ("mastodon", "mastodon", "ada@example.social")
    assert post["created_at"] == BEGAN + timedelta(minutes=96)
    assert post["raw"].startswith('{"id":"96","uri":"https://example.social/users/ada/statuses/96"')


@pytest.mark.parametrize("path", [LOOKUP, LIST])
@pytest.mark.parametrize(
    "trouble", [LIMITED, BROKEN, MALFORMED, cut([status(9)])], ids=["429", "500", "malformed", "cut"]
)
def test_trouble_that_passes(account, tmp_path, path, trouble):
    """A rate limit, a server's error, a malformed answer and a cut connection are tried again."""
    account.server.disturb(path, trouble, trouble)
    assert collect(tmp_path, feed(account)).status == "complete"
    assert numbers(tmp_path) == list(range(95, 105))


def test_a_run_that_dies_leaves_a_gap(account, tmp_path):
    """What was read before the server failed has landed; the next run goes on there and closes the gap."""
    account.server.disturb(LIST, account.listed(Asked(LIST, {}, {})), *[BROKEN] * 3)
    first = collect(tmp_path, feed(account))
    assert (first.status, first.landed, first.gaps, first.had) == ("partial", 4, 1, 4)
    account.post(7)
    second = collect(tmp_path, feed(account))
    assert (second.status, second.landed, second.gaps) == ("complete", 13, 0)
    assert numbers(tmp_path) == list(range(95, 112))


def test_growth_lands_alone(account, tmp_path):
    """A later run reads down to what has landed and no further."""
    account.post(30)
    collect(tmp_path, feed(account))
    before = len(account.server.asked_for(LIST))
    account.post(2)
    assert collect(tmp_path, feed(account)).landed == 2
    assert len(account.server.asked_for(LIST)) == before + 1


def test_posts_that_arrive_while_paging(account, tmp_path):
    """Posts that arrive above while the list is read land with the next run, none twice."""
    account.arrives = True
    collect(tmp_path, feed(account))
    account.arrives = False
    assert collect(tmp_path, feed(account)).status == "complete"
    assert numbers(tmp_path) == sorted(account.posts)


def test_an_empty_page_is_no_end(account, tmp_path):
    """A page without a post, but with a `Link` to the next, is not the end of the list."""
    link = {"Link": f'<{account.server.address}{LIST}?max_id=200>; rel="next"'}
    account.server.disturb(LIST, Answer([], headers=link))
    assert collect(tmp_path, feed(account)).status == "complete"
    assert numbers(tmp_path) == list(range(95, 105))


def test_a_page_that_comes_twice(account, tmp_path):
    """A server that gives a page twice, cursor and all, is asked on, and nothing lands twice."""
    page = account.listed(Asked(LIST, {}, {}))
    account.server.disturb(LIST, page, page)
    assert collect(tmp_path, feed(account)).status == "complete"
    assert numbers(tmp_path) == list(range(95, 105))


def test_a_hashtag(account, tmp_path):
    """The posts that a server knows with a hashtag land with their authors; a second run has nothing new."""
    for number, author in ((96, "bob"), (99, "zoë@other.example")):
        account.posts[number]["account"] = {**account.posts[number]["account"], "acct": author}
    account.server.on("/api/v1/timelines/tag/hafen", account.listed)
    account.links = False
    source = MastodonFeed(
        "https://Example.social/tags/Hafen", base_url=account.server.address, patience=Patience(first=0.01)
    )
    landing = collect(tmp_path, source)
    assert (landing.status, landing.landed, landing.expected, landing.target) == (
        "complete", 10, None, "#hafen@example.social",
    )  # fmt: skip
    assert numbers(tmp_path) == list(range(95, 105))
    assert {"bob@example.social", "zoë@other.example"} < set(landing.authors)
    assert collect(tmp_path, source).status == "unchanged"


@pytest.mark.parametrize(
    "link",
    [
        '<https://elsewhere.example/api/v1/accounts/7/statuses?max_id=1>; rel="next"',
        '<{address}/api/v1/accounts/8/statuses?max_id=1>; rel="next"',
        '<http://[>; rel="next"',
        "<>; =;,",
        '<{address}/api/v1/accounts/7/statuses?max_id=>; rel="next"',
    ],
)
def test_a_link_that_leads_elsewhere(account, tmp_path, link):
    """A `Link` to another host, to another list or to nothing is not followed."""
    page = account.listed(Asked(LIST, {}, {}))
    headers = {"Link": link.format(address=account.server.address)}
    account.server.disturb(LIST, Answer(page.body, headers=headers))
    assert collect(tmp_path, feed(account)).status == "complete"
    assert account.server.asked_for(LIST)[1].query["max_id"] == "101"


def test_a_pinned_post_stops_nothing(account, tmp_path):
    """On a server that lists a pinned post on top, alone on its page, it neither ends a run early nor lands twice."""
    collect(tmp_path, feed(account))
    account.post(9)
    link = {"Link": f'<{account.server.address}{LIST}?max_id=200>; rel="next"'}
    account.server.disturb(LIST, Answer([status(95, pinned=True)], headers=link))
    assert collect(tmp_path, feed(account)).status == "complete"
    assert numbers(tmp_path) == sorted(account.posts)


def test_private_posts_stay_out(account, tmp_path):
    """Posts for followers or for the people mentioned never land, not even with a token, and are counted."""
    account.posts[101]["visibility"], account.posts[102]["visibility"] = "private", "direct"
    landing = collect(tmp_path, feed(account))
    assert numbers(tmp_path) == [*range(95, 101), 103, 104]
    assert (landing.status, landing.rejected) == ("partial", ())
    assert "2 posts were left out: they are not for everybody." in landing.notices


def test_fewer_than_the_profile_counts(account, tmp_path):
    """When the list ends short of the profile's count, the command says what is missing and fails."""
    account.counted = 12
    words = ("collect", "mastodon", "@Ada@example.social", "--base-url", account.server.address)
    said = inside(*words, "--json", data=tmp_path)
    assert said.rc == 1
    assert (said.json["status"], said.json["expected"], said.json["had"]) == ("partial", 12, 10)
    assert "12 posts and 10 are here: 2 are missing" in said.err
    assert inside(*words, "--missing-ok", data=tmp_path).rc == 0


def test_a_malformed_item_costs_itself(account, tmp_path):
    """Items that are no posts are rejected with their place, without the token, and the others land."""
    account.posts[103] = "no object"
    account.posts[102]["created_at"] = {"no": "date"}
    del account.posts[98]["id"]
    account.posts[97]["content"] = None
    account.posts[96]["visibility"] = 5
    landing = collect(tmp_path, feed(account), missing_ok=True)
    where = f"{account.server.address}{LIST}"
    assert {(record.where, record.why) for record in landing.rejected} == {
        (f"{where} item 2", "it is no object"),
        (f"{where} item 3", "it has no date"),
        (f"{where}?max_id=101 item 3", "it has no id"),
        (f"{where}?max_id=101 item 4", "it has no text"),
        (f"{where}?max_id=97 item 1", "it does not say whom it is for"),
    }
    assert numbers(tmp_path) == [95, 99, 100, 101, 104]


@pytest.mark.parametrize(
    ("described", "sentence"),
    [
        ({"moved": {"acct": "ada@new.example"}}, "has moved to ada@new.example"),
        ({"limited": True}, "limits ada@example.social"),
        ({"locked": True}, "only posts for everybody are listed"),
    ],
)
def test_what_is_to_be_known_of_an_account(account, tmp_path, described, sentence):
    """An account that moved, is limited or is locked is read, and a sentence says so."""
    account.profile = described
    landing = collect(tmp_path, feed(account))
    assert landing.landed == 10
    assert any(sentence in notice for notice in landing.notices)


@pytest.mark.parametrize("found", [{"accounts": [{"acct": "adam", "id": "9"}, {**ADA, "statuses_count": 10}]}, [ADA]])
def test_servers_without_a_lookup(account, tmp_path, found):
    """Where a server knows no lookup, the account is searched for, and only that very one is taken."""
    account.server.on(LOOKUP, NOT_FOUND)
    account.server.on(SEARCH, found)
    assert collect(tmp_path, feed(account)).landed == 10
    assert account.server.asked_for(SEARCH)[0].query["resolve"] == "false"


def test_an_account_seen_from_another_server(tmp_path):
    """A remote account is asked for by its whole name, and kept apart from the same account at home."""
    with serving() as server:
        bob = {"id": "7", "acct": "bob@other.example", "url": "https://other.example/@bob", "statuses_count": 1}
        server.on(LOOKUP, lambda asked: bob if asked.query["acct"] == "bob@other.example" else NOT_FOUND)
        server.on(LIST, lambda asked: [] if asked.query.get("max_id") else [status(5, account=bob)])
        source = MastodonFeed("https://example.social/@bob@other.example", base_url=server.address)
        assert collect(tmp_path, source).status == "complete"
    assert source.target == "https://example.social/@bob@other.example"
    assert rows(tmp_path)[0]["author"] == "bob@other.example"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (NOT_FOUND, "There is no account ada@example.social on 127.0.0.1"),
        (Answer({"error": "Gone"}, 410), "is gone: it was deleted, or suspended for good"),
        (Answer({**ADA, "suspended": True}), "has suspended ada@example.social"),
        (NEEDS_LOGIN, "name its file with --token-file"),
        (Answer({"error": "This action is not allowed"}, 403), "does not show ada@example.social"),
        (Answer({"error": "I'm a teapot"}, 418), "HTTP 418. It says: I'm a teapot"),
        (PAGE_FOR_PEOPLE, "does not answer as a Mastodon server does"),
        (Answer(b"<h1>Not Found</h1>", 404, type="text/html"), "does not answer as a Mastodon server does"),
        (Answer({"hello": 1}), "does not answer as Mastodon does"),
    ],
)
def test_refusals(account, tmp_path, answer, sentence):
    """Every way in which a server refuses an account has its sentence, and nothing is written."""
    account.server.on(LOOKUP, answer)
    for path in (SEARCH, "/api/v1/accounts/search"):
        account.server.on(path, answer if answer.type == "text/html" else NOT_FOUND)
    said = inside("collect", "mastodon", "ada@example.social", "--base-url", account.server.address, data=tmp_path)
    assert said.rc == 1
    assert sentence in said.complaint
    assert len(account.server.asked_for(LOOKUP)) == 1
    assert not list(tmp_path.glob("raw/*"))


def test_nobody_answers(tmp_path):
    """A host that refuses connections, and one that is not who it says, are named in a sentence."""
    patience = Patience(tries=2, first=0.01)
    with pytest.raises(InputError, match="refuses connections"):
        collect(tmp_path, MastodonFeed("ada@example.social", base_url=closed_address(), patience=patience))
    with serving(self_signed(tmp_path)) as server:
        with pytest.raises(InputError, match=r"certificate of 127\.0\.0\.1:\d+ is not valid"):
            collect(tmp_path, MastodonFeed("ada@example.social", base_url=server.address, patience=patience))
        assert server.asked == []


def test_a_token_in_the_environment_goes_to_its_own_server_only(account, tmp_path):
    """A closed server that the environment doesn't name gets no token, and the sentence says what to do."""
    account.server.on(LOOKUP, needing(token=TOKEN)(account.described))
    words = ["collect", "mastodon", "ada@example.social", "--base-url", account.server.address]
    env = environment(MASTODON_ACCESS_TOKEN=TOKEN, MASTODON_HOST="other.example")
    said = curation(*words, data=tmp_path / "data", env=env)
    assert said.rc == 1
    assert "example.social into its MASTODON_HOST" in said.err
    assert not [asked for asked in account.server.asked if TOKEN in repr(asked)]


@pytest.mark.parametrize("from_file", [True, False])
def test_a_token_where_the_server_asks_for_one(account, tmp_path, token, from_file):
    """Out of a file or the environment, the token opens a closed server, and stands in no file and no output."""
    guard, data = needing(token=TOKEN), tmp_path / "data"
    account.server.on(LOOKUP, guard(account.described))
    account.server.on(LIST, guard(account.listed))
    words = ["collect", "mastodon", "ada@example.social", "--base-url", account.server.address]
    given = ["--token-file", token] if from_file else []
    env = environment(MASTODON_ACCESS_TOKEN=None if from_file else TOKEN, MASTODON_HOST="Example.social")
    account.posts[103] = "no object"
    account.counted = 11
    said = curation(*words, *given, "--json", data=data, env=env)
    assert (said.rc, said.json["landed"], said.json["rejected_count"]) == (1, 9, 1)
    assert TOKEN not in said.out + said.err
    files = [path for path in data.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]
    text = [pq.read_table(path).to_pylist() for path in data.rglob("*.parquet")]
    assert TOKEN not in repr(text)


def test_no_token_is_sent_unasked(account, tmp_path, token):
    """A server that shows its posts to everybody never sees the token."""
    assert collect(tmp_path / "data", feed(account, token_file=token)).status == "complete"
    assert not any("authorization" in asked.headers for asked in account.server.asked)


def test_a_token_that_is_refused(account, tmp_path, token):
    """A refused token has its sentence, in which a server that repeats the token does not show it."""
    account.server.on(LOOKUP, Answer({"error": f"The access token {TOKEN} is invalid"}, 401))
    said = inside(
        "collect", "mastodon", "ada@example.social", "--token-file", token, "--base-url", account.server.address,
        data=tmp_path / "data",
    )  # fmt: skip
    assert said.rc == 1
    assert "refuses the token" in said.complaint
    assert TOKEN not in said.out + said.err


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_no_token_for_another_host(account, tmp_path, token, name):
    """A server that sends on to another host does not make the token go there."""
    with serving() as other:
        other.on(LIST, NEEDS_LOGIN)
        elsewhere = other.address.replace("127.0.0.1", name) + LIST
        account.server.on(LOOKUP, needing(token=TOKEN)(account.described))
        account.server.on(LIST, Answer({}, 302, {"Location": elsewhere}))
        with pytest.raises(InputError):
            collect(tmp_path / "data", feed(account, token_file=token))
        assert other.asked
        assert not any("authorization" in asked.headers for asked in other.asked)
    assert any("authorization" in asked.headers for asked in account.server.asked_for(LIST))


def test_no_token_unencrypted(token):
    """A token is not prepared for an address where others could read it on the way."""
    with pytest.raises(UsageError, match="a token is not sent over http"):
        MastodonFeed("ada@example.social", token_file=token, base_url="http://example.social")


@given(st.integers(0, 10**19), st.integers(0, 10**19))
def test_places_of_decimal_ids(one, other):
    """Decimal ids of any length have places in the order of the numbers."""
    assert (place_of_id(str(one)) < place_of_id(str(other))) == (one < other)


@given(*[st.text("0123456789ABCXYZabcxyz", min_size=18, max_size=18)] * 2)
def test_places_of_other_ids(one, other):
    """Ids of letters and digits, all of one length, have places in the order of the text."""
    assert (place_of_id(one) < place_of_id(other)) == (one < other)
