"""The source `x-api` over a real socket: what lands, what is asked and paid for, and what is said when X refuses."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from curation.collecting.collection import collect
from curation.collecting.land import Landing
from curation.errors import InputError
from curation.sources.http.patience import Patience
from curation.sources.records.x_api_posts import rows_of_response
from curation.sources.x_api import TOKEN_NAMES, XApiFeed
from tests.cli.shell import inside
from tests.sources.loopback import BROKEN, LIMITED, MALFORMED, Answer, Asked, Loopback, cut, serving
from tests.sources.x_api_loopback import ADA, FIRST, POSTS, PROFILE, TOKEN, X, tweet

HASTY = Patience(tries=2, first=0.001)
LONG = "Чайник спел, и кошка пришла. " * 15 + "🐈 конец"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TOKEN_NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(TOKEN_NAMES[0], TOKEN)


@pytest.fixture
def x(server: Loopback) -> X:
    x = X()
    server.on(PROFILE, x.profile)
    server.on(POSTS, x.list)
    return x


@pytest.fixture
def run(server: Loopback, tmp_path: Path) -> Callable[..., Landing]:
    """Collect into the test's workspace."""

    def collected(again: bool = False, **options: Any) -> Landing:
        return collect(
            tmp_path / "data", XApiFeed("ada", base_url=server.address, patience=HASTY, **options), again=again
        )

    return collected


def rows(data: Path) -> list[dict]:
    """All rows of the raw files, by id."""
    return sorted(
        (row for part in data.glob("raw/*/*.parquet") for row in pq.read_table(part).to_pylist()), key=lambda r: r["id"]
    )


def ids(data: Path) -> list[str]:
    return [row["id"] for row in rows(data)]


# ---- what lands


def test_every_post_lands_once(x, run, tmp_path):
    """A list of several pages lands whole; the profile's count is what was expected, and no request is wasted."""
    x.post(23).page_posts = 7
    landing = run()
    assert (landing.status, landing.landed, landing.expected, landing.had, landing.gaps) == ("complete", 23, 23, 23, 0)
    assert ids(tmp_path / "data") == x.ids
    assert x.pages == [7, 7, 7, 2]
    [first, *_] = rows(tmp_path / "data")
    assert (first["platform"], first["author"], first["author_name"]) == ("x", "Ada", "Ada 🌱")
    assert (first["source"], first["source_file"]) == ("x-api", "ada")


def test_retweets_quotes_and_long_posts_are_whole(x, run, tmp_path):
    """What is passed on and quoted comes out of `includes`, a long post out of `note_tweet`; each raw reads alone."""
    told = {"id": "99", "text": LONG[:270] + "…", "note_tweet": {"text": LONG}, "author_id": "12"}
    x.posts = {
        1: tweet(1, "RT @bob: " + LONG[:130] + "…", referenced_tweets=[{"type": "retweeted", "id": "99"}]),
        2: tweet(2, "so wahr 🫖 https://t.co/1", referenced_tweets=[{"type": "quoted", "id": "99"}]),
        3: tweet(3, LONG[:270] + "…", note_tweet={"text": LONG}),
        4: tweet(4, "@bob はい", referenced_tweets=[{"type": "replied_to", "id": "99"}], in_reply_to_user_id="12"),
    }
    x.includes["tweets"] = [told]
    assert run().status == "complete"
    repost, quote, long, reply = rows(tmp_path / "data")
    assert (repost["text"], repost["is_repost"], repost["repost_of"]) == (f"RT @bob: {LONG}", True, "99")
    assert (quote["is_quote"], quote["quote_of"], quote["is_repost"]) == (True, "99", False)
    assert (long["text"], long["is_reply"]) == (LONG, False)
    assert (reply["is_reply"], reply["reply_to"], reply["reply_to_author"]) == (True, "99", "bob")
    for row in (repost, quote, long, reply):
        [(again, _)] = rows_of_response(json.loads(row["raw"]), references_requested=True)
        assert {key: again[key] for key in ("id", "text", "author")} == {k: row[k] for k in ("id", "text", "author")}


def test_what_is_asked_for(x, run):
    """The whole text of long posts and what posts refer to are asked for; media, which cost extra, are not."""
    x.post(1)
    run()
    [query] = x.queries
    assert "note_tweet" in query["tweet.fields"].split(",")
    assert {"referenced_tweets.id", "referenced_tweets.id.author_id", "author_id"} <= set(
        query["expansions"].split(",")
    )
    assert "media" not in str(query)
    assert "since_id" not in query


def test_bad_records_cost_only_themselves(x, run, tmp_path):
    """A post without text or id is rejected with its place, half a character is mended, and all others land."""
    x.post(6)
    deep: Any = "kettle"
    for _ in range(400):
        deep = [deep]
    x.posts[2]["text"] = 7
    x.posts[3]["id"] = f"{x.posts[3]['id']}x"
    x.posts[4]["text"] = "half \ud83d a kettle"
    x.posts[5]["entities"] = {"deep": deep}
    landing = run()
    assert landing.rejected_count == 2
    assert all("x-api ada: item" in record.where and record.why for record in landing.rejected)
    texts = {row["id"]: row["text"] for row in rows(tmp_path / "data")}
    assert texts[str(FIRST + 4)] == "half \ufffd a kettle"
    assert texts.keys() == {str(FIRST + number) for number in (1, 4, 5, 6)}


# ---- running again


def test_a_second_run_asks_for_what_is_newer(x, run, tmp_path):
    """Nothing new: one request with `since_id`, no post handed out, `unchanged`; then only the new posts."""
    x.post(12)
    run()
    x.pages.clear(), x.queries.clear()
    landing = run()
    assert (landing.status, landing.landed, x.pages) == ("unchanged", 0, [0])
    assert x.queries[0]["since_id"] == str(FIRST + 12)
    x.post(3)
    landing = run()
    assert (landing.status, landing.landed, landing.had) == ("complete", 3, 15)
    assert sum(x.pages) == 3
    assert ids(tmp_path / "data") == x.ids


def test_a_run_that_dies_leaves_a_gap_that_the_next_closes(x, run, tmp_path):
    """The pages before the failure have landed, `partial`; the next run goes on at the cursor, and takes the new."""
    x.post(30).page_posts = 6
    x.broken_after = 2
    landing = run()
    assert (landing.status, landing.landed, landing.gaps) == ("partial", 12, 1)
    assert any("HTTP 500" in notice for notice in landing.notices)
    assert any("Run the same command again" in notice for notice in landing.notices)
    x.broken_after = None
    x.post(2)
    landing = run()
    assert (landing.status, landing.landed, landing.had, landing.gaps) == ("complete", 20, 32, 0)
    assert ids(tmp_path / "data") == x.ids
    assert sum(x.pages) == 32


def test_an_expired_cursor_is_made_anew(x, run, tmp_path):
    """X forgets its pagination tokens; then what is below the last post is asked for by its id."""
    x.post(30).page_posts = 6
    x.broken_after = 2
    run()
    x.tokens.clear()
    x.broken_after = None
    landing = run()
    assert (landing.status, landing.had) == ("complete", 30)
    assert ids(tmp_path / "data") == x.ids
    assert str(FIRST + 19) in [query.get("until_id") for query in x.queries]
    assert sum(x.pages) == 30


def test_a_list_that_ends_early_is_not_believed(x, run, tmp_path):
    """A page without a next one, though the profile counts more: what is below the last post is asked for."""
    x.post(20).page_posts = 6
    x.ends_early = True
    landing = run()
    assert (landing.status, landing.had) == ("complete", 20)
    assert ids(tmp_path / "data") == x.ids


def test_fewer_than_the_profile_counts_is_partial(x, run):
    """The list ends and posts are missing: `partial` with both figures, and asking again costs nothing."""
    x.post(8).count = 11
    landing = run()
    assert (landing.status, landing.landed, landing.expected, landing.gaps) == ("partial", 8, 11, 0)
    assert any("11 posts and 8 are here" in notice for notice in landing.notices)
    assert run().status == "partial"
    assert sum(x.pages) == 8


def test_posts_that_arrive_while_paging_are_not_lost(x, run, server, tmp_path):
    """A post that appears between two pages is there after the next run, and nothing is there twice."""
    x.post(18).page_posts = 6

    def growing(asked: Asked) -> Answer:
        answer = x.list(asked)
        x.post(1)
        return answer

    server.on(POSTS, growing)
    run()
    server.on(POSTS, x.list)
    assert run().had == len(x.posts)
    assert ids(tmp_path / "data") == x.ids


@pytest.mark.parametrize("trouble", [LIMITED, BROKEN, MALFORMED, cut({"data": [tweet(1)], "meta": {}})])
def test_a_passing_trouble_is_not_noticed(x, run, server, trouble):
    """After 429, 500, half a JSON and a connection that is cut, the same request is asked once more."""
    x.post(9)
    server.disturb(POSTS, trouble)
    landing = run()
    assert (landing.status, landing.landed, x.pages) == ("complete", 9, [9])


@pytest.mark.parametrize("seed", range(6))
def test_after_enough_runs_every_post_is_there_once(x, run, server, tmp_path, seed):
    """Failures, growth, small bounds and forgotten tokens between runs: in the end each post is there once."""
    rng = random.Random(seed)
    x.post(rng.randint(0, 40)).page_posts = rng.randint(5, 9)

    def unsteady(asked: Asked) -> Answer:
        x.post(rng.random() < 0.2)
        if rng.random() < 0.2:
            x.tokens.clear()
        return BROKEN if rng.random() < 0.3 else x.list(asked)

    server.on(POSTS, unsteady)
    for _ in range(5):
        x.post(rng.randint(0, 9))
        before = sum(x.pages)
        bound = rng.randint(5, 30)
        try:
            run(max_posts=bound)
        except InputError:
            assert x.pages == [] or before == sum(x.pages)
        assert sum(x.pages) - before <= bound
    server.on(POSTS, x.list)
    for _ in range(20):
        landing = run()
        if landing.status != "partial":
            break
    assert (landing.had, landing.gaps) == (len(x.posts), 0)
    assert ids(tmp_path / "data") == x.ids


# ---- what it costs


@pytest.mark.parametrize("page_posts", [100, 97, 6, 5])
@pytest.mark.parametrize("bound", [5, 7, 100, 103, 150, 204])
def test_no_run_is_handed_more_than_it_may(x, run, bound, page_posts):
    """X hands out at most `--max-posts` posts, and with full pages exactly so many; the run is `partial`."""
    x.post(260).page_posts = page_posts
    landing = run(max_posts=bound)
    assert bound - 4 <= sum(x.pages) == landing.landed <= bound
    if page_posts == 100:
        assert sum(x.pages) == bound
    assert (landing.status, landing.gaps) == ("partial", 1)
    assert any(f"--max-posts {bound} was reached" in notice for notice in landing.notices)
    assert any("Run the same command again" in notice for notice in landing.notices)


def test_bounded_runs_come_to_the_end(x, run, tmp_path):
    """Runs of 40 posts each go on where the one before ended, and no post is paid for twice."""
    x.post(100)
    statuses = [run(max_posts=40).status for _ in range(4)]
    assert statuses == ["partial", "partial", "complete", "unchanged"]
    assert ids(tmp_path / "data") == x.ids
    assert sum(x.pages) == 100


def test_a_bound_that_is_all_there_is_is_no_bound(x, run):
    """An account with exactly `--max-posts` posts is complete after one run."""
    x.post(40)
    assert run(max_posts=40).status == "complete"


def test_nothing_is_asked_before_the_cost_is_agreed_to(x, server, tmp_path):
    """Above the bound and without a terminal the command says the cost, refuses, and sends nothing; --yes agrees."""
    x.post(8)
    words = ("collect", "x-api", "@Ada", "--base-url", server.address, "--max-posts", 2000)
    refused = inside(*words, data=tmp_path / "data")
    assert refused.rc == 2
    assert "$10.00" in refused.err
    assert "--yes" in refused.complaint
    assert "Nothing was fetched" in refused.complaint
    assert server.asked == []
    agreed = inside(*words, "--yes", "--json", data=tmp_path / "data")
    assert agreed.rc == 0
    assert agreed.json["landed"] == 8
    assert "$10.00" in agreed.err


def test_exit_codes(x, server, tmp_path):
    """0 complete and unchanged, 1 when part of it is missing, with the way on; 3 for an account without posts."""
    words = ("collect", "x-api", "ada", "--base-url", server.address)
    assert inside(*words, data=tmp_path / "empty").rc == 3
    x.post(12)
    cut_short = inside(*words, "--max-posts", 5, "--json", data=tmp_path / "data")
    assert (cut_short.rc, cut_short.json["status"], cut_short.json["landed"]) == (1, "partial", 5)
    assert "Run the same command again" in cut_short.err
    assert inside(*words, data=tmp_path / "data").rc == 0
    again = inside(*words, "--json", data=tmp_path / "data")
    assert (again.rc, again.json["status"], again.json["expected"]) == (0, "unchanged", 12)


def test_more_than_x_lists_is_said(x, run):
    """Of an account with more than 3,200 posts the rest is in its owner's archive, and the notice says so."""
    x.post(7).count = 12_345
    landing = run()
    assert landing.status == "partial"
    [notice] = [notice for notice in landing.notices if "3,200" in notice]
    assert "12,345" in notice
    assert "curation collect x-archive" in notice


# ---- refusals


def problem(**words: Any) -> dict[str, Any]:
    return {"errors": [{"resource_type": "user", "parameter": "username", "value": "ada"} | words]}


NOT_FOUND = "https://api.twitter.com/2/problems/resource-not-found"
REFUSALS = {
    "refused token": (PROFILE, Answer({"title": "Unauthorized", "status": 401}, 401), "refuses the token"),
    "no credits": (
        PROFILE,
        Answer({"title": "CreditsDepleted", "detail": "Your account does not have any credits."}, 402),
        "CreditsDepleted: Your account does not have any credits",
    ),
    "spending cap": (PROFILE, Answer({"title": "SpendCapReached", "detail": "Cap."}, 403), "raise the limit"),
    "no access": (
        PROFILE,
        Answer({"title": "Client Forbidden", "reason": "client-not-enrolled", "detail": "Use another plan."}, 403),
        "does not let this token read posts (HTTP 403: Client Forbidden: Use another plan",
    ),
    "suspended reader": (
        PROFILE,
        Answer({"title": "Forbidden", "detail": "The user used for authentication is suspended"}, 403),
        "HTTP 403: Forbidden: The user used for authentication is suspended",
    ),
    "unknown": (
        PROFILE,
        Answer(problem(detail="Could not find user with username: [ada].", title="Not Found Error", type=NOT_FOUND)),
        "no account @ada on X",
    ),
    "unknown, with 404": (PROFILE, Answer(problem(title="Not Found Error", type=NOT_FOUND), 404), "no account @ada"),
    "suspended": (
        PROFILE,
        Answer(problem(detail="User has been suspended: [ada].", title="Forbidden", type=NOT_FOUND)),
        "suspended the account @ada",
    ),
    "private": (
        POSTS,
        Answer(
            problem(
                detail="Sorry, you are not authorized to see the user with id: [11].",
                title="Authorization Error",
                type="https://api.twitter.com/2/problems/not-authorized-for-resource",
            )
        ),
        "@ada is private",
    ),
    "limited for long": (PROFILE, Answer({}, 429, {"x-rate-limit-reset": "99999999999"}), "asks to wait"),
    "limited for ever": (POSTS, Answer({"title": "UsageCapExceeded"}, 429), "UsageCapExceeded"),
    "another server": (PROFILE, Answer({"hello": "kettle"}), "names neither account nor posts"),
    "no object": (PROFILE, Answer(["kettle"]), "names neither account nor posts"),
    "an id that leads elsewhere": (PROFILE, Answer({"data": {"id": "11/../12"}}), "names neither account nor posts"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals_have_their_sentence(x, run, server, tmp_path, case):
    """What X answers to a token or an account that won't do becomes a sentence, and nothing lands."""
    path, answer, sentence = REFUSALS[case]
    x.post(5)
    server.on(path, answer)
    with pytest.raises(InputError) as error:
        run()
    assert sentence in str(error.value)
    assert TOKEN not in str(error.value)
    assert rows(tmp_path / "data") == []


def test_a_private_account_that_hides_itself_is_told(x, run, server):
    """Where X lists nothing of a protected account that has posts, the account is private."""
    server.on(PROFILE, Answer({"data": ADA | {"protected": True, "public_metrics": {"tweet_count": 7}}}))
    with pytest.raises(InputError, match="@ada is private"):
        run()


def test_a_refusal_midway_is_partial(x, run, server):
    """Credits that end between two pages end the run as `partial`, with X's words."""
    x.post(12).page_posts = 6

    def until_broke(asked: Asked) -> Answer:
        return Answer({"title": "CreditsDepleted"}, 402) if x.pages else x.list(asked)

    server.on(POSTS, until_broke)
    landing = run()
    assert (landing.status, landing.landed, landing.gaps) == ("partial", 6, 1)
    assert any("CreditsDepleted" in notice for notice in landing.notices)


# ---- the token


def test_the_token_is_nowhere(x, server, tmp_path):
    """Neither files, output nor errors hold the token, not even when X repeats it."""
    x.post(6)
    words = ("collect", "x-api", "ada", "--base-url", server.address, "--max-posts", 5)
    said = [inside(*words, data=tmp_path / "data")]
    server.on(PROFILE, Answer({"title": "Unauthorized", "detail": f"Bad token {TOKEN}"}, 401))
    said.append(inside(*words, data=tmp_path / "data"))
    assert [each.rc for each in said] == [1, 1]
    assert "Bad token …" in said[1].complaint
    assert all(TOKEN not in each.out + each.err for each in said)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert len(files) > 2
    assert all(TOKEN.encode() not in path.read_bytes() for path in files)


def test_the_token_file_reaches_the_server(x, server, tmp_path, monkeypatch):
    """`--token-file` gives the token that is sent."""
    monkeypatch.setenv(TOKEN_NAMES[0], "another")
    x.post(2)
    (tmp_path / "token").write_text(TOKEN + "\n", encoding="utf-8")
    words = ("collect", "x-api", "ada", "--base-url", server.address, "--token-file", tmp_path / "token")
    assert inside(*words, data=tmp_path / "data").rc == 0
