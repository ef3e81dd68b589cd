"""The real scraper of Mastodon 3's profile pages, over real sockets, against pages invented for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from curation.errors import InputError
from curation.sources.feed import CursorExpiredError
from curation.sources.records.mastodon_posts import row_of_status
from curation.sources.snscrape_feed import SnscrapeFeed
from tests.sources.snscrape_loopback import Answer, Site, serving
from tests.sources.snscrape_sites import Profile3


@pytest.fixture
def profile() -> Profile3:
    """Seven toots and a boost, in three pages."""
    profile = Profile3()
    for number in (101, 102, 103, 105, 106, 107, 108):
        profile.toot(number, f"<p>Toot {number} über den Mond</p>")
    profile.toot(104, "<p>Von nebenan</p>", prepend=profile.boosted(), of="bob@other.example")
    return profile


@pytest.fixture
def site(profile: Profile3) -> Iterator[Site]:
    """A server with this profile alone."""
    with serving() as site:
        site.answer = profile.answer
        yield site


ACCOUNT = "@ada@example.social"


def _ids(feed: SnscrapeFeed, cursor: str | None = None) -> list[str]:
    return [entry.row["id"] for page in feed.read(cursor, None) for entry in page.entries]


def _rows(site: Site) -> list[dict]:
    return [e.row for page in site.feed("mastodon-profile", ACCOUNT).read(None, None) for e in page.entries]


def test_a_profile_comes_page_by_page(site):
    """With its answers, down to its first toot; a boost has no place of its own."""
    pages = list(site.feed("mastodon-profile", ACCOUNT).read(None, None))
    assert [[e.place for e in page.entries if not e.pinned] for page in pages] == [
        [108, 107, 106],
        [105, 103],
        [102, 101],
    ]
    assert (pages[-1].next, pages[-1].sure) == (None, True)
    assert site.paths() == ["/@ada/with_replies"] * 3


def test_every_cursor_gives_the_rest_and_nothing_twice(site):
    """A new run goes on at the address of the page below."""
    everything, above = _ids(site.feed("mastodon-profile", ACCOUNT)), []
    assert len(everything) == len(set(everything)) == 8
    for page in site.feed("mastodon-profile", ACCOUNT).read(None, None):
        above += [entry.row["id"] for entry in page.entries]
        if page.next:
            assert above + _ids(site.feed("mastodon-profile", ACCOUNT), page.next) == everything


def test_a_toot_is_the_same_post_as_in_the_api(site, profile):
    """Id, author, time and text agree, so it counts once however it was collected."""
    html = (
        '<p>Erste Zeile<br>zweite <a class="mention hashtag" href="https://example.social/tags/mond">#<span>mond</span>'
        '</a></p><p><a href="https://example.org/lang/und/weiter"><span class="invisible">https://</span><span '
        'class="ellipsis">example.org/lang/und</span><span class="invisible">/weiter</span></a> '
        '<img alt=":blobcat:" class="emojione custom-emoji" src="/b.png"> &amp; mehr</p>'
    )
    profile.entries = {}
    profile.toot(120, html, warning="Mond")
    (row,) = _rows(site)
    status = {
        "id": "120", "uri": "https://example.social/users/ada/statuses/120", "url": "https://example.social/@ada/120",
        "account": {"acct": "ada", "display_name": "Ada 🦊", "url": "https://example.social/@ada"},
        "created_at": "2022-05-04T10:00:00.000Z", "spoiler_text": "Mond", "reblog": None, "visibility": "public",
        "content": html.replace('<img alt=":blobcat:" class="emojione custom-emoji" src="/b.png">', ":blobcat:"),
    }  # fmt: skip
    same = row_of_status(status, "example.social")
    for column in ("platform", "id", "author", "author_name", "created_at", "text", "text_format", "is_repost", "url"):
        assert row[column] == same[column], column
    assert "\nzweite #mond\n\nhttps://example.org/lang/und/weiter :blobcat: & mehr" in row["text"]


def test_a_boost_names_its_original(site):
    """The page knows neither its number nor its time."""
    (boost,) = [row for row in _rows(site) if row["is_repost"]]
    original = "https://other.example/users/bob/statuses/104"
    assert (boost["id"], boost["repost_of"]) == (f"{original}#repost:ada@example.social", original)
    assert (boost["author"], boost["text"], boost["created_at"]) == ("ada@example.social", "Von nebenan", None)


def test_a_toot_of_the_profile_says_nothing_of_answers(site):
    """An answer is not told from other toots, so nobody knows."""
    assert {row.get("is_reply") for row in _rows(site)} == {None}


def test_an_old_server_has_no_list_with_answers(site, profile):
    """Then the list without them is read, page by page as well, and a notice says so."""
    profile.with_replies = False
    feed = site.feed("mastodon-profile", ACCOUNT)
    assert len(_ids(feed)) == 8
    assert any("cannot retrieve reply toots" in notice for notice in feed.notices())
    first = next(iter(site.feed("mastodon-profile", ACCOUNT).read(None, None)))
    assert len(_ids(site.feed("mastodon-profile", ACCOUNT), first.next)) == 5


def test_an_unknown_account_gets_its_sentence(site):
    """The server answers 404 twice."""
    with pytest.raises(InputError, match=r"There is no account 'nobody@example\.social'"):
        site.feed("mastodon-profile", "@nobody@example.social").profile()


def test_a_server_of_version_4_is_told_apart(site):
    """Its pages are empty without a browser; its API is not."""
    site.answer = lambda asked: Answer("<html><body><div id='mastodon'></div></body></html>")
    with pytest.raises(InputError, match=r"collect mastodon ada@example\.social"):
        site.feed("mastodon-profile", ACCOUNT).profile()


def test_a_page_that_is_gone_expires_its_cursor(site):
    """The gap is begun again from its other end."""
    site.instead.append(Answer("gone", 410))
    with pytest.raises(CursorExpiredError):
        _ids(site.feed("mastodon-profile", ACCOUNT), "https://example.social/@ada/with_replies?max_id=103")


def test_a_cursor_can_be_made_of_a_place(site):
    """Mastodon pages by number."""
    feed = site.feed("mastodon-profile", ACCOUNT)
    assert _ids(feed, feed.cursor_below(103)) == [f"https://example.social/users/ada/statuses/{n}" for n in (102, 101)]


def test_a_redirect_to_another_host_is_not_followed(site):
    """It names that host, which the user may ask for by name."""
    site.answer = lambda asked: Answer(status=302, headers={"Location": "https://evil.example/@ada/with_replies"})
    with pytest.raises(InputError, match=r"https://evil\.example/"):
        site.feed("mastodon-profile", ACCOUNT).profile()
    assert len(site.asked) == 1


def test_requests_stand_apart(site, monkeypatch):
    """By the three seconds that snscrape leaves between two requests to a server of Mastodon."""
    slept: list[float] = []
    monkeypatch.setattr("curation.sources.scraping.listing.time.sleep", slept.append)
    feed = SnscrapeFeed("mastodon-profile", ACCOUNT, base_url=site.address)
    assert len(_ids(feed)) == 8
    assert [round(seconds) for seconds in slept if seconds > 0.5] == [3, 3]
