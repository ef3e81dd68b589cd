"""The real scrapers of X, over real sockets, against GraphQL as snscrape reads it, invented for the tests."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from curation.errors import InputError
from curation.sources.snscrape_feed import EMPTY_PAGES, SnscrapeFeed
from tests.sources.snscrape_birds import JSON, Birds, conversation, entry, tweet, user
from tests.sources.snscrape_loopback import Answer, Site, serving


@pytest.fixture
def birds() -> Birds:
    """Eight tweets of one account."""
    return Birds([entry(number, tweet(number, f"Tweet {number} über &lt;Vögel&gt;")) for number in range(108, 100, -1)])


@pytest.fixture
def site(birds: Birds) -> Iterator[Site]:
    """X, with these tweets alone."""
    with serving() as site:
        site.answer = birds.answer
        yield site


LISTS = [
    ("twitter-user", "@ada", "from:ada"),
    ("twitter-search", "vögel since:2023-01-01", "vögel since:2023-01-01"),
    ("twitter-hashtag", "#vögel", "#vögel"),
    ("twitter-profile", "https://x.com/ada", None),
]


def _ids(feed: SnscrapeFeed, cursor: str | None = None) -> list[str]:
    return [entry.row["id"] for page in feed.read(cursor, None) for entry in page.entries]


@pytest.mark.parametrize(("scraper", "target", "query"), LISTS)
def test_a_list_comes_page_by_page(site, birds, scraper, target, query):
    """As a guest, down to where the list says nothing new, which is never sure to be its end."""
    pages = list(site.feed(scraper, target).read(None, None))
    assert [[e.place for e in page.entries] for page in pages] == [[108, 107, 106], [105, 104, 103], [102, 101], []]
    assert (pages[-1].next, pages[-1].sure) == (None, False)
    assert all(variables.get("rawQuery") == query for variables in birds.listed)
    assert all(asked.host in ("twitter.com", "api.twitter.com") for asked in site.asked)


@pytest.mark.parametrize(("scraper", "target", "query"), LISTS)
def test_every_cursor_gives_the_rest_and_nothing_twice(site, scraper, target, query):
    """A new run goes on at the address of the page below."""
    above: list[str] = []
    for page in site.feed(scraper, target).read(None, None):
        above += [e.row["id"] for e in page.entries]
        if page.next:
            assert above + _ids(site.feed(scraper, target), page.next) == [str(n) for n in range(108, 100, -1)]


def test_a_cursor_of_another_search_is_not_asked(site, birds):
    """The list that a cursor belongs to shows in its variables."""
    page = next(iter(site.feed("twitter-search", "vögel").read(None, None)))
    asked = len(birds.listed)
    with pytest.raises(InputError, match="is no page of the list"):
        _ids(site.feed("twitter-search", "fische"), page.next)
    assert len(birds.listed) == asked


def test_a_row_is_what_a_file_of_snscrape_gives(site, birds):
    """The same tweet read from snscrape's JSON lines says the same."""
    from curation.sources.dialects.snscrape import snscrape_post

    birds.places = birds.places[:1]
    (e,) = [e for page in site.feed("twitter-user", "ada").read(None, None) for e in page.entries]
    row = dict(e.row)
    assert row.pop("raw")
    assert row == snscrape_post(json.loads(e.row["raw"]))
    assert (row["id"], row["author"], row["author_name"], row["author_id"]) == ("108", "ada", "Ada 🦊", "42")
    assert (row["text"], row["text_format"]) == ("Tweet 108 über &lt;Vögel&gt;", "escaped")
    assert (row["is_repost"], row["is_reply"], row["lang"], row["like_count"]) == (False, False, "de", 2)


def test_the_text_of_a_long_tweet_is_whole_and_not_escaped(site, birds):
    """X keeps it apart from the tweet, without escapes."""
    long = {"note_tweet_results": {"result": {"text": "Lang & breit <3", "entity_set": {}}}}
    birds.places = [entry(9, {**tweet(9, "Lang &amp; …"), "note_tweet": long})]
    (page, *_) = site.feed("twitter-user", "ada").read(None, None)
    assert (page.entries[0].row["text"], page.entries[0].row["text_format"]) == ("Lang & breit <3", "plain")


def test_half_a_character_lands_as_a_replacement(site, birds):
    """JSON may hold what no text can."""
    birds.places = [entry(9, tweet(9, "kaputt \ud83d!"))]
    (page, *_) = site.feed("twitter-user", "ada").read(None, None)
    assert page.entries[0].row["text"] == "kaputt \ufffd!"
    assert "\\ud83d" in page.entries[0].row["raw"]


@pytest.mark.parametrize("scraper", ["twitter-user", "twitter-profile"])
def test_the_profile_counts(site, scraper):
    """Handle, number and posts come from the account."""
    profile = site.feed(scraper, "https://twitter.com/ADA").profile()
    assert (profile.platform, profile.author, profile.author_id, profile.expected) == ("x", "ada", "42", 9)


def test_a_search_has_no_profile(site):
    """It is of many authors; its first page is asked for once."""
    feed = site.feed("twitter-search", "vögel")
    assert (feed.profile().author, feed.profile().expected) == (None, None)
    assert len(_ids(feed)) == 8


def test_an_account_by_number_is_resolved(site, birds):
    """A whole address may name the number instead of the handle."""
    assert len(_ids(site.feed("twitter-user", "https://x.com/i/user/42"))) == 8
    assert birds.listed[0]["rawQuery"] == "from:ada"


def test_a_guests_token_may_come_from_the_api(site, birds):
    """Where the page has none."""
    birds.token_in_page = False
    assert len(_ids(site.feed("twitter-user", "ada"))) == 8
    assert [asked.method for asked in site.asked if asked.path == "/1.1/guest/activate.json"] == ["POST"]


def test_a_guests_token_that_is_taken_back_is_renewed(site, birds):
    """A long run outlives its token, which ends after three hours."""
    birds.valid_for = 3
    assert len(_ids(site.feed("twitter-user", "ada"))) == 8
    assert {asked.headers.get("x-guest-token") for asked in site.asked} == {None, "1001", "1002"}


def test_tombstones_and_references_are_counted(site, birds):
    """They name tweets that nobody showed; they are neither posts nor errors."""
    birds.places[1] = entry(107, {"__typename": "TweetTombstone"})
    birds.places[2] = entry(106, {"__typename": "TweetUnavailable"})
    feed = site.feed("twitter-user", "ada")
    pages = list(feed.read(None, None))
    assert [e.row["id"] for page in pages for e in page.entries] == ["108", "105", "104", "103", "102", "101"]
    assert [page.rejected for page in pages] == [()] * 4
    assert [n for n in feed.notices() if "1 post" in n] == [
        "Left out: 1 post that X named without showing.",
        "Left out: 1 post that X shows to nobody any more (deleted, or of an account that is gone or private).",
    ]


def test_a_pinned_tweet_says_nothing_of_how_far_down_the_page_is(site, birds):
    """Nor does it stop a run that has come to it."""
    birds.pinned = tweet(11, "Oben angepinnt")
    page = next(iter(site.feed("twitter-profile", "ada").read(None, None)))
    assert [(e.place, e.pinned) for e in page.entries] == [(11, True), (108, False), (107, False), (106, False)]


def test_an_old_tweet_of_a_conversation_closes_no_gap(site, birds):
    """A profile shows an answer with what it answers, which may be years older."""
    own, other = tweet(15, "Alter Anfang", talk=15), tweet(103, "Zwischenruf", by=user(7, "bob"), talk=15)
    birds.places = [*birds.places[:2], conversation(15, own, other, tweet(104, "Späte Antwort", talk=15))]
    page = next(iter(site.feed("twitter-profile", "ada").read(None, None)))
    assert [(e.place, e.pinned) for e in page.entries] == [(108, False), (107, False), (104, False), (15, True)]
    assert page.lowest == 104


def test_a_retweet_and_a_quote_name_their_originals(site, birds):
    """A retweet of a quote is no quote of one's own."""
    bob = tweet(50, "Von Bob", by=user(7, "bob"))
    again = tweet(110, "RT @bob: Von Bob")
    again["legacy"]["retweeted_status_result"] = {"result": bob}
    quote = {**tweet(109, "Seht mal", quoted_status_id_str="50"), "quoted_status_result": {"result": bob}}
    birds.places = [entry(110, again), entry(109, quote)]
    (page, *_) = site.feed("twitter-user", "ada").read(None, None)
    retweeted, quoted = (e.row for e in page.entries)
    assert (retweeted["is_repost"], retweeted["repost_of"], retweeted["is_quote"]) == (True, "50", False)
    assert (quoted["is_repost"], quoted["is_quote"], quoted["quote_of"]) == (False, True, "50")


def test_one_tweet_is_one_page(site):
    """And surely all there is."""
    pages = list(site.feed("twitter-tweet", "https://twitter.com/ada/status/105?s=20").read(None, None))
    assert [[e.row["id"] for e in page.entries] for page in pages] == [["105"]]
    assert (pages[0].next, pages[0].sure) == (None, True)


def test_a_search_ends_after_so_many_empty_pages(site, birds):
    """X gives new cursors without an end."""
    birds.places = [{"entryId": f"who-to-follow-{n}", "content": {}} for n in range(1000)]
    pages = list(site.feed("twitter-search", "nichts").read(None, None))
    assert (len(pages), pages[-1].next) == (EMPTY_PAGES, None)


def test_what_snscrape_warns_of_is_one_notice(site, birds, capfd):
    """And never on the screen by itself."""
    birds.places.insert(0, entry(300, None))
    birds.places.insert(0, {"entryId": "who-to-follow-1", "content": {}})
    feed = site.feed("twitter-user", "ada")
    assert len(_ids(feed)) == 8
    assert feed.notices() == (
        "snscrape warned 2 times; the first was: Skipping unrecognised entry ID: 'who-to-follow-1'",
    )
    assert capfd.readouterr() == ("", "")


WALLS = {
    "404": Answer("<html>sign in</html>", 404),
    "403": Answer('{"errors":[{"message":"Forbidden"}]}', 403, kind=JSON),
    "a page to sign in": Answer("<html>Sign in to X</html>"),
    "no token": Answer("{}", kind=JSON),
    "errors": Answer('{"errors":[{"code":215}]}', kind=JSON),
    "empty": Answer('{"data":{}}', kind=JSON),
}


@pytest.mark.parametrize("wall", WALLS.values(), ids=WALLS)
@pytest.mark.parametrize(
    ("scraper", "target"), [(scraper, target) for scraper, target, _ in LISTS] + [("twitter-tweet", "1")]
)
def test_the_login_wall_gets_its_sentence(site, wall, scraper, target):
    """It names what is known of it, and the ways that work."""
    site.answer = lambda asked: wall
    with pytest.raises(InputError) as raised:
        site.feed(scraper, target).profile()
    said = str(raised.value)
    for words in ("login wall", "issue 996", "collect x-archive", "collect file", "collect x-api"):
        assert words in said


def test_the_login_wall_behind_the_profile_gets_its_sentence(site, birds):
    """X may still show an account, and none of its posts."""
    true = birds.answer
    site.answer = lambda asked: Answer("", 404) if asked.path.endswith("SearchTimeline") else true(asked)
    feed = site.feed("twitter-user", "ada")
    assert feed.profile().author == "ada"
    with pytest.raises(InputError, match="login wall"):
        _ids(feed)


def test_a_login_wall_further_down_keeps_what_was_read(site, birds):
    """The pages above it have been given."""
    true = birds.answer
    site.answer = lambda asked: Answer("", 404) if "DOWN-3" in asked.query.get("variables", "") else true(asked)
    pages = site.feed("twitter-user", "ada").read(None, None)
    assert len(next(pages).entries) == 3
    with pytest.raises(InputError, match="login wall"):
        next(pages)


@pytest.mark.parametrize("account", [{"__typename": "UserUnavailable"}, None], ids=["suspended", "unknown"])
def test_an_account_that_x_does_not_show_gets_its_sentence(site, birds, account):
    """Suspended, or one that never was."""
    birds.account = account
    with pytest.raises(InputError, match="X shows no account 'ada'"):
        site.feed("twitter-user", "ada").profile()


def test_a_private_account_gets_its_sentence(site, birds):
    """Its posts are for its followers."""
    birds.account = user(protected=True)
    with pytest.raises(InputError, match="The account 'ada' is private"):
        site.feed("twitter-user", "ada").profile()


def test_a_tweet_that_snscrape_cannot_read_ends_the_page_there(site, birds):
    """What stands above it is given, and the sentence says which page it was."""
    del birds.places[4]["content"]["itemContent"]["tweet_results"]["result"]["legacy"]["lang"]
    pages = site.feed("twitter-search", "vögel").read(None, None)
    next(pages)
    broken = next(pages)
    assert [e.place for e in broken.entries] == [105]
    with pytest.raises(InputError, match=r"twitter-search can't read https://twitter\.com/i/api.*\(KeyError: 'lang'\)"):
        next(pages)
    birds.places[4] = entry(104, tweet(104, "wieder heil"))
    assert _ids(site.feed("twitter-search", "vögel"), broken.next) == ["105", "104", "103", "102", "101"]


def test_a_rate_limit_is_waited_for(site):
    """As long as X says."""
    site.instead.extend([None, Answer("", 429, headers={"x-rate-limit-reset": "0.01"})])
    assert len(_ids(site.feed("twitter-user", "ada"))) == 8
