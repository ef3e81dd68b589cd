"""`bluesky`: an account of a server that speaks Bluesky's API lands whole, whatever the server does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.collecting.collection import collect
from curation.errors import InputError, RefusedError, UsageError
from curation.posts import batch
from curation.sources import open_source
from curation.sources.bluesky import BlueskyFeed, _entry, actor_of
from curation.sources.http.listed_items import ListedItems
from curation.sources.http.patience import Patience
from tests.cli.shell import inside, landed
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

PROFILE = "/xrpc/app.bsky.actor.getProfile"
FEED = "/xrpc/app.bsky.feed.getAuthorFeed"
ADA = {"did": "did:plc:ada234", "handle": "ada.bsky.social", "displayName": "Ada 🌱"}
BOB = {"did": "did:plc:bob234", "handle": "bob.example.org", "displayName": "Bob"}
HIDDEN = {"labels": [{"src": "did:plc:bob234", "val": "!no-unauthenticated"}]}
BEGAN = datetime(2024, 5, 1, tzinfo=UTC)
WORDS = ("a walk by the river", "お茶の時間です", "чай и пирог", "شاي بالنعناع", "tea 🫖 again")


def moment(number: int) -> str:
    """When post `number` was posted."""
    return (BEGAN + timedelta(minutes=number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def item(number: int, **more: Any) -> dict[str, Any]:
    """Post `number` as it stands in a feed."""
    uri = f"at://{ADA['did']}/app.bsky.feed.post/{number:05d}"
    text = {"$type": "app.bsky.feed.post", "text": f"{WORDS[number % 5]} {number}", "createdAt": moment(number)}
    return {"post": {"uri": uri, "author": ADA, "record": text, "indexedAt": moment(number), "likeCount": 2}, **more}


def repost(number: int, whose: dict[str, Any] = BOB) -> dict[str, Any]:
    """A post of somebody else, passed on at the time of post `number`."""
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": ADA, "indexedAt": moment(number)}
    reason["uri"] = f"at://{ADA['did']}/app.bsky.feed.repost/{number:05d}"
    uri = f"at://{BOB['did']}/app.bsky.feed.post/{number:05d}"
    record = {"text": f"passed on {number}", "createdAt": moment(number - 7000)}
    return {
        "post": {"uri": uri, "author": whose, "record": record, "indexedAt": moment(number - 7000)},
        "reason": reason,
    }


@dataclass
class Account:
    """Ada's account: its items, rising, and how the server lists them."""

    server: Loopback
    items: dict[int, dict[str, Any]] = field(default_factory=dict)
    page: int = 4
    counted: int | None = None  # what the profile says, if not the truth
    forgotten: set[str] = field(default_factory=set)
    forgets_cursor: set[str] = field(default_factory=set)  # cursors that answers leave out
    arrives: bool = False  # whether a post arrives before each page
    profile: dict[str, Any] = field(default_factory=dict)

    def post(self, count: int) -> None:
        """Let posts arrive."""
        for number in range(len(self.items) + 1, len(self.items) + count + 1):
            self.items[number] = item(number)

    def described(self, asked: Asked) -> Any:
        """The profile."""
        own = sum("reason" not in one for one in self.items.values())
        return {**ADA, "postsCount": own if self.counted is None else self.counted, **self.profile}

    def listed(self, asked: Asked) -> Any:
        """A page."""
        cursor = asked.query.get("cursor")
        if cursor in self.forgotten:
            return Answer({"error": "InvalidRequest", "message": "Malformed cursor"}, 400)
        if self.arrives and len(self.items) < 30:
            self.post(1)
        numbers = [n for n in sorted(self.items, reverse=True) if cursor is None or moment(n) < cursor][: self.page]
        answer: dict[str, Any] = {"feed": [self.items[n] for n in numbers]}
        if numbers and moment(numbers[-1]) not in self.forgets_cursor:
            answer["cursor"] = moment(numbers[-1])
        return answer


@pytest.fixture
def account() -> Iterator[Account]:
    """Ada's account with ten posts, on a server of its own."""
    with serving() as server:
        account = Account(server)
        account.post(10)
        server.on(PROFILE, account.described)
        server.on(FEED, account.listed)
        yield account


def feed(account: Account, tries: int = 3, **options: Any) -> BlueskyFeed:
    """The source, in a hurry."""
    return BlueskyFeed("ada", base_url=account.server.address, patience=Patience(tries=tries, first=0.01), **options)


def numbers(data: Path) -> list[int]:
    """The numbers of the posts that have landed, one for each row of the raw files."""
    return sorted(int(uri.rpartition("/")[2]) for uri, _ in landed(data))


def rows(data: Path) -> list[dict[str, Any]]:
    """What has landed, by number."""
    found = [row for part in sorted(data.glob("raw/*/*.parquet")) for row in pq.read_table(part).to_pylist()]
    return sorted(found, key=lambda row: row["id"].rpartition("/")[2])


def test_an_account_lands_once(account, tmp_path):
    """Everything lands exactly once, the profile's count is met, and a second run changes nothing."""
    first = collect(tmp_path, feed(account))
    assert (first.status, first.landed, first.already_had, first.expected, first.had) == ("complete", 10, 0, 10, 10)
    assert numbers(tmp_path) == list(range(1, 11))
    files = sorted(tmp_path.glob("raw/**/*"))
    assert collect(tmp_path, feed(account)).status == "unchanged"
    assert sorted(tmp_path.glob("raw/**/*")) == files


def test_what_lands(account, tmp_path):
    """Text in any script, author, time, kind and the whole record land as they are."""
    account.items[11] = repost(11)
    collect(tmp_path, feed(account))
    post, *_, passed_on = rows(tmp_path)
    assert (post["text"], post["author"], post["author_id"]) == (
        "お茶の時間です 1",
        "ada.bsky.social",
        "did:plc:ada234",
    )
    assert (post["created_at"], post["like_count"], post["is_repost"]) == (BEGAN + timedelta(minutes=1), 2, False)
    assert (post["source"], post["source_file"]) == ("bluesky", "ada.bsky.social")
    assert post["raw"].startswith('{"post":{"uri":"at://did:plc:ada234/')
    assert (passed_on["is_repost"], passed_on["author"]) == (True, "ada.bsky.social")


def test_reposts_are_not_in_the_count(account, tmp_path):
    """A profile counts its own posts: reposts neither fill the count nor exceed it."""
    account.items |= {n: repost(n) for n in range(11, 15)}
    landing = collect(tmp_path, feed(account))
    assert (landing.status, landing.landed, landing.expected, landing.had) == ("complete", 14, 10, 10)
    account.counted = 12
    assert collect(tmp_path, feed(account)).status == "partial"


@pytest.mark.parametrize("path", [PROFILE, FEED])
@pytest.mark.parametrize(
    "trouble", [LIMITED, BROKEN, MALFORMED, cut({"feed": [item(10)]})], ids=["429", "500", "malformed", "cut"]
)
def test_trouble_that_passes(account, tmp_path, path, trouble):
    """A rate limit, a server's error, a malformed answer and a cut connection are tried again."""
    account.server.disturb(path, trouble, trouble)
    assert collect(tmp_path, feed(account)).status == "complete"
    assert numbers(tmp_path) == list(range(1, 11))


def test_a_run_that_dies_leaves_a_gap(account, tmp_path):
    """What was read before the server failed has landed; the next run goes on there and closes the gap."""
    account.server.disturb(FEED, Answer(account.listed(Asked(FEED, {}, {}))), *[BROKEN] * 3)
    first = collect(tmp_path, feed(account))
    assert (first.status, first.landed, first.gaps, first.had) == ("partial", 4, 1, 4)
    account.post(3)
    second = collect(tmp_path, feed(account))
    assert (second.status, second.landed, second.gaps) == ("complete", 9, 0)
    assert numbers(tmp_path) == list(range(1, 14))


def test_growth_lands_alone(account, tmp_path):
    """A later run reads down to what has landed and no further."""
    account.post(30)
    collect(tmp_path, feed(account))
    before = len(account.server.asked_for(FEED))
    account.post(2)
    assert collect(tmp_path, feed(account)).landed == 2
    assert len(account.server.asked_for(FEED)) == before + 1
    assert numbers(tmp_path) == list(range(1, 43))


def test_posts_that_arrive_while_paging(account, tmp_path):
    """Posts that arrive above while the list is read land with the next run, none twice."""
    account.arrives = True
    collect(tmp_path, feed(account))
    account.arrives = False
    assert collect(tmp_path, feed(account)).status == "complete"
    assert numbers(tmp_path) == list(range(1, len(account.items) + 1))


def test_an_empty_page_is_no_end(account, tmp_path):
    """A page without a post, but with a cursor, is not the end of the list."""
    account.server.disturb(FEED, Answer({"feed": [], "cursor": moment(11)}))
    assert collect(tmp_path, feed(account)).status == "complete"
    assert numbers(tmp_path) == list(range(1, 11))


def test_a_page_that_comes_twice(account, tmp_path):
    """A server that gives a page twice, cursor and all, is asked on, and nothing lands twice."""
    page = Answer(account.listed(Asked(FEED, {}, {})))
    account.server.disturb(FEED, page, page)
    assert collect(tmp_path, feed(account)).status == "complete"
    assert numbers(tmp_path) == list(range(1, 11))


def test_a_cursor_that_the_server_leaves_out(account, tmp_path):
    """Where the cursor is missing in the middle of the list, the list goes on below the last post."""
    account.forgets_cursor = {moment(3)}
    landing = collect(tmp_path, feed(account))
    assert (landing.status, landing.already_had) == ("complete", 0)
    assert numbers(tmp_path) == list(range(1, 11))


@pytest.mark.parametrize(
    ("cursor", "made"),
    [("2024-05-01T00:00:00.000Z", "2024-05-01T00:10:00.001Z"), ("1714521600000__bafy", "1714522200001__z")],
)
def test_a_cursor_is_made_of_a_place(account, cursor, made):
    """A cursor has the form that the server's own have, and lies just above the place."""
    source = feed(account)
    assert source.cursor_below(0) is None
    next(source.read(cursor, None))
    place = int((BEGAN + timedelta(minutes=10)).timestamp() * 1_000_000)
    assert source.cursor_below(place) == made


def test_an_expired_cursor(account, tmp_path):
    """A gap whose cursor the server has forgotten is closed all the same, and nothing above is fetched again."""
    account.server.disturb(FEED, Answer(account.listed(Asked(FEED, {}, {}))), *[BROKEN] * 3)
    collect(tmp_path, feed(account))
    account.forgotten = {moment(7)}
    landing = collect(tmp_path, feed(account))
    assert (landing.status, landing.landed) == ("complete", 6)
    assert numbers(tmp_path) == list(range(1, 11))


def test_a_pinned_post_stops_nothing(account, tmp_path):
    """An old post that is pinned on top, alone on its page, neither ends a run early nor lands twice."""
    collect(tmp_path, feed(account))
    account.post(9)
    pinned = item(1, reason={"$type": "app.bsky.feed.defs#reasonPin"})
    account.server.disturb(FEED, Answer({"feed": [pinned], "cursor": moment(20)}))
    assert collect(tmp_path, feed(account)).status == "complete"
    assert numbers(tmp_path) == list(range(1, 20))


def test_fewer_than_the_profile_counts(account, tmp_path):
    """When the list ends short of the profile's count, the command says what is missing and fails."""
    account.counted = 12
    said = inside(
        "collect", "bluesky", "@ada.bsky.social", "--base-url", account.server.address, "--json", data=tmp_path
    )
    assert said.rc == 1
    assert (said.json["status"], said.json["expected"], said.json["had"], said.json["gaps"]) == ("partial", 12, 10, 0)
    assert "12 posts and 10 are here: 2 are missing" in said.err
    again = inside("collect", "bluesky", "ada", "--base-url", account.server.address, "--missing-ok", data=tmp_path)
    assert again.rc == 0


def test_max_posts(account, tmp_path):
    """`--max-posts` ends a run after the page that reaches it, and says so; the next one goes on."""
    said = inside("collect", "bluesky", "ada", "--max-posts", 3, "--base-url", account.server.address, data=tmp_path)
    assert (said.rc, len(numbers(tmp_path))) == (1, 4)
    assert "--max-posts 3 was reached" in said.err
    assert collect(tmp_path, feed(account)).status == "complete"


def test_a_malformed_item_costs_itself(account, tmp_path):
    """Items that are no posts are rejected with their place, and the others on the page land."""
    account.items[9] = {"post": {"uri": "at://did:plc:ada234/app.bsky.feed.post/9"}}
    account.items[8] = "no object"
    account.items[4]["post"]["record"]["text"] = ["no", "text"]
    account.items[3]["post"]["record"]["text"] = "half a \ud83d pair"
    landing = collect(tmp_path, feed(account), missing_ok=True)
    where = f"{account.server.address}{FEED}?"
    assert {(record.where, record.why) for record in landing.rejected} == {
        (f"{where}actor=ada.bsky.social item 2", "it has no date"),
        (f"{where}actor=ada.bsky.social item 3", "it is no object"),
        (f"{where}cursor=2024-05-01T00:07:00.000Z item 3", "it has no text"),
    }
    assert numbers(tmp_path) == [1, 2, 3, 5, 6, 7, 10]
    assert rows(tmp_path)[2]["text"] == "half a \ufffd pair"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer({"error": "InvalidRequest", "message": "Profile not found"}, 400), "There is no account ada"),
        (Answer({"error": "AccountTakedown", "message": "Account has been suspended"}, 400), "taken down"),
        (Answer({"error": "AccountDeactivated", "message": "Account is deactivated"}, 400), "deactivated by its owner"),
        (Answer({"error": "BlockedActor", "message": "…"}, 400), "because of a block"),
        (Answer({"error": "AuthMissing", "message": "Authentication Required"}, 401), "to everybody (HTTP 401)"),
        (Answer({"error": "Teapot", "message": "short and stout"}, 418), "HTTP 418. It says: short and stout"),
        (PAGE_FOR_PEOPLE, "sent no JSON but text/html"),
        (Answer([1, 2]), "does not answer as Bluesky does"),
    ],
)
def test_refusals(account, tmp_path, answer, sentence):
    """Every way in which a server refuses an account has its sentence, and nothing is written."""
    account.server.on(PROFILE, answer)
    with pytest.raises(InputError, match=sentence.replace("(", r"\(").replace(")", r"\)")):
        collect(tmp_path, feed(account))
    assert len(account.server.asked) == 1
    assert not list(tmp_path.glob("raw/*"))


def test_who_asks_not_to_be_shown(account, tmp_path):
    """An account that asks not to be shown to people without a login is refused; so is what it wrote."""
    account.items |= {11: repost(11, {**BOB, **HIDDEN}), 12: repost(12)}
    landing = collect(tmp_path, feed(account))
    assert (numbers(tmp_path), landing.status) == ([*range(1, 11), 12], "complete")
    assert any("One post was left out: whoever wrote them asks" in notice for notice in landing.notices)
    asked = len(account.server.asked_for(FEED))
    account.profile = HIDDEN
    with pytest.raises(RefusedError, match="asks that only people who are logged in"):
        collect(tmp_path, feed(account))
    assert len(account.server.asked_for(FEED)) == asked


def test_nobody_answers(tmp_path):
    """A host that refuses connections, and one that is not who it says, are named in a sentence."""
    source = BlueskyFeed("ada", base_url=closed_address(), patience=Patience(tries=2, first=0.01))
    with pytest.raises(InputError, match="refuses connections"):
        collect(tmp_path, source)
    with serving(self_signed(tmp_path)) as server:
        source = BlueskyFeed("ada", base_url=server.address, patience=Patience(first=0.01))
        with pytest.raises(InputError, match=r"certificate of 127\.0\.0\.1:\d+ is not valid"):
            collect(tmp_path, source)
        assert server.asked == []


def test_how_it_asks(account, tmp_path):
    """Requests say who asks and carry no login, and ask for replies but not for pins."""
    collect(tmp_path, feed(account))
    first = account.server.asked_for(FEED)[0]
    assert first.headers["user-agent"].startswith("curation/")
    assert not any("authorization" in asked.headers for asked in account.server.asked)
    assert first.query == {
        "actor": ADA["did"], "limit": "100", "filter": "posts_with_replies", "includePins": "false"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "actor"),
    [
        ("@ada.bsky.social", "ada.bsky.social"),
        ("Ada.Bsky.Social", "ada.bsky.social"),
        ("ada", "ada.bsky.social"),
        ("\u202aada.bsky.social\u202c", "ada.bsky.social"),
        ("did:plc:ada234", "did:plc:ada234"),
        ("https://bsky.app/profile/ada.bsky.social", "ada.bsky.social"),
        ("https://bsky.app/profile/did%3Aplc%3Aada234/post/3kx", "did:plc:ada234"),
        ("at://ada.example.org/app.bsky.feed.post/3kx", "ada.example.org"),
    ],
)
def test_names_of_an_account(given, actor):
    """A handle with @, a short one, a DID and a whole address name the same account."""
    assert open_source("bluesky", [given]).target == actor


@pytest.mark.parametrize("given", ["", "@", "ada@example.social", "https://x.com/ada", "a b", "10.0.0.1", "http://["])
def test_what_is_no_account(given):
    """Anything else is refused with what it should look like."""
    with pytest.raises(UsageError, match=r"such as ada\.bsky\.social"):
        actor_of(given)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(
        {"post", "record", "uri", "text", "createdAt", "indexedAt", "author", "reason", "by", "labels", "did"}
    )), inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(JSON, max_size=4), JSON)
def test_any_item(items, broken):
    """Whatever stands in a list, each item lands, is rejected or is left out, and what lands fits the schema."""
    items += [{**item(1), "reason": broken}, {"post": {**item(2)["post"], "record": broken}}]
    listed = ListedItems(_entry)
    entries, rejected = listed.read(items, "page")
    assert len(entries) + len(rejected) + listed.left_out.total() == len(items)
    assert batch(entry.row for entry in entries).num_rows == len(entries)
