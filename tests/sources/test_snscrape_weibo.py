"""The real scraper of Weibo's users, over real sockets, against answers invented for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from curation.errors import InputError
from curation.sources.scraping.posts import weibo_time
from curation.sources.snscrape_feed import SnscrapeFeed
from tests.sources.snscrape_loopback import Answer, Site, serving
from tests.sources.snscrape_sites import WEIBO_NOTHING, Weibo


@pytest.fixture
def weibo() -> Weibo:
    """Seven posts, an old one of them pinned."""
    weibo = Weibo(pinned=1)
    for number in range(1, 8):
        weibo.post(number, f"月亮上的第{number}封信")
    return weibo


@pytest.fixture
def site(weibo: Weibo) -> Iterator[Site]:
    """Weibo, with this user alone."""
    with serving() as site:
        site.answer = weibo.answer
        yield site


USER = "1234567890"


def _ids(feed: SnscrapeFeed, cursor: str | None = None) -> list[str]:
    return [entry.row["id"] for page in feed.read(cursor, None) for entry in page.entries]


def _only(site: Site, weibo: Weibo) -> dict:
    (page,) = site.feed("weibo-user", USER).read(None, None)
    (entry,) = page.entries
    return entry.row


@pytest.mark.parametrize("target", [USER, "https://m.weibo.cn/u/1234567890", "moonpost", "@moonpost"])
def test_a_user_comes_with_the_posts_that_the_profile_counts(site, target):
    """By number, by address or by name."""
    feed = site.feed("weibo-user", target)
    profile = feed.profile()
    assert (profile.author, profile.author_id, profile.expected) == ("月亮邮局", USER, 7)
    assert _ids(feed) == ["1", "7", "6", "5", "4", "3", "2"]


def test_a_pinned_post_says_nothing_of_how_far_down_the_page_is(site):
    """It stands on top though it is the oldest."""
    first = next(iter(site.feed("weibo-user", USER).read(None, None)))
    assert [(e.place, e.pinned) for e in first.entries] == [(1, True), (7, False), (6, False), (5, False)]
    assert (first.highest, first.lowest) == (7, 5)


@pytest.mark.parametrize("target", [USER, "moonpost"])
def test_every_cursor_gives_the_rest_and_nothing_twice(site, target):
    """A new run goes on at the address of the page below."""
    everything, above = _ids(site.feed("weibo-user", target)), []
    for page in site.feed("weibo-user", target).read(None, None):
        above += [entry.row["id"] for entry in page.entries]
        if page.next:
            assert above + _ids(site.feed("weibo-user", target), page.next) == everything
    assert len(everything) == 7


def test_a_cursor_of_another_user_is_not_asked(site):
    """The list that a cursor belongs to shows in its address."""
    first = next(iter(site.feed("weibo-user", USER).read(None, None)))
    asked = len(site.asked)
    with pytest.raises(InputError, match="is no page of the list"):
        _ids(site.feed("weibo-user", "999"), first.next)
    assert len(site.asked) == asked


def test_a_text_is_what_people_see(site, weibo):
    """Line breaks and emoji stay, of a link the words, and references are decoded; snscrape strips all of these."""
    weibo.posts, weibo.pinned = {}, None
    weibo.post(
        9,
        '早安<br />世界 &amp; 月亮 <span class="url-icon"><img alt=[笑cry] src="https://example.com/x.png" style="w" />'
        '</span><a href="https://m.weibo.cn/search?q=x"><span class="surl-text">#月亮 日记#</span></a>',
    )
    row = _only(site, weibo)
    assert row["text"] == "早安\n世界 & 月亮 [笑cry]#月亮 日记#"
    assert (row["platform"], row["id"], row["text_format"]) == ("weibo", "9", "plain")
    assert row["created_at"] == datetime(2024, 5, 1, 12, 7, 25, tzinfo=UTC)
    assert (row["like_count"], row["repost_count"]) == (5, None)
    assert (row["is_repost"], row["is_quote"]) == (False, False)


@pytest.mark.parametrize(("said", "repost"), [("转发微博", True), ("说得好", False)])
def test_passing_on_without_a_word_is_a_repost(site, weibo, said, repost):
    """With words of one's own it is a quote."""
    weibo.posts, weibo.pinned = {}, None
    weibo.post(8, "原来的话")
    original = weibo.posts.pop(8)
    weibo.post(9, said, retweeted_status=original)
    row = _only(site, weibo)
    assert (row["is_repost"], row["repost_of"]) == (repost, "8" if repost else None)
    assert (row["is_quote"], row["quote_of"]) == (not repost, None if repost else "8")
    assert row["text"] == ("原来的话" if repost else said)


def test_a_text_that_the_list_cuts_is_counted(site, weibo):
    """Weibo's list shows the beginning of a long post."""
    weibo.posts, weibo.pinned = {}, None
    weibo.post(9, '很长的信...<a href="/status/9">全文</a>')
    feed = site.feed("weibo-user", USER)
    assert _ids(feed) == ["9"]
    assert _ids(feed) == ["9"]
    assert any(notice.endswith("ends with 全文: 1 post.") for notice in feed.notices())


def test_nothing_yet_is_asked_again(site):
    """Weibo says so now and then in the middle of a list."""
    site.instead.extend([None, Answer(WEIBO_NOTHING, kind="application/json")])
    assert len(_ids(site.feed("weibo-user", USER))) == 7


def test_nothing_again_and_again_ends_the_list_and_is_not_sure(site):
    """The caller asks again before it believes that."""
    site.instead.extend([None, *[Answer(WEIBO_NOTHING, kind="application/json")] * 3])
    pages = list(site.feed("weibo-user", USER).read(None, None))
    assert [len(page.entries) for page in pages] == [4, 0]
    assert (pages[-1].next, pages[-1].sure) == (None, False)


def test_an_unknown_user_gets_a_sentence(site):
    """Weibo's page of the name says so."""
    with pytest.raises(InputError, match="There is no user 'nobody' on Weibo"):
        site.feed("weibo-user", "nobody").profile()


def test_an_unknown_number_gets_the_same(site):
    """Weibo answers without an account."""
    site.answer = lambda asked: Answer(WEIBO_NOTHING, kind="application/json")
    with pytest.raises(InputError, match="There is no user '99' on Weibo"):
        site.feed("weibo-user", "99").profile()


def test_an_answer_of_another_shape_is_no_traceback(site):
    """Such as the demand to log in."""
    site.answer = lambda asked: Answer('{"ok":-100,"url":"https://passport.weibo.com/"}', kind="application/json")
    with pytest.raises(InputError, match=r"weibo-user can't read https://m\.weibo\.cn/api"):
        site.feed("weibo-user", USER).profile()
    with pytest.raises(InputError, match="KeyError"):
        _ids(site.feed("weibo-user", USER))


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("刚刚", "2024-05-02T03:00:00"),
        ("5分钟前", "2024-05-02T02:55:00"),
        ("2小时前", "2024-05-02T01:00:00"),
        ("今天 08:15", "2024-05-02T00:15:00"),
        ("昨天 23:59", "2024-05-01T15:59:00"),
        ("04-30", "2024-04-29T16:00:00"),
        ("2020-01-02", "2020-01-01T16:00:00"),
        ("Wed May 01 20:07:25 +0800 2024", "2024-05-01T12:07:25"),
    ],
)
def test_times_are_read_as_china_writes_them(written, time):
    """Those that say how long ago are counted from when they were read."""
    read = weibo_time(written, datetime(2024, 5, 2, 3, tzinfo=UTC))
    assert read is not None
    assert read.isoformat() == f"{time}+00:00"


@pytest.mark.parametrize("written", ["", None, 17, "13-45", "昨天 25:99", "neulich"])
def test_a_time_that_is_none_is_left_out(written):
    """The post lands without one."""
    assert weibo_time(written, datetime(2024, 5, 2, 3, tzinfo=UTC)) is None
